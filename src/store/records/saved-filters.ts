import type { Statement } from '../db/database.ts';

const HERE = 'organisation = (select present_organisation())';

/** What somebody sees for these registers: their own, and those shared with everybody. */
export const filtersStatement = (person: string, registers: readonly string[], limit: number): Statement => ({
  text: `select f.id, f.person, f.name, f.register, f.query, f.shared, f.at,
      (select p.title from record p where p.organisation = f.organisation and p.ref = f.person) as by_name
    from saved_filter f where f.${HERE} and (f.person = $1 or f.shared) and f.register = any($2)
    order by f.shared, lower(f.name), f.id limit $3`,
  values: [person, registers, limit],
  name: 'saved-filters',
});

/** Saves a question under its name; the one of the same name is replaced. No row when there are `most` already. */
export const saveFilterStatement = (
  f: { id: string; person: string; name: string; register: string; query: string; shared: boolean; at: Date },
  most: number,
): Statement => ({
  text: `insert into saved_filter (organisation, id, person, name, register, query, shared, at)
    select (select present_organisation()), $1, $2, $3, $4, $5, $6, $7
    where (select count(*) from saved_filter where ${HERE} and person = $2 and not (register = $4 and name = $3)) < $8
    on conflict (organisation, person, register, name) do update set query = excluded.query, shared = excluded.shared, at = excluded.at
    returning id, person, name, register, query, shared, at`,
  values: [f.id, f.person, f.name, f.register, f.query, f.shared, f.at, most],
  name: 'save-filter',
});

/** Takes one away: one's own, or with `shared` any that is shared. Answers what was taken away. */
export const removeFilterStatement = (id: string, person: string, shared: boolean): Statement => ({
  text: `delete from saved_filter where ${HERE} and id = $1 and (person = $2 or (shared and $3)) returning name`,
  values: [id, person, shared],
  name: 'remove-filter',
});

/** Whoever leaves takes along the questions that were theirs alone. */
export const removeFiltersOf = (person: string): Statement => ({
  text: `delete from saved_filter where ${HERE} and person = $1 and not shared`,
  values: [person],
});
