import type { Statement } from '../db/database.ts';

/** Versions of records with what they said, each by its number: one statement. */
export const versionsAt = (wanted: readonly { ref: string; version: number }[]): Statement => ({
  text: `select r.ref, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts,
      (select jsonb_agg(k) from leaf f, jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k
        where f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version) as groups
    from unnest($1::text[], $2::int[]) w(ref, version)
    join record r on r.organisation = (select present_organisation()) and r.ref = w.ref
    join version v on v.organisation = r.organisation and v.record_id = r.id and v.version = w.version`,
  values: [wanted.map((w) => w.ref), wanted.map((w) => w.version)],
  name: 'versions-since-approval',
});
