import type { Row, Statement } from './database.ts';

/** Loads the named tiles in one statement. */
export function tilesStatement(wanted: { level: number; index: number }[]): Statement {
  return {
    text: `select t.level, t.index, t.hashes from tile t
      join unnest($1::int[], $2::bigint[]) as w(level, index) on w.level = t.level and w.index = t.index
      where t.organisation = (select present_organisation())`,
    values: [wanted.map((t) => t.level), wanted.map((t) => t.index)],
    name: 'log-tiles',
  };
}

/** Rows of tiles as the ledger wants to read them. */
export function tileStore(rows: Row[]): { get(level: number, index: number): Buffer | undefined } {
  const map = new Map(rows.map((r) => [`${r.level}/${r.index}`, r.hashes as Buffer]));
  return { get: (level, index) => map.get(`${level}/${index}`) };
}
