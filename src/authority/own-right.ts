import type { Sentence } from '../base/sentence.ts';
import { requiredFor } from '../register/conditions.ts';
import { asList, type Register, type Transition } from '../register/register.ts';
import { deedSaid, whoSaid } from '../register/said.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, admittedAs, type Relations, type Who } from '../register/who.ts';
import type { Subject } from './circumstances.ts';
import { deed, type Refusal, refusal } from './refusal.ts';

/** Answer to "may I": in which capacity, or why not. */
export type Admission = { as: Who } | Refusal;

export const isRefusal = (a: object): a is Refusal => 'said' in a && 'code' in a;

export const notFor = (register: Register, who: readonly Who[], deed: Sentence): Refusal =>
  refusal('notForYou', { deed, who: whoSaid(who, register.whoLabels) });

/** May the actor edit this record now, by their own right? */
export function ownEdit(actor: Actor, register: Register, record: Subject): Admission {
  const as = admittedAs(actor, register.permissions.edit, record.relations);
  if (!as) return notFor(register, register.permissions.edit, deed('edit', { ref: record.ref }));
  if (register.locked.includes(record.state))
    return refusal('locked', { ref: record.ref, state: record.state });
  return { as };
}

/**
 * Whoever decides by their part in a linked record must have that part in all of them: otherwise one more link, to a
 * record of one's own making, would choose who may approve.
 */
export function deciding(record: Subject): Relations {
  const paths = Object.entries(record.relations.paths).map(([path, people]): [string, readonly string[]] => {
    // The record names these people itself.
    if (path.startsWith('self.')) return [path, people];
    const linked = record.links[path.slice(0, path.indexOf('.'))]?.length ?? 0;
    return [path, people.filter((p) => people.filter((other) => other === p).length === linked)];
  });
  return { ...record.relations, paths: Object.fromEntries(paths) };
}

/** May the actor take this step now, by their own right? What is missing from the record is told by `missingFor`. */
export function ownStep(
  actor: Actor,
  register: Register,
  record: Subject,
  name: string,
  t: Transition,
): Admission {
  const as = admittedAs(actor, asList(t.by), t.decision ? deciding(record) : record.relations);
  if (!as) return notFor(register, asList(t.by), deedSaid(name, t, record.ref));
  const { ref, state } = record;
  if (!asList(t.from).includes(state))
    return refusal('otherState', {
      ref,
      state,
      step: deedSaid(name, t, 'it'),
      from: { join: 'or', items: asList(t.from) },
    });
  if (t.separate && record.authors.includes(actor.ref))
    return refusal('ownWork', { ref, who: whoSaid(asList(t.by), register.whoLabels) });
  return { as };
}

/**
 * Names of fields and links that the step requires and the contents lack; what a check finds has to be told each time, and what the program proposed is not there
 * before somebody has made it their own.
 */
export function missingFor(register: Register, t: Transition, c: Contents, untold = t.finds ?? []): string[] {
  return requiredFor(t, c.values).filter(
    (n) => untold.includes(n) || !isFilled(c, n) || isProposed(register, c, n),
  );
}

/** Is the text still the one that the program proposed? */
export const isProposed = ({ fields }: Register, { values }: Contents, name: string): boolean => {
  const { proposed } = fields[name] ?? {};
  return (
    proposed !== undefined &&
    String(values[name] ?? '')
      .trimStart()
      .startsWith(proposed)
  );
};

/** Is there anything in this field or link? */
export function isFilled(c: Contents, name: string): boolean {
  const v = c.values[name];
  const filled = Array.isArray(v) ? v.length > 0 : v !== undefined && v !== null && v !== '';
  return filled || (c.links[name]?.length ?? 0) > 0;
}
