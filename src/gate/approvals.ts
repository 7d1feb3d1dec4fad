import { aloneCounts } from '../authority/alone.ts';
import type { Said } from '../authority/binding.ts';
import { criteriaInForce } from '../authority/criteria.ts';
import { isAlone, isHeard, newestFirst, weigh as weighAll } from '../authority/weigh.ts';
import { ruleOf } from '../register/covering.ts';
import type { Rec } from '../register/rec.ts';
import type { DecisionKind } from '../register/register.ts';
import type { AroundSystem, Of, WithOrWithoutRelease } from './neighbourhood.ts';
import { dayOf, nameOf, short, textOf } from './reading.ts';

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

/** Deciding alone counts while the organisation is one person, its criteria say so, and the system is not of class high. */
export const mayBeAlone = ({ onePerson, criteria, system }: AroundSystem): boolean =>
  aloneCounts({
    onePerson: onePerson === true,
    mode: criteriaInForce(criteria)?.values.mode,
    classes: [system.values.riskClass],
  });

/** `Ana Ruiz approved`, `Ana Ruiz, for Chidi Obi, approved`, or `Ana Ruiz decided alone on`: what is decided alone never reads as approved. */
export function saying(input: AroundSystem, d: Of<'decision'>, verb: string): string {
  const by = nameOf(input, textOf(d, 'by'));
  if (isAlone(d)) return `${by} decided alone on`;
  const behalf = textOf(d, 'onBehalfOf');
  return `${by}${behalf === undefined ? '' : `, for ${nameOf(input, behalf)},`} ${verb}`;
}

/** Decisions about a record, by people who are known; what is dated after the evaluation was not known at its moment. */
const known = (input: AroundSystem, subject: Rec): Of<'decision'>[] =>
  input.decisions.filter(
    (d) =>
      d.values.subject === subject.ref &&
      Date.parse(d.createdAt) <= Date.parse(input.now) &&
      input.people[textOf(d, 'by') ?? ''] !== undefined,
  );

/** Sentences about decisions that did not count, naming who and why. */
export function notCounted(
  input: WithOrWithoutRelease,
  subject: Rec,
  w: Weighed,
  verb = 'approved',
): { text: string; records: string[] }[] {
  // Who decided again on the present content needs no reminder of the earlier decision.
  const again = new Set(w.counted.map((d) => d.values.by));
  const say = (list: readonly Of<'decision'>[], why: (d: Of<'decision'>) => string) =>
    list.filter((d) => !again.has(d.values.by)).map((d) => ({ text: why(d), records: [d.ref, subject.ref] }));
  const who = (d: Of<'decision'>) => nameOf(input, textOf(d, 'by'));
  return [
    ...say(
      w.stale,
      (d) =>
        `${saying(input, d, verb)} ${subject.ref} as it was (${short(textOf(d, 'subjectDigest'))}, ${d.ref}); it has changed since, so this no longer counts.`,
    ),
    ...say(w.own, (d) =>
      isAlone(d)
        ? `${saying(input, d, verb)} ${subject.ref} (${d.ref}). That counts only for class minimal and limited, while the organisation is one person and its criteria say so.`
        : `${saying(input, d, verb)} ${subject.ref} (${d.ref}), but has worked on it or asked for it: this never counts.`,
    ),
    ...say(
      w.expired,
      (d) => `What ${who(d)} decided on ${subject.ref} (${d.ref}) ended on ${String(d.values.until)}.`,
    ),
  ];
}
