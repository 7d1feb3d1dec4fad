import { wordsQuery } from '../../register/words.ts';
import * as cell from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';

/** So many results a search has at most; the best are first. */
export const MOST_FOUND = 300;

/** A record that a search found. */
export interface Hit {
  ref: string;
  register: string;
  title: string;
  state: string;
  values: Record<string, unknown>;
  updatedAt: string;
}

/**
 * Records in which all words occur, over all these registers, from the `skip`-th on: first the one whose number it is, then those whose title says it,
 * then those that say it anywhere; within each, what was changed last comes first. Undefined when there is nothing to look for.
 */
export function searchStatement(o: {
  words: string;
  refs: readonly string[];
  registers: readonly string[];
  skip: number;
  limit: number;
}): Statement | undefined {
  const words = wordsQuery(o.words);
  const title = wordsQuery(o.words, 't');
  if (words === undefined || title === undefined) return undefined;
  return {
    text: `with found as materialized (select f.id, min(f.place) as place from search_records($1::text[], $2, $3, $4::text[], $5) f group by f.id)
      select r.ref, r.register, r.title, r.state, r."values", r.updated_at from found f
        join record r on r.organisation = (select present_organisation()) and r.id = f.id
      order by f.place, r.updated_at desc, r.id desc offset $6 limit $7`,
    values: [o.refs, title, words, o.registers, MOST_FOUND, o.skip, o.limit],
    name: 'search-records',
  };
}

export const toHit = (row: Row): Hit => ({
  ref: cell.text(row.ref),
  register: cell.text(row.register),
  title: cell.text(row.title),
  state: cell.text(row.state),
  values: cell.object(row.values),
  updatedAt: cell.moment(row.updated_at).toISOString(),
});
