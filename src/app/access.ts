import { Failure } from '../base/failure.ts';
import { inSentence, transitionLabel } from '../register/describe.ts';
import { asList, type Register, type Registry, type Transition } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, admittedAs, type Relations, type Who, whoText } from '../register/who.ts';
import type { StoredWithRelations } from '../store/records.ts';

/** Answer to "may I": in which capacity, or why not. */
export type Admission = { as: Who } | { why: string; code: 'NOT_ALLOWED' | 'OWN_WORK' | 'WRONG_STATE' };

const denied = (register: Register, who: readonly Who[], deed: string): Exclude<Admission, { as: Who }> => ({
  code: 'NOT_ALLOWED',
  why: `You may not ${deed}: that is for ${whoText(who, register.whoLabels)}.`,
});

/** May the actor edit this record now? */
export function mayEdit(actor: Actor, register: Register, record: StoredWithRelations): Admission {
  const as = admittedAs(actor, register.permissions.edit, record.relations);
  if (!as) return denied(register, register.permissions.edit, `edit ${record.ref}`);
  if (register.locked.includes(record.state))
    return { code: 'WRONG_STATE', why: `${record.ref} is ${record.state} and can no longer be edited.` };
  return { as };
}

/**
 * Whoever decides by their part in a linked record must have that part in all of them: otherwise one more link, to a
 * record of one's own making, would choose who may approve.
 */
export function deciding(record: StoredWithRelations): Relations {
  const paths = Object.entries(record.relations.paths).map(([path, people]): [string, readonly string[]] => {
    // The record names these people itself.
    if (path.startsWith('self.')) return [path, people];
    const linked = record.links[path.slice(0, path.indexOf('.'))]?.length ?? 0;
    return [path, people.filter((p) => people.filter((other) => other === p).length === linked)];
  });
  return { ...record.relations, paths: Object.fromEntries(paths) };
}

/** May the actor carry out this transition now? What is missing from the record is told by `missingFor`. */
export function mayTransit(
  actor: Actor,
  register: Register,
  record: StoredWithRelations,
  name: string,
  t: Transition,
): Admission {
  const deed = `${transitionLabel(name, t.label).toLowerCase()} ${record.ref}`;
  const as = admittedAs(actor, asList(t.by), t.decision ? deciding(record) : record.relations);
  if (!as) return denied(register, asList(t.by), deed);
  if (!asList(t.from).includes(record.state))
    return {
      code: 'WRONG_STATE',
      why: `${record.ref} is ${record.state}; to ${transitionLabel(name, t.label).toLowerCase()} it must be ${asList(t.from).join(' or ')}.`,
    };
  if (t.separate && record.authors.includes(actor.ref))
    return {
      code: 'OWN_WORK',
      why: `You worked on ${record.ref} yourself: nobody approves their own work. Ask ${whoText(asList(t.by), register.whoLabels)}.`,
    };
  return { as };
}

/** Names of fields and links that the transition requires and the contents lack; what a check finds has to be told each time. */
export function missingFor(t: Transition, c: Contents, untold = t.finds ?? []): string[] {
  return (t.requires ?? []).filter((n) => untold.includes(n) || !isFilled(c, n));
}

/** Is there anything in this field or link? */
export function isFilled(c: Contents, name: string): boolean {
  const v = c.values[name];
  const filled = Array.isArray(v) ? v.length > 0 : v !== undefined && v !== null && v !== '';
  return filled || (c.links[name]?.length ?? 0) > 0;
}

export function demand<A extends { as: Who }>(admission: A | Exclude<Admission, { as: Who }>): A {
  if ('as' in admission) return admission;
  throw new Failure(admission.code, admission.why);
}

/** May the actor read this register? */
export const mayRead = (actor: Actor, register: Register): boolean =>
  admittedAs(actor, register.permissions.read) !== undefined;

/** Names and prefixes of the registers that the actor may not read, as the database wants them: see `Database.as`. */
export const closedTo = (registry: Registry, actor: Actor): string[] =>
  registry.all.filter((r) => !mayRead(actor, r)).flatMap((r) => [r.name, r.prefix]);

/** Why nothing can be done to a record that is not there: whoever may not read the register is told what they would be told if it were. */
export function absent(
  actor: Actor,
  register: Register,
  ref: string,
  who: readonly Who[],
  deed: string,
): Failure {
  if (mayRead(actor, register))
    return new Failure('NOT_FOUND', `There is no ${inSentence(register.label.one)} ${ref.slice(0, 40)}.`);
  const { code, why } = denied(register, who, `${deed} ${ref.slice(0, 40)}`);
  return new Failure(code, why);
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
