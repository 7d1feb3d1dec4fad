import type { Row, Statement } from '../db/database.ts';

/** How far and how wide a derivation is followed. */
export const LINEAGE_LIMITS = { depth: 20, rows: 4_000, nodes: 300 } as const;

/**
 * Follows the link `name` from records: along it (`up`, to what they come from) or against it (`down`). A circle ends at the depth; rows come nearest
 * first, so a limit cuts what is farthest away.
 */
function walk(name: string, ids: readonly string[], direction: 'up' | 'down'): Statement {
  const [near, far] = direction === 'up' ? ['from_id', 'to_id'] : ['to_id', 'from_id'];
  return {
    text: `with recursive way(id, depth) as (
        select x.id, 0 from unnest($1::uuid[]) x(id)
        union
        select l.${far}, w.depth + 1 from way w join link l on l.organisation = (select present_organisation()) and l.${near} = w.id
          and l.name = $2 where w.depth < $3)
      select id, depth from way limit $4`,
    values: [ids, name, LINEAGE_LIMITS.depth + 1, LINEAGE_LIMITS.rows + 1],
  };
}

/** Ways up and down from these records. */
export const lineageStatements = (name: string, ids: readonly string[]): Statement[] => [
  walk(name, ids, 'up'),
  walk(name, ids, 'down'),
];

/** The records themselves, and the links among them. */
export const lineageParts = (name: string, ids: readonly string[]): Statement[] => [
  {
    text: `select r.id, r.ref, r.title, r.state, r."values" from record r where r.organisation = (select present_organisation())
      and r.id = any($1::uuid[])`,
    values: [ids],
  },
  {
    text: `select f.ref as "from", o.ref as "to" from link l
      join record f on f.organisation = l.organisation and f.id = l.from_id
      join record o on o.organisation = l.organisation and o.id = l.to_id
      where l.organisation = (select present_organisation()) and l.name = $2 and l.from_id = any($1::uuid[]) and l.to_id = any($1::uuid[])
      order by f.number, o.number limit 3000`,
    values: [ids, name],
  },
];

/** Records that link to `id` by `name`, at most `limit`. */
export const linkingStatement = (id: string, name: string, register: string, limit: number): Statement => ({
  text: `select r.id from link l join record r on r.organisation = l.organisation and r.id = l.from_id
    where l.organisation = (select present_organisation()) and l.to_id = $1 and l.from_register = $3 and l.name = $2 order by r.number limit $4`,
  values: [id, name, register, limit],
});

/** Least depth of each record, by id; `cut` when there may be more. */
export function depthsOf(rows: readonly Row[]): { depths: Map<string, number>; cut: boolean } {
  const depths = new Map<string, number>();
  let cut = rows.length > LINEAGE_LIMITS.rows;
  for (const r of rows) {
    const depth = r.depth as number;
    if (depths.has(r.id as string)) continue;
    if (depth > LINEAGE_LIMITS.depth) cut = true;
    else depths.set(r.id as string, depth);
  }
  return { depths, cut };
}
