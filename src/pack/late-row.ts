import type { Place } from './problems.ts';

/**
 * In 0.1.0 changes of several records at once (bulk, hand-over, departure) read the clock twice: when their entries were made, and again when
 * the rows were stored. The rows of such versions say a time a little after the signed one. Imports never did, and nothing does from the entry on
 * by which the log says that rows carry the time of their entries (decision 0029).
 */
export interface LateRow extends Place {
  /** The signed time. */
  at: string;
  /** By how much the row is later. */
  ms: number;
}

/** The same in every verifier. */
export const LATE_ROW_MS = 10_000;
/** Late rows that are named; all are counted. */
export const LATE_ROWS_NAMED = 100;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * By how many milliseconds a row is later than its entry, when that is the fault above and no other: later, by seconds at most. Whoever moves
 * a row's time within this gains nothing: the entry's time is what counts, and the difference is told.
 */
export function lateBy(row: string, entry: { at: string; act: string }): number | undefined {
  if (entry.act === 'import' || !INSTANT.test(row) || !INSTANT.test(entry.at)) return undefined;
  const ms = Date.parse(row) - Date.parse(entry.at);
  return ms > 0 && ms <= LATE_ROW_MS && new Date(row).toISOString() === row ? ms : undefined;
}
