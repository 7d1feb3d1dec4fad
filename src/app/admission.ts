import type { Register, Transition } from '../register/register.ts';
import type { Actor, Who } from '../register/who.ts';
import { registers } from '../registers/index.ts';
import type { StoredWithRelations } from '../store/records.ts';
import { type Admission, mayEdit, mayTransit } from './access.ts';
import { type Circumstances, type Delegation, highOf, modeFor, readCircumstances } from './circumstances.ts';
import type { App, Asking } from './context.ts';

/** How somebody was let in: in which capacity, for whom, and whether alone. */
export interface Admitted {
  as: Who;
  /** Whoever lent the capacity. */
  onBehalfOf?: string;
  manner?: 'alone';
  /** The record as the capacity sees it: with the delegate in the places of the delegator. */
  record: StoredWithRelations;
}

export type Answer = Admitted | Exclude<Admission, { as: Who }>;

/** The answer of the declaration alone. */
export const ofOwnRight = (a: Admission, record: StoredWithRelations): Answer =>
  'as' in a ? { as: a.as, record } : a;

/** How long the only person waits before deciding on their own work. */
export const ALONE_AFTER_HOURS = 24;

/** Does a denial leave room for a delegation, or for deciding alone? */
const open = (actor: Actor, a: Admission): boolean =>
  'why' in a && a.code !== 'WRONG_STATE' && actor.kind === 'person';

/** May the actor carry out this transition, by their own right, by one lent to them, or alone? Asks the database only when not by their own. */
export async function admit(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
  name: string,
  t: Transition,
): Promise<Answer> {
  const plain = mayTransit(ask.actor, register, record, name, t);
  if (!open(ask.actor, plain)) return ofOwnRight(plain, record);
  const c = await readCircumstances(app, ask, register, record);
  return admitWith(ask.actor, register, record, name, t, c, app.clock.now());
}

/** The same, the circumstances being known. */
export function admitWith(
  actor: Actor,
  register: Register,
  record: StoredWithRelations,
  name: string,
  t: Transition,
  c: Circumstances,
  now: Date,
): Answer {
  const plain = mayTransit(actor, register, record, name, t);
  if ('as' in plain || !open(actor, plain)) return ofOwnRight(plain, record);
  for (const d of delegationsFor(register, c)) {
    // Nobody decides on their own work through somebody else's part, nor on the delegator's.
    if (t.decision && (record.authors.includes(actor.ref) || record.authors.includes(d.from))) continue;
    const lent = standingIn(record, d.from, actor.ref);
    const a = mayTransit(actor, register, lent, name, t);
    if ('as' in a && a.as !== 'author') return { as: a.as, onBehalfOf: d.from, record: lent };
  }
  return guestInstead(actor, register, record, t, c) ?? alone(actor, register, record, t, c, now, plain);
}

/** May the actor edit the record, by their own right or by one lent to them? */
export async function admitEdit(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
): Promise<Answer> {
  const plain = mayEdit(ask.actor, register, record);
  if (!open(ask.actor, plain)) return ofOwnRight(plain, record);
  return admitEditWith(ask.actor, register, record, await readCircumstances(app, ask, register, record));
}

export function admitEditWith(
  actor: Actor,
  register: Register,
  record: StoredWithRelations,
  c: Circumstances,
): Answer {
  const plain = mayEdit(actor, register, record);
  if ('as' in plain || !open(actor, plain)) return ofOwnRight(plain, record);
  for (const d of delegationsFor(register, c)) {
    const lent = standingIn(record, d.from, actor.ref);
    const a = mayEdit(actor, register, lent);
    if ('as' in a) return { as: a.as, onBehalfOf: d.from, record: lent };
  }
  return plain;
}

/** Delegations that reach this record. What says who answers for what is never handed on, so that no delegation is lent further. */
function delegationsFor(register: Register, c: Circumstances): Delegation[] {
  if (register.name === registers.responsibility.name) return [];
  const concerned = c.systems.map((s) => s.ref);
  return c.delegations.filter(
    (d) =>
      d.systems.length === 0 || (concerned.length > 0 && concerned.every((ref) => d.systems.includes(ref))),
  );
}

/** The record with the delegate wherever it, or what it links to, names the delegator. Who wrote it stays who wrote it. */
function standingIn(record: StoredWithRelations, from: string, to: string): StoredWithRelations {
  const { owner, author, paths } = record.relations;
  const instead = (refs: readonly string[]) => refs.map((p) => (p === from ? to : p));
  return {
    ...record,
    relations: {
      owner: owner === from ? to : owner,
      author,
      paths: Object.fromEntries(Object.entries(paths).map(([path, refs]) => [path, instead(refs)])),
    },
  };
}

/**
 * In an organisation of one person, an approver from outside may take every decision about a system that names them, also those that are
 * management's elsewhere: there is nobody else.
 */
function guestInstead(
  actor: Actor,
  register: Register,
  record: StoredWithRelations,
  t: Transition,
  c: Circumstances,
): Admitted | undefined {
  if (!t.separate || !t.decision || !c.guest || c.people !== 1) return undefined;
  if (modeFor(c, register, record) !== 'alone' || record.authors.includes(actor.ref)) return undefined;
  const asked = c.systems.length > 0 && c.systems.every((s) => s.values.approver === actor.ref);
  return asked ? { as: 'system.approver', record } : undefined;
}

/** The only person of an organisation decides on their own work, a day after its last change; the decision says so and is no approval. */
function alone(
  actor: Actor,
  register: Register,
  record: StoredWithRelations,
  t: Transition,
  c: Circumstances,
  now: Date,
  plain: Exclude<Admission, { as: Who }>,
): Answer {
  if (plain.code !== 'OWN_WORK' || !t.separate || !t.decision || c.guest) return plain;
  const more = (text: string): Answer => ({ ...plain, why: `${plain.why} ${text}` });
  const mode = modeFor(c, register, record);
  if (mode === undefined && c.people === 1)
    return more(
      'You are the only person here: take the criteria for one person. Once they are in force you may decide alone, or name a guest as approver.',
    );
  if (mode !== 'alone') return plain;
  if (c.people !== 1)
    return more('You no longer decide alone: the organisation has more than one person now.');
  const high = highOf(c);
  if (high.length > 0)
    return more(
      `You decide alone only on what is of class minimal or limited; ${high.join(', ')} is not. Name a guest as its approver.`,
    );
  const from = new Date(c.changedAt.getTime() + ALONE_AFTER_HOURS * 3_600_000);
  if (now < from)
    return more(
      `Being the only person here, you may decide it alone from ${from.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${ALONE_AFTER_HOURS} hours after the last change.`,
    );
  const own = mayTransit(actor, register, { ...record, authors: [] }, '', t);
  return 'as' in own ? { as: own.as, manner: 'alone', record } : plain;
}
