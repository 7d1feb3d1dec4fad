import { Failure } from '../../base/failure.ts';
import type { Row, Statement } from '../db/database.ts';
import { iso } from '../records/records.ts';

/** An earlier state: everything entered in the organisation's logs before entry `size` of log number `log`. */
export interface Point {
  log: number;
  size: number;
  /** When the checkpoint that covers it was signed. */
  at: string;
}

/** What is asked for: a size of a log (the present one unless told), or a moment. Nothing: the newest checkpoint. */
export type PointAsked = { size: number; log?: number } | { at: Date } | undefined;

/**
 * Entry `f` stands before the point in parameters `l` and `n`. Written so that no index serves it: it is asked of entries found otherwise,
 * and a plan that takes the order of the log for it reads the whole log for every record.
 */
export const BEFORE = (l: string, n: string) => `(f.log + 0, f.index + 0) < (${l}::int, ${n}::bigint)`;
/** Its contrary, written so that an index serves it. */
export const FROM = (l: string, n: string) => `(f.log, f.index) >= (${l}::int, ${n}::bigint)`;

/** The point asked for, beside what there is: first checkpoint, size and time of the newest. */
export function pointStatement(asked: PointAsked): Statement {
  const own = 'c.organisation = l.organisation';
  const bySize = asked !== undefined && 'size' in asked;
  const found = bySize
    ? `select c.log, $1::bigint as size, c.at from public.checkpoint c
          where ${own} and c.log = coalesce($2::int, l.number) and c.size >= $1 order by c.size limit 1`
    : `select c.log, c.size, c.at from public.checkpoint c where ${own} and c.at <= $1 order by c.at desc, c.log desc, c.size desc limit 1`;
  return {
    text: `select p.log, p.size, p.at, l.size as newest,
        (select c.at from public.checkpoint c where ${own} order by c.at limit 1) as first_at
      from public.log l left join lateral (${found}) p on true where l.organisation = (select public.present_organisation())`,
    values: bySize ? [asked.size, asked.log ?? null] : [asked?.at ?? 'infinity'],
  };
}

/** Reads what `pointStatement` answered; `given` is what the person wrote, `name` where. Throws BAD_INPUT or NOT_FOUND. */
export function toPoint(row: Row | undefined, asked: PointAsked, given: string, name: string): Point {
  if (row?.log !== undefined && row.log !== null)
    return { log: row.log as number, size: row.size as number, at: iso(row.at) };
  const possible = row?.first_at
    ? `possible are sizes from 1 to ${String(row.newest)} and times from ${iso(row.first_at)} on`
    : 'the log has no checkpoint yet; ask again in a moment';
  const what =
    asked && 'size' in asked
      ? `the log has not come to ${given} entries`
      : 'there was no checkpoint of the log then';
  throw new Failure('NOT_FOUND', `${name}: ${what}; ${possible}.`, [{ path: `/${name}`, message: possible }]);
}

/** Newest version of record `r` before the point in parameters `l` and `n`; null when there was none. */
export const NEWEST = (id: string, l: string, n: string) => `(select max(f.version) from public.leaf f
  where f.organisation = (select public.present_organisation()) and f.record_id = ${id} and ${BEFORE(l, n)})`;

/** Records that have a version not entered before the point in parameters `l` and `n`: all others are as they were then. */
export const CHANGED = (l: string, n: string) => `select f.record_id as id from public.leaf f
    where f.organisation = (select public.present_organisation()) and ${FROM(l, n)} and f.record_id is not null
  union select o.record_id from public.outbox o
    where o.organisation = (select public.present_organisation()) and o.record_id is not null`;
