import type { Register } from '../register/register.ts';

/** `aiSystem` -> `ai-system`: commands and options are written in small letters with dashes. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

/** Options that commands have beside those of the fields. */
const TAKEN = [
  'help',
  'profile',
  'output',
  'reason',
  'until',
  'clear',
  'if-version',
  'password',
  'password-stdin',
] as const;

/** The option of a field or link: its name, or `field-<name>` where the command has an option of that name. */
export function optionName(name: string): string {
  const k = kebab(name);
  return TAKEN.some((taken) => taken === k) ? `field-${k}` : k;
}

/** The command of a register. */
export const commandName = (register: Register): string => kebab(register.name);
