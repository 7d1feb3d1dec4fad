import type { Taken } from '../../facts/gathered.ts';
import * as cell from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';
import { iso } from '../records/records.ts';

/** The versions in which steps of records were taken last, with what the records said then. */
export const takenStatement = (ids: readonly string[], steps: readonly string[]): Statement => ({
  text: `select distinct on (v.record_id, v.transition) r.ref, v.transition as step, v.at, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts,
        (select jsonb_agg(k) from jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k) as groups
      from version v join record r on r.organisation = v.organisation and r.id = v.record_id
        left join leaf f on f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version
      where v.organisation = (select present_organisation()) and v.record_id = any($1) and v.transition = any($2)
      order by v.record_id, v.transition, v.version desc`,
  values: [ids, steps],
  name: 'facts-taken',
});

/** By `VP-0001/fix`. */
export const toTaken = (row: Row): [string, Taken] => {
  const parts = cell.object(row.parts);
  const groups = cell.orNull(cell.texts)(row.groups) ?? [];
  return [
    `${cell.text(row.ref)}/${cell.text(row.step)}`,
    { at: iso(row.at), parts, erased: groups.filter((g) => !Object.hasOwn(parts, g)).sort() },
  ];
};

/** Since which version fields of records say what they say; no row where a field is empty. */
export const sinceStatement = (asked: readonly { id: string; field: string }[]): Statement => ({
  text: `select r.ref, s.field, x.at from jsonb_to_recordset($1::jsonb) as s(id uuid, field text)
      join record r on r.organisation = (select present_organisation()) and r.id = s.id and r."values"->s.field is not null
      cross join lateral (select min(v.at) as at from version v where v.organisation = r.organisation and v.record_id = r.id
        and v.version > coalesce((select max(c.version) from content c where c.organisation = r.organisation and c.record_id = r.id
          and c.part = 'values' and c.value->s.field is distinct from r."values"->s.field), 0)) x
      where x.at is not null`,
  values: [JSON.stringify(asked)],
  name: 'facts-since',
});

/** By `SYS-0001/servedModel`. */
export const toSince = (row: Row): [string, string] => [
  `${cell.text(row.ref)}/${cell.text(row.field)}`,
  iso(row.at),
];
