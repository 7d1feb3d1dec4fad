import type { Statement } from '../db/database.ts';

/** Readings that were appended before a version, newest first, with their place in the log; one more than is shown. */
export const readingsBefore = (id: string, before: number, limit: number, appended: string): Statement => ({
  text: `select v.version, v.at, v.actor, f.log, f.index as log_index, c.value->$4 as rows from version v
          left join content c on c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version and c.part = 'values'
          left join leaf f on f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version
        where v.organisation = (select present_organisation()) and v.record_id = $1 and v.transition = $4 and v.version < $2
        order by v.version desc limit $3`,
  values: [id, before, limit + 1, appended],
});

/** How often readings were appended. */
export const readingsCounted = (id: string, appended: string): Statement => ({
  text: `select count(*)::int as n from version where organisation = (select present_organisation()) and record_id = $1 and transition = $2`,
  values: [id, appended],
});
