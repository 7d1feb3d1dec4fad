import { aloneCounts } from '../authority/alone.ts';
import type { Said } from '../authority/binding.ts';
import { criteriaInForce } from '../authority/criteria.ts';
import { isAlone, isHeard, newestFirst, weigh as weighAll } from '../authority/weigh.ts';
import type { Sentence } from '../base/sentence.ts';
import { ruleOf } from '../register/covering.ts';
import type { Rec } from '../register/rec.ts';
import type { DecisionKind } from '../register/register.ts';
import { dayOf, nameOf, short, textOf } from './reading.ts';
import type { Reason } from './result.ts';
import type { AroundSystem, Of, WithOrWithoutRelease } from './surroundings.ts';
import { say } from './words/deciding.ts';

/** Decisions about one record, sorted by whether they count and why not. */
export interface Weighed {
  /**
   * On the present content, not expired, by somebody known who is neither author nor barred; where the organisation is one person, also what that
   * person decided alone. One per person, delegators included.
   */
  readonly counted: readonly Of<'decision'>[];
  /** On content that has changed since. */
  readonly stale: readonly Of<'decision'>[];
  /** By an author of the present content, or by somebody else who is barred. */
  readonly own: readonly Of<'decision'>[];
  /** Their end date has come. */
  readonly expired: readonly Of<'decision'>[];
}

/** Who worked on a record. Whoever created it always belongs to them. */
export const authorsOf = (input: AroundSystem, subject: Rec): string[] => [
  // Without a list the last editor stands in for it: too many barred is safe, too few is not.
  ...new Set([...Object.keys(input.authors[subject.ref] ?? { [subject.updatedBy]: 1 }), subject.createdBy]),
];

/** Had somebody worked on the record before this decision on it was taken? What they did afterwards changes nothing of what was decided on. */
function workedBefore(input: AroundSystem, subject: Rec, person: string, d: Said): boolean {
  const first = input.authors[subject.ref]?.[person];
  if (first === undefined) return authorsOf(input, subject).includes(person);
  return person === subject.createdBy || first < Number(d.values.subjectVersion ?? Number.POSITIVE_INFINITY);
}

/**
 * Weighs the decisions of a kind about a record. An approval counts for the very content it was given on and for no
 * other; nobody approves their own work (`barred` names further people, such as the requester of a change).
 */
export function weigh(
  input: WithOrWithoutRelease,
  subject: Rec,
  kind: DecisionKind,
  barred: readonly string[] = [],
): Weighed {
  const w = weighAll(known(input, subject), {
    kinds: [kind],
    about: (d) => isAbout(input, subject, d),
    today: dayOf(input.now),
    barred: (person, d) => barred.includes(person) || workedBefore(input, subject, person, d),
  });
  const alone = mayBeAlone(input);
  const counted = newestFirst([...w.counts, ...(alone ? w.alone : [])]);
  return {
    counted: counted.filter((d, i) => !isHeard(counted.slice(0, i), d)),
    stale: w.stale,
    own: alone ? w.own : newestFirst([...w.own, ...w.alone]),
    expired: w.ended,
  };
}

/** Is the decision about the record as it is now, by what its register covered when it was taken? */
export function isAbout(input: WithOrWithoutRelease, subject: Rec, d: Pick<Said, 'values'>): boolean {
  const digest =
    input.digestsUnder?.[subject.ref]?.[ruleOf(d)] ??
    input.digests[subject.ref] ??
    (subject.ref === input.release?.ref ? input.releaseDigest : undefined);
  return digest !== undefined && d.values.subjectDigest === digest;
}

/** Whether what was said about the record can still be compared with it. Where it cannot, nothing changed as far as anybody knows. */
export const isComparable = (input: AroundSystem, subject: { readonly ref: string }): boolean =>
  !input.incomparable?.includes(subject.ref);

/** Deciding alone counts while the organisation is one person, its criteria say so, and the system is not of class high. */
export const mayBeAlone = ({ onePerson, criteria, system }: AroundSystem): boolean =>
  aloneCounts({
    onePerson: onePerson === true,
    mode: criteriaInForce(criteria)?.values.mode,
    classes: [system.values.riskClass],
  });

/** `Ana Ruiz approved`, `Ana Ruiz, for Chidi Obi, approved`, or `Ana Ruiz decided alone on`: what is decided alone never reads as approved. */
export function saying(input: AroundSystem, d: Of<'decision'>, did: Did): Sentence {
  const by = nameOf(input, textOf(d, 'by'));
  if (isAlone(d)) return say('aloneOn', { by });
  const verb = did === 'accepted' ? 'other' : did;
  const behalf = textOf(d, 'onBehalfOf');
  return behalf === undefined
    ? say('did', { by, verb })
    : say('didFor', { by, behalf: nameOf(input, behalf), verb });
}

type Did = 'approved' | 'confirmed' | 'fixed' | 'accepted';

/** Decisions about a record, by people who are known; what is dated after the evaluation was not known at its moment. */
const known = (input: AroundSystem, subject: Rec): Of<'decision'>[] =>
  input.decisions.filter(
    (d) =>
      d.values.subject === subject.ref &&
      Date.parse(d.createdAt) <= Date.parse(input.now) &&
      input.people[textOf(d, 'by') ?? ''] !== undefined,
  );

/** Reasons about decisions that did not count, naming who and why. */
export function notCounted(
  input: WithOrWithoutRelease,
  subject: Rec,
  w: Weighed,
  did: Did = 'approved',
): Reason[] {
  // Who decided again on the present content needs no reminder of the earlier decision.
  const again = new Set(w.counted.map((d) => d.values.by));
  const told = (list: readonly Of<'decision'>[], why: (d: Of<'decision'>) => Sentence) =>
    list.filter((d) => !again.has(d.values.by)).map((d) => ({ ...why(d), records: [d.ref, subject.ref] }));
  const on = (d: Of<'decision'>) => ({
    saying: saying(input, d, did),
    subject: subject.ref,
    decision: d.ref,
  });
  return [
    ...told(w.stale, (d) =>
      isComparable(input, subject)
        ? say('stale', { ...on(d), digest: short(textOf(d, 'subjectDigest')) })
        : say('incomparable', on(d)),
    ),
    ...told(w.own, (d) => (isAlone(d) ? say('alone', on(d)) : say('own', on(d)))),
    ...told(w.expired, (d) =>
      say('ended', {
        by: nameOf(input, textOf(d, 'by')),
        subject: subject.ref,
        decision: d.ref,
        day: String(d.values.until),
      }),
    ),
  ];
}
