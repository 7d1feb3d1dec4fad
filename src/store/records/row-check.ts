import type { Statement } from '../db/database.ts';
import { RECORD_SELECT } from './records.ts';

/**
 * A page of records by their id, each as its row and its links are now, beside what its newest version says (`said_*`): the parts that are there, and
 * the names of those that its entry commits to, so that what was erased is not taken for a difference.
 */
export const rowsBesideVersions = (after: string, limit: number): Statement => ({
  text: `select ${RECORD_SELECT}, r.owner, r.hidden_from, v.version as said_version, v.state as said_state, v.digest as said_digest,
      (select coalesce(jsonb_object_agg(c.part, c.value), '{}') from content c where c.organisation = r.organisation
        and c.record_id = r.id and c.version = v.version) as said_parts,
      (select array_agg(k) from jsonb_object_keys(coalesce(
        (select convert_from(f.entry, 'UTF8')::jsonb->'c' from leaf f where f.organisation = r.organisation and f.record_id = r.id and f.version = v.version),
        (select convert_from(o.entry, 'UTF8')::jsonb->'c' from outbox o where o.organisation = r.organisation and o.record_id = r.id and o.version = v.version),
        '{}')) k) as said_groups
    from record r left join lateral (select * from version v where v.organisation = r.organisation and v.record_id = r.id
      order by v.version desc limit 1) v on true
    where r.organisation = (select present_organisation()) and r.id > $1::uuid order by r.id limit $2`,
  values: [after, limit],
  name: 'rows-beside-versions',
});

/** The same of one record. */
export const rowBesideVersion = (ref: string): Statement => {
  const { text } = rowsBesideVersions('', 1);
  return {
    text: text.replace('r.id > $1::uuid order by r.id limit $2', 'r.ref = $1'),
    values: [ref],
    name: 'row-beside-version',
  };
};

/** Which of these records whoever asks may know of. */
export const seenAmong = (ids: readonly string[]): Statement => ({
  text: 'select id from record where organisation = (select present_organisation()) and id = any($1::uuid[])',
  values: [ids],
});

export const recordByRef = (ref: string): Statement => ({
  text: 'select id from record where organisation = (select present_organisation()) and ref = $1',
  values: [ref],
});
