import { isRefusal, notFor } from '../../authority/own-right.ts';
import { deed, type Refusal } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failed } from '../../base/refusals.ts';
import type { Sentence } from '../../base/sentence.ts';
import type { Register, Transition } from '../../register/register.ts';
import { manySaid, notThere } from '../../register/said.ts';
import { type Actor, admittedAs, type Who } from '../../register/who.ts';
import type { Asking } from '../context.ts';

/** The admission, or the refusal thrown. */
export function demand<A extends object>(answer: A | Refusal): A {
  if (isRefusal(answer)) throw failed(answer);
  return answer;
}

/** May the actor read this register? */
export const mayRead = (actor: Actor, register: Register): boolean =>
  admittedAs(actor, register.permissions.read) !== undefined;

/** Refuses whoever may not read this register. */
export function demandRead(ask: Asking, register: Register): void {
  if (!mayRead(ask.actor, register))
    throw failed(notFor(register, register.permissions.read, deed('read', { register: manySaid(register) })));
}

/** Why nothing can be done to a record that is not there: whoever may not read the register is told what they would be told if it were. */
export function absent(
  actor: Actor,
  register: Register,
  ref: string,
  who: readonly Who[],
  deed: (ref: string) => Sentence,
): Failure {
  if (mayRead(actor, register)) return notThere(register, ref);
  return failed(notFor(register, who, deed(ref.slice(0, 40))));
}

/** The step of this name; NO_SUCH_TRANSITION names those there are. */
export function transitionOf(register: Register, name: string): Transition {
  const t = Object.hasOwn(register.transitions, name) ? register.transitions[name] : undefined;
  if (t) return t;
  throw new Failure(
    'NO_SUCH_TRANSITION',
    `${register.label.one} has no transition ${JSON.stringify(name.slice(0, 60))}; it has ${Object.keys(register.transitions).join(', ')}.`,
  );
}
