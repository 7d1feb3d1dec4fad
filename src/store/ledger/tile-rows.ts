import type { Row, Statement } from '../db/database.ts';

/** Number of the organisation's open log, for statements that speak of it. */
export const OPEN_LOG = '(select number from log where organisation = (select present_organisation()))';

/** Loads the named tiles in one statement; of the open log unless another one's number is given. */
export function tilesStatement(wanted: { level: number; index: number }[], log?: number): Statement {
  return {
    text: `select t.level, t.index, t.hashes from tile t
      join unnest($1::int[], $2::bigint[]) as w(level, index) on w.level = t.level and w.index = t.index
      where t.organisation = (select present_organisation()) and t.log = coalesce($3::int, ${OPEN_LOG})`,
    values: [wanted.map((t) => t.level), wanted.map((t) => t.index), log ?? null],
    name: 'log-tiles',
  };
}

/** Rows of tiles as the ledger wants to read them. */
export function tileStore(rows: Row[]): { get(level: number, index: number): Buffer | undefined } {
  const map = new Map(rows.map((r) => [`${r.level}/${r.index}`, r.hashes as Buffer]));
  return { get: (level, index) => map.get(`${level}/${index}`) };
}
