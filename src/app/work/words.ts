import { catalogue, type Sentence, worded } from '../../base/sentence.ts';
import { transitionLabel } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';
import type { Row } from '../../store/db/database.ts';
import { iso } from '../../store/records/records.ts';

/** Why something waits for somebody. */
export const why = catalogue('work', {
  due: '{field} {due}, {when}. You own it.',
  waits: 'Waiting for your decision since {since}: {step}, or not.',
  waitsAlone:
    'Waiting for your decision since {since}. It is your own work, so you decide alone, and the decision says so.',
  waitsFor:
    'Waiting for {who} since {since}: {step}, or not. They delegated this to you, so you decide for them.',
  waitsAsked:
    'Waiting for your decision since {since}: {step}, or not. You are asked as a guest, because there is only one person here.',
  ends: 'The decision it rests on ends on {ends}, {when}.',
  ended: 'The decision it rests on has ended, and nothing has replaced it.',
  stale:
    'It, or something the decision covers, changed after the decision (last on {changed}), so the decision no longer counts.',
  alone:
    'Its author decided on it alone. That no longer counts: there are other people now, the criteria no longer allow it, or the class of a system asks for two.',
  acknowledge: 'Published on {since}; you have not acknowledged this edition.',
  acknowledgeSince: 'Published since; you have not acknowledged this edition.',
  offered: 'Offered to you on {since}. It takes effect once you accept.',
  offeredFrom: 'Offered to you on {since}, from {starts}. It takes effect once you accept.',
  mentioned: '{by} mentioned you in {comment} on {since}, and it is not settled.',
  never: 'It is in use without a {what}. {demand}.',
  old: 'The newest {what} is from {held}. The next was due {when}: {demand}.',
  growsOld: 'The newest {what} is from {held}. The next is due {when}: {demand}.',
  raised: 'Raised on {since}. {mine, select, yes {You handle it} other {No one handles it yet}}.',
  raisedBy:
    'Raised on {since}. {mine, select, yes {You handle it} other {No one handles it yet}}; to be answered by {due}, {when}.',
  incident: 'Recorded on {since}. {parts}',
  emergency:
    'It is in use for {system} by an emergency decision that ends on {end} UTC. {reviewed, select, yes {The decision has been reviewed} other {The decision is still to be reviewed}}.',
  emergencyOver:
    'It is in use for {system} by an emergency decision that ended on {end} UTC. {reviewed, select, yes {The decision has been reviewed} other {The decision is still to be reviewed}}. The release never had approvals of its own.',
  gateRefused: 'The gate refused it on {day} ({gate}): {says}',
  gateInsufficient: 'The gate found checks missing on {day} ({gate}): {says}',
  refused: '{by} refused it on {day}.',
  failed: '{by} found on {day} that it did not work.',
  unrated: 'It is not rated: likelihood and all three impacts are needed.',
  ratedBefore: 'It was rated under {cited}, and {criteria} is in force now, with other scales.',
  untreated:
    'Level {level} is above the appetite of {appetite} ({criteria}), and it is neither treated nor accepted.',
  treatedAbove:
    'Level {level} is above the appetite of {appetite} ({criteria}); it is treated, and the residual risk is not accepted.',
  answer: 'Raised on {since}. You answer it; no due day is set.',
  answerSince: 'It was raised. You answer it; no due day is set.',
  outsideLimit: 'The newest value, {value} ({on}), is outside its limit: {limit}.',
  offTarget: 'The newest value, {value} ({on}), is off the target: {target}, by {by}.',
  drillFailed: 'The {kind} drill of {held} failed, and none has succeeded since.',
  newestFailed:
    'The {kind} drill of {held} failed, and none has succeeded since, so the gate lets nothing through with that plan.',
  keyEnds: 'The key expires after {ends}, {when}.',
  keyEnded: 'The key expired after {ends}, {when}.',
  delegationEnds: '{who} acts for you until {ends}, {when}.',
  delegationEnded: '{who} no longer acts for you. The delegation ended on {ends}, {when}.',
  inUse: '{told} Correct it, roll it back, or ship a replacement.',
});

/** Parts of them. */
export const part = catalogue('work.part', {
  today: 'today',
  ago: '{days, plural, one {one day} other {{days} days}} ago',
  ahead: 'in {days, plural, one {one day} other {{days} days}}',
  unhandled: 'No one handles it yet.',
  report: 'It must be reported, and no message about it is recorded as sent yet.',
  reportBy: 'It must be reported by {due}, {when}, and no message about it is recorded as sent.',
  heldDrill: 'successful, verified {kind} drill',
  assessment: 'concluded risk assessment',
  test: 'complete test run',
  demand:
    '{source} asks for one within {months, plural, one {a month} other {{months} months}} for risk class {riskClass}',
  check: 'check {id}',
  atMost: 'at most {value}',
  atLeast: 'at least {value}',
  ownPolicy: 'The built-in policy',
});

/** What to do. */
export const next = catalogue('work.next', {
  open: 'Open',
  refused: 'Not yet: {says}',
  ask: 'Ask {who} to {step} it',
  alone: 'Decide alone',
  aloneStep: 'Decide alone: {step}',
  settle: 'Answer or settle {comment}',
  holdDrill: 'Hold a drill',
  assess: 'Assess again',
  test: 'Test again',
  report: 'Report it, and link the message',
  replace: 'Roll it back, or ship a release that the gate lets through with its own ticket',
  gate: 'Open the gate',
  askGate: 'Correct it, and ask the gate again',
  submitAgain: 'Revise it, and submit it again',
  answer: 'Answer it',
  findOut: 'Find out why, and record what follows from it',
  catchUp: 'Act on it, or agree on a new target',
  drillAgain: 'Correct what failed, and hold another drill',
  newKey: 'Make a new key, and revoke this one',
  delegateAnew: 'Delegate again, or let it end',
  rate: 'Rate it, citing the criteria in force',
  chooseTreatment: 'Choose how to treat it, and when to review it',
  acceptance: 'Ask {who} to accept it, or treat it further',
  acceptanceOf: 'Ask {people} to accept it ({who}), or treat it further',
});

export const day = (v: unknown): string => iso(v).slice(0, 10);

/** RFC 3339, where it waits since a moment that is known. */
export const sinceOf = (r: Row): string | null => (r.since ? iso(r.since) : null);

const labelOf = (register: Register, step: string): string =>
  transitionLabel(step, register.transitions[step]?.label);

/** A step as what to do: `Approve`. */
export const stepSaid = (register: Register, step: string): Sentence =>
  worded(`register.${register.name}.step.${step}`, labelOf(register, step));

/** The same where it is on one's own work: what is decided alone is never called an approval. */
export const aloneSaid = (register: Register, step: string): Sentence =>
  register.transitions[step]?.decision === 'approve'
    ? next('alone')
    : next('aloneStep', { step: stepWithin(register, step) });

/** The same inside a sentence. */
export const stepWithin = (register: Register, step: string): Sentence =>
  worded(`register.${register.name}.step.${step}`, labelOf(register, step).toLowerCase());

/** What to do, where it is a step. */
export const stepNext = (register: Register, step: string) => ({ said: stepSaid(register, step), step });

/** Whole days from one calendar day to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** `3 days ago`, `today`, `in 12 days`. */
export function whenSaid(due: string, today: string): Sentence {
  const left = daysBetween(today, due);
  if (left === 0) return part('today');
  return part(left < 0 ? 'ago' : 'ahead', { days: Math.abs(left) });
}
