import type { DecisionKind } from '../register/register.ts';
import type { Said } from './binding.ts';

/** By what decisions about one record are weighed. */
export interface Scale {
  /** The kinds of agreement that are asked for. */
  readonly kinds: readonly DecisionKind[];
  /** Is a decision about the record, and what it covers, as they are now? */
  readonly about: (d: Said) => boolean;
  /** A decision is over when the day that it names begins. */
  readonly today: string;
  /** Whose word never counts on it: who worked on it before they decided, or asked for it. */
  readonly barred?: (person: string, d: Said) => boolean;
  /** Of this version of the record or an earlier one: said before it was worked on again, and not of this round. */
  readonly since?: number;
}

/**
 * Decisions about one record, newest first, by what they weigh. One that was taken back is in none of the lists: its maker refused the same content
 * later.
 */
export interface Weighed<D extends Said = Said> {
  /** On the present content, not over, by somebody who is not barred. One a voice, delegators included. */
  readonly counts: readonly D[];
  /** Taken by the only person of the organisation on their own work: no approval, though it stands. What it is worth `aloneCounts` says. */
  readonly alone: readonly D[];
  /** On the present content, and their end has come. */
  readonly ended: readonly D[];
  /** On content that has changed since; `changedSince` says in what. */
  readonly stale: readonly D[];
  /** By an author of what was decided on, or by somebody else who is barred. */
  readonly own: readonly D[];
}

/** The one answer to whether decisions about a record count. Acknowledgements agree to nothing and weigh nothing here. */
export function weigh<D extends Said>(decisions: readonly D[], s: Scale): Weighed<D> {
  const out: Record<keyof Weighed, D[]> = { counts: [], alone: [], ended: [], stale: [], own: [] };
  const refused = new Set<string>();
  for (const d of newestFirst(decisions)) {
    if (s.since !== undefined && Number(d.values.subjectVersion) <= s.since) continue;
    const voices = voicesOf(d);
    if (d.values.kind === 'refuse' && s.about(d)) for (const v of voices) refused.add(v);
    if (!s.kinds.some((k) => k === d.values.kind)) continue;
    if (!isAlone(d) && s.barred && voices.some((v) => s.barred?.(v, d))) out.own.push(d);
    else if (!s.about(d)) out.stale.push(d);
    else if (voices.some((v) => refused.has(v))) continue;
    else if (isOver(d, s.today)) out.ended.push(d);
    else {
      const list = isAlone(d) ? out.alone : out.counts;
      if (!isHeard(list, d)) list.push(d);
    }
  }
  return out;
}

/** What a state that only decisions lead to stands on. */
export type Standing = 'current' | 'alone' | 'ended' | 'stale';

/** The same in a word: the best of what there is; `stale` also where nobody ever agreed. */
export const standingOf = (w: Weighed): Standing =>
  w.counts.length > 0 ? 'current' : w.alone.length > 0 ? 'alone' : w.ended.length > 0 ? 'ended' : 'stale';

/** Has one of its voices spoken in one of these already? */
export const isHeard = (among: readonly Said[], d: Said): boolean => {
  const voices = voicesOf(d);
  return among.some((c) => voicesOf(c).some((v) => voices.includes(v)));
};

/** Whoever decided, and whoever had lent them their part: they are one voice. */
export const voicesOf = (d: Pick<Said, 'values'>): string[] =>
  [d.values.by, d.values.onBehalfOf].filter((v) => v !== undefined && v !== null).map(String);

/** Taken by the author, in an organisation of one person. That is no approval. */
export const isAlone = (d: Pick<Said, 'values'>): boolean => d.values.manner === 'alone';

/** The day that a decision names as its end has come. */
export const isOver = (d: Pick<Said, 'values'>, today: string): boolean =>
  d.values.until !== undefined && d.values.until !== null && String(d.values.until) <= today;

/** By the moment, and of the same moment by the number. */
export const newestFirst = <D extends Said>(decisions: readonly D[]): D[] =>
  [...decisions].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || b.number - a.number);
