import { ruleOf } from '../register/covering.ts';
import type { Rec } from '../register/rec.ts';
import type { DecisionKind } from '../register/register.ts';
import type { GateInput, Of } from './neighbourhood.ts';
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

/** Who made the present content of a record. Whoever created the record always belongs to them. */
export function authorsOf(input: GateInput, subject: Rec): readonly string[] {
  const known = input.authors[subject.ref];
  // Without a list the last editor stands in for it: too many barred is safe, too few is not.
  return [...new Set([...(known ?? [subject.updatedBy]), subject.createdBy])];
}

/**
 * Weighs the decisions of a kind about a record. An approval counts for the very content it was given on and for no
 * other; nobody approves their own work (`barred` names further people, such as the requester of a change).
 */
export function weigh(
  input: GateInput,
  subject: Rec,
  kind: DecisionKind,
  barred: readonly string[] = [],
): Weighed {
  const notThese = new Set([...authorsOf(input, subject), ...barred]);
  const today = dayOf(input.now);
  const out: Record<keyof Weighed, Of<'decision'>[]> = { counted: [], stale: [], own: [], expired: [] };
  for (const d of aboutNewestFirst(input, subject)) {
    const by = textOf(d, 'by');
    if (d.values.kind !== kind || by === undefined || !input.people[by]) continue;
    const until = textOf(d, 'until');
    const alone = isAlone(d);
    const voices = voicesOf(d);
    if (alone ? !mayBeAlone(input) : voices.some((v) => notThese.has(v))) out.own.push(d);
    else if (!isAbout(input, subject, d)) out.stale.push(d);
    else if (until !== undefined && until <= today) out.expired.push(d);
    else if (!out.counted.some((c) => voicesOf(c).some((v) => voices.includes(v)))) out.counted.push(d);
  }
  return out;
}

/** Is the decision about the record as it is now, by what its register covered when it was taken? */
export function isAbout(input: GateInput, subject: Rec, d: Rec): boolean {
  const digest =
    input.digestsUnder?.[subject.ref]?.[ruleOf(d)] ??
    input.digests[subject.ref] ??
    (subject.ref === input.release.ref ? input.releaseDigest : undefined);
  return digest !== undefined && d.values.subjectDigest === digest;
}

/** Whoever decided, and whoever had lent them their part: they are one voice. */
export const voicesOf = (d: Of<'decision'>): string[] =>
  [d.values.by, d.values.onBehalfOf].filter((v) => v !== undefined).map(String);

/** Taken by the author, in an organisation of one person. That is no approval. */
export const isAlone = (d: Of<'decision'>): boolean => d.values.manner === 'alone';

/** Deciding alone counts while the organisation is one person, its criteria say so, and the system is not of class high. */
export function mayBeAlone(input: GateInput): boolean {
  const { criteria, system } = input;
  return (
    input.onePerson === true &&
    criteria?.state === 'approved' &&
    criteria.values.mode === 'alone' &&
    ['minimal', 'limited'].includes(String(system.values.riskClass))
  );
}

/** `Ana Ruiz approved`, `Ana Ruiz, for Chidi Obi, approved`, or `Ana Ruiz decided alone on`: what is decided alone never reads as approved. */
export function saying(input: GateInput, d: Of<'decision'>, verb: string): string {
  const by = nameOf(input, textOf(d, 'by'));
  if (isAlone(d)) return `${by} decided alone on`;
  const behalf = textOf(d, 'onBehalfOf');
  return `${by}${behalf === undefined ? '' : `, for ${nameOf(input, behalf)},`} ${verb}`;
}

/** Decisions about a record, newest first; what is dated after the evaluation was not known at its moment. */
function aboutNewestFirst(input: GateInput, subject: Rec): Of<'decision'>[] {
  const now = Date.parse(input.now);
  return input.decisions
    .filter((d) => d.values.subject === subject.ref && Date.parse(d.createdAt) <= now)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || (a.ref < b.ref ? 1 : -1));
}

/** Sentences about decisions that did not count, naming who and why. */
export function notCounted(
  input: GateInput,
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
