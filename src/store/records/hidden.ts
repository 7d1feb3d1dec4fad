import type { Statement } from '../db/database.ts';

/** Every link of these records by these names, whoever sees where it leads; `hidden` where it leads to what is hidden from `person`. */
export const everyLinkStatement = (
  ids: readonly string[],
  names: readonly string[],
  person: string,
): Statement => ({
  text: `select l.from_id as id, l.name, o.ref, coalesce($3 = any(o.hidden_from), false) as hidden from link l
      join record o on o.organisation = l.organisation and o.id = l.to_id
    where l.organisation = (select present_organisation()) and l.from_id = any($1) and l.name = any($2) order by o.ref`,
  values: [ids, names, person],
  name: 'every-link',
});

/** Answers `some`: whether anything in these registers is hidden from a person. */
export const hiddenStatement = (person: string, registers: readonly string[]): Statement => ({
  text: `select exists (select from record where organisation = (select present_organisation()) and register = any($2)
    and $1 = any(hidden_from)) as some`,
  values: [person, registers],
});
