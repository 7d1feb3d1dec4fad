import type { Row, Statement } from '../db/database.ts';
import { iso } from './records.ts';

/** Which version of a record is asked for: by its number, the newest at a moment, or the newest that a transition made. */
export interface VersionAsked {
  ref: string;
  version?: number;
  /** RFC 3339. */
  at?: string;
  transition?: string;
}

/** A version as it was asked for; parts that were erased since are absent. */
export interface VersionFound {
  /** Place of the question in the list. */
  asked: number;
  ref: string;
  version: number;
  state: string;
  at: string;
  parts: Record<string, unknown>;
  /** Groups its entry commits to; null while it waits for its place in the log. */
  groups: string[] | null;
}

/** Moments, among the given ones, at which something was written, with the references of what was. */
export const writtenAt = (moments: readonly string[]): Statement => ({
  text: `select v.at, jsonb_agg(r.ref) as refs from version v join record r on r.organisation = v.organisation and r.id = v.record_id
    where v.organisation = (select present_organisation()) and v.at = any($1::timestamptz[]) group by v.at`,
  values: [moments],
});

/** Versions of many records, each asked for in its own way: one statement, however many. */
export const versionsAtStatement = (asked: readonly VersionAsked[]): Statement => ({
  text: `select x.place::int as asked, x.ref, v.version, v.state, v.at,
      (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c where c.organisation = v.organisation
        and c.record_id = v.record_id and c.version = v.version) as parts,
      (select jsonb_agg(k) from leaf f, jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k
        where f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version) as groups
    from unnest($1::text[], $2::int[], $3::timestamptz[], $4::text[]) with ordinality as x(ref, version, moment, transition, place)
    join record r on r.organisation = (select present_organisation()) and r.ref = x.ref
    join lateral (select v.* from version v where v.organisation = r.organisation and v.record_id = r.id
      and (x.version is null or v.version = x.version) and (x.moment is null or v.at <= x.moment)
      and (x.transition is null or v.transition = x.transition) order by v.version desc limit 1) v on true
    order by x.place`,
  values: [
    asked.map((a) => a.ref),
    asked.map((a) => a.version ?? null),
    asked.map((a) => a.at ?? null),
    asked.map((a) => a.transition ?? null),
  ],
  name: 'versions-at',
});

export const toVersionFound = (row: Row): VersionFound => ({
  asked: (row.asked as number) - 1,
  ref: row.ref as string,
  version: row.version as number,
  state: row.state as string,
  at: iso(row.at),
  parts: row.parts as Record<string, unknown>,
  groups: row.groups as string[] | null,
});

/** Who wrote versions of a record after one of them, each once. */
export const writersAfter = (ref: string, version: number): Statement => ({
  text: `select distinct v.actor from record r join version v on v.organisation = r.organisation and v.record_id = r.id and v.version > $2
    where r.organisation = (select present_organisation()) and r.ref = $1`,
  values: [ref, version],
  name: 'writers-after',
});
