import { type Sentence, worded } from '../base/sentence.ts';
import { transitionLabel } from '../register/describe.ts';
import { asList, type Register, type Transition } from '../register/register.ts';
import { whoSaid } from '../register/said.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, admittedAs, type Who } from '../register/who.ts';
import { aloneCounts } from './alone.ts';
import {
  type Circumstances,
  delegationsFor,
  highOf,
  modeFor,
  type Subject,
  standingIn,
} from './circumstances.ts';
import { type Admission, deciding, isRefusal, ownEdit, ownStep } from './own-right.ts';
import { type Refusal, refusal } from './refusal.ts';
import { ruledOut, rulesNeed } from './rules.ts';
import { asksSeveral, type Decided, type Several, severalOn } from './several.ts';
import { isOver, newestFirst } from './weigh.ts';

/** How somebody was let in: in which capacity, for whom, and whether alone. */
export interface Admitted<S extends Subject = Subject> {
  as: Who;
  /** Whoever lent the capacity. */
  onBehalfOf?: string;
  manner?: 'alone';
  /** The record as the capacity sees it: with the delegate in the places of the delegator. */
  record: S;
  /** Where several decide. */
  several?: Several;
}

export type Answer<S extends Subject = Subject> = Admitted<S> | Refusal;

/** What an answer depends on beside the record. What is not given is not asked: `dependsOn` says what a step needs. */
export interface TakeFacts {
  now: Date;
  circumstances?: Circumstances | undefined;
  decided?: Decided | undefined;
  /** The record as the step would leave it; as it is, unless told. */
  contents?: Contents;
}

/** How long the only person waits before deciding on their own work. */
export const ALONE_AFTER_HOURS = 24;

/** Does a refusal leave room for a delegation, or for deciding alone? */
const leavesRoom = (actor: Actor, a: Admission): boolean =>
  isRefusal(a) && a.code !== 'WRONG_STATE' && actor.kind === 'person';

/** What must be known of the circumstances, and of earlier decisions, before it can be said whether somebody may take a step. */
export function dependsOn(
  actor: Actor,
  register: Register,
  record: Subject,
  name: string,
  t: Transition,
): { circumstances: boolean; decided: boolean } {
  const own = ownStep(actor, register, record, name, t);
  const open = leavesRoom(actor, own);
  if (isRefusal(own) && !open) return { circumstances: false, decided: false };
  const several = asksSeveral(t);
  return {
    circumstances: open || several || rulesNeed(register, name, 'circumstances'),
    decided:
      rulesNeed(register, name, 'decided') ||
      (t.decision !== undefined && (several || t.to === record.state)),
  };
}

/**
 * May this person take this step on this record now, by their own right, by one lent to them, or alone: the one answer, for pages, writes, bulk and
 * what waits for somebody. What the step requires and is missing is told by `missingFor`.
 */
export function mayTake<S extends Subject>(
  actor: Actor,
  register: Register,
  name: string,
  record: S,
  facts: TakeFacts,
): Answer<S> {
  const t = register.transitions[name]!;
  const admitted = admittedTo(actor, register, name, t, record, facts);
  if (isRefusal(admitted)) return admitted;
  if (actor.kind === 'apiKey' && (t.decision || t.signed))
    return refusal(t.decision ? 'personDecides' : 'personSigns', {
      step: stepFirst(name, t),
    });
  const out = ruledOut(actor, register, name, t, record, facts);
  if (out) return out;
  return t.decision ? notTwice(actor, register, t, admitted, facts) : admitted;
}

/** May the actor edit the record, by their own right or by one lent to them? */
export function mayEdit<S extends Subject>(
  actor: Actor,
  register: Register,
  record: S,
  c?: Circumstances,
): Answer<S> {
  const own = ownEdit(actor, register, record);
  if (!isRefusal(own)) return { as: own.as, record };
  if (!c || !leavesRoom(actor, own)) return own;
  for (const d of delegationsFor(register, c)) {
    const lent = standingIn(record, d.from, actor.ref);
    const a = ownEdit(actor, register, lent);
    if (!isRefusal(a)) return { as: a.as, onBehalfOf: d.from, record: lent };
  }
  return own;
}

/** Would the circumstances change the answer to `mayEdit`? */
export const editDependsOn = (actor: Actor, register: Register, record: Subject): boolean =>
  leavesRoom(actor, ownEdit(actor, register, record));

function admittedTo<S extends Subject>(
  actor: Actor,
  register: Register,
  name: string,
  t: Transition,
  record: S,
  { circumstances: c, now }: TakeFacts,
): Answer<S> {
  const own = ownStep(actor, register, record, name, t);
  if (!isRefusal(own)) return { as: own.as, record };
  if (!c || !leavesRoom(actor, own)) return own;
  for (const d of delegationsFor(register, c)) {
    // Nobody decides on their own work through somebody else's part, nor on the delegator's.
    if (t.decision && (record.authors.includes(actor.ref) || record.authors.includes(d.from))) continue;
    const lent = standingIn(record, d.from, actor.ref);
    const a = ownStep(actor, register, lent, name, t);
    if (!isRefusal(a) && a.as !== 'author') return { as: a.as, onBehalfOf: d.from, record: lent };
  }
  return guestInstead(actor, register, t, record, c) ?? alone(actor, register, name, t, record, c, now, own);
}

/**
 * In an organisation of one person, an approver from outside may take every decision about a system that names them, also those that are
 * management's elsewhere: there is nobody else.
 */
function guestInstead<S extends Subject>(
  actor: Actor,
  register: Register,
  t: Transition,
  record: S,
  c: Circumstances,
): Admitted<S> | undefined {
  if (!t.separate || !t.decision || !c.guest || c.people !== 1) return undefined;
  if (modeFor(c, register, record) !== 'alone' || record.authors.includes(actor.ref)) return undefined;
  if (!asList(t.from).includes(record.state)) return undefined;
  const asked = c.systems.length > 0 && c.systems.every((s) => s.values.approver === actor.ref);
  return asked ? { as: 'system.approver', record } : undefined;
}

/** The only person of an organisation decides on their own work, a day after its last change; the decision says so and is no approval. */
function alone<S extends Subject>(
  actor: Actor,
  register: Register,
  name: string,
  t: Transition,
  record: S,
  c: Circumstances,
  now: Date,
  own: Refusal,
): Answer<S> {
  if (own.id !== 'ownWork' || !t.separate || !t.decision || c.guest) return own;
  const mode = modeFor(c, register, record);
  const params = { ref: record.ref, who: whoSaid(asList(t.by), register.whoLabels) };
  if (mode === undefined && c.people === 1) return refusal('ownWorkWithoutCriteria', params);
  if (mode !== 'alone') return own;
  if (c.people !== 1) return refusal('ownWorkNoLongerAlone', params);
  const classes = c.systems.map((s) => s.values.riskClass);
  if (!aloneCounts({ onePerson: true, mode, classes }))
    return refusal('ownWorkOfHighClass', {
      ...params,
      systems: { join: 'comma', items: highOf(c) },
    });
  const from = new Date(c.changedAt.getTime() + ALONE_AFTER_HOURS * 3_600_000);
  if (now < from)
    return refusal('ownWorkTooEarly', {
      ...params,
      from: from.toISOString().slice(0, 16).replace('T', ' '),
      hours: ALONE_AFTER_HOURS,
    });
  const a = ownStep(actor, register, { ...record, authors: [] }, name, t);
  return isRefusal(a) ? own : { as: a.as, manner: 'alone', record };
}

/** Nobody decides the same on the same content twice, nor before those that are to decide first. */
function notTwice<S extends Subject>(
  actor: Actor,
  register: Register,
  t: Transition,
  admitted: Admitted<S>,
  facts: TakeFacts,
): Answer<S> {
  const { circumstances: c, decided } = facts;
  if (!decided) return admitted;
  const today = facts.now.toISOString().slice(0, 10);
  const { record, onBehalfOf } = admitted;
  const several = c && severalOn(t, register, record, c, decided, today);
  if (!several) return t.to === record.state ? notAgain(actor, t, admitted, decided, today) : admitted;
  const mine = [actor.ref, ...(onBehalfOf ? [onBehalfOf] : [])];
  if (several.agreed.some((a) => a.voices.some((v) => mine.includes(v))))
    return refusal('decidedOfSeveral', {
      who: onBehalfOf ? 'delegated' : 'other',
      decided: several.agreed.length,
      needed: several.needed,
      next: several.next,
    });
  if (!several.turn) return { ...admitted, several };
  const as = admittedAs(actor, [several.turn], deciding(record));
  return as
    ? { ...admitted, as, several }
    : refusal('notYourTurn', { who: whoSaid([several.turn], register.whoLabels), ref: record.ref });
}

/** The same person deciding the same thing on the same contents twice adds nothing; what they said last counts. */
function notAgain<S extends Subject>(
  actor: Actor,
  t: Transition,
  admitted: Admitted<S>,
  { decisions, binding }: Decided,
  today: string,
): Answer<S> {
  // Whoever decided under an earlier rule of what is covered may say it of more now.
  const last = newestFirst(decisions).find(
    (d) => d.values.by === actor.ref && d.values.subjectDigest === binding.digest,
  );
  if (!last || last.values.kind !== t.decision || isOver(last, today)) return admitted;
  return refusal('decidedAlready', {
    decision: last.ref,
    kind: String(last.values.kind),
    ref: admitted.record.ref,
  });
}

/** A step at the beginning of a sentence. */
function stepFirst(name: string, t: Transition): Sentence {
  const label = transitionLabel(name, t.label);
  return worded(`step.${name}`, label.charAt(0).toUpperCase() + label.slice(1).toLowerCase());
}
