import { asList, type Register } from '../../register/register.ts';
import { admittedAs, holds } from '../../register/who.ts';
import type { Whose } from './rule.ts';

/** May the person, and whoever asks for them, read the register? */
export const isOpen = (w: Whose, register: Register): boolean =>
  w.registers.some((r) => r.name === register.name);

/** Whether the person is told of what nobody handles yet: AIMS managers who may take the first step. */
export function handsOut({ person }: Whose, register: Register): boolean {
  const first = Object.values(register.transitions).find((t) => asList(t.from).includes(register.states[0]!));
  return (
    first !== undefined && holds(person, 'aimsManager') && admittedAs(person, asList(first.by)) !== undefined
  );
}
