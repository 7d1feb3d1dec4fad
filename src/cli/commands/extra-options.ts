import type { Command } from 'commander';
import type { Register } from '../../register/register.ts';
import { person } from '../../registers/person.ts';

/** A member of a step's body beyond what every step has. */
interface Extra {
  member: string;
  flags: string;
  text: string;
  choices?: readonly string[];
}

const EXTRAS: Readonly<Record<string, readonly Extra[]>> = {
  [`${person.name}.depart`]: [
    {
      member: 'successor',
      flags: '--successor <ref>',
      text: 'who takes over everything they hold; needed when there is something',
    },
    {
      member: 'keys',
      flags: '--keys <what>',
      text: 'what becomes of API keys they made; needed when there are some',
      choices: ['keep', 'revoke'],
    },
  ],
};

const extrasOf = (register: Register, transition: string): readonly Extra[] =>
  EXTRAS[`${register.name}.${transition}`] ?? [];

/** Adds the options of what this step asks beyond every other. */
export function addExtraOptions(command: Command, register: Register, transition: string): void {
  for (const e of extrasOf(register, transition)) {
    const option = command.createOption(e.flags, e.text);
    command.addOption(e.choices ? option.choices(e.choices) : option);
  }
}

/** What was given of them, as members of the body. */
export const extraMembers = (
  register: Register,
  transition: string,
  o: Record<string, unknown>,
): Record<string, unknown> =>
  Object.fromEntries(
    extrasOf(register, transition).flatMap((e) =>
      o[e.member] === undefined ? [] : [[e.member, o[e.member]]],
    ),
  );
