import type { Row, Statement } from '../db/database.ts';
import { iso } from '../records/records.ts';
import { BEFORE, CHANGED, FROM, NEWEST, type Point } from './point.ts';

/**
 * A version with its entry in the log and what it committed to. `version` 0 with no entry never occurs; a version or entry
 * that the database has lost comes with `digest` or `entry` null.
 */
export interface EnteredRow {
  id: string;
  register: string;
  number: number;
  ref: string;
  version: number;
  at: string;
  act: string;
  transition: string | null;
  state: string;
  actor: string;
  digest: string | null;
  entry: Buffer | null;
  log: number;
  index: number;
  parts: Record<string, unknown>;
  /** Hex, by part. */
  salts: Record<string, string>;
}

export const toEntered = (row: Row): EnteredRow => ({
  id: row.id as string,
  register: row.register as string,
  number: row.number as number,
  ref: row.ref as string,
  version: row.version as number,
  at: row.at === null ? '' : iso(row.at),
  act: row.act as string,
  transition: row.transition as string | null,
  state: row.state as string,
  actor: row.actor as string,
  digest: row.digest as string | null,
  entry: row.entry as Buffer | null,
  log: row.log as number,
  index: row.index as number,
  parts: row.parts as Record<string, unknown>,
  salts: row.salts as Record<string, string>,
});

/** Versions as `w(id, version)` names them, with entry, parts and salts. */
const entered = (
  wanted: string,
  order: string,
) => `select w.id, r.register, r.number, r.ref, w.version, v.at, v.act,
    v.transition, v.state, v.actor, v.digest, f.entry, f.log, f.index,
    (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from public.content c where c.organisation = r.organisation
      and c.record_id = w.id and c.version = w.version) as parts,
    (select coalesce(jsonb_object_agg(s.part, encode(s.salt, 'hex')), '{}'::jsonb) from public.secret s
      where s.organisation = r.organisation and s.record_id = w.id and s.version = w.version) as salts
  from (${wanted}) w join public.record r on r.organisation = (select public.present_organisation()) and r.id = w.id
    left join public.version v on v.organisation = r.organisation and v.record_id = w.id and v.version = w.version
    left join public.leaf f on f.organisation = r.organisation and f.record_id = w.id and f.version = w.version
  order by ${order}`;

/**
 * Newest versions before the point of the records with these references, and with `first` their first versions too (who made them,
 * and when). Records that were not there then are absent.
 */
export function enteredStatement(refs: readonly string[], p: Point, first: boolean): Statement {
  const then = `select r.id, ${NEWEST('r.id', '$2', '$3')} as version from public.record r
    where r.organisation = (select public.present_organisation()) and r.ref = any($1)`;
  const known = `select t.id, t.version from (${then}) t where t.version is not null`;
  const wanted = first
    ? `with known as materialized (${known}) select * from known union select id, 1 from known`
    : known;
  return { text: entered(wanted, 'r.ref, w.version'), values: [refs, p.log, p.size] };
}

/**
 * Next `limit` records of a register that were there at the point, from `after` on by number: newest version then, and the first. With
 * `newest`, the last ones instead of the next ones.
 */
export function exportThenStatement(
  register: string,
  after: number,
  limit: number,
  p: Point,
  newest = false,
): Statement {
  const wanted = `with known as materialized (select t.id, t.version from (
        select r.id, r.number, ${NEWEST('r.id', '$4', '$5')} as version from public.record r
          where r.organisation = (select public.present_organisation()) and r.register = $1 and r.number > $2) t
      where t.version is not null order by t.number ${newest ? 'desc' : ''} limit $3)
    select * from known union select id, 1 from known`;
  return { text: entered(wanted, 'r.number, w.version'), values: [register, after, limit, p.log, p.size] };
}

/** Versions of a record below `below` that were entered before the point, newest first. */
export function versionsThenStatement(id: string, below: number, limit: number, p: Point): Statement {
  const wanted = `select f.record_id as id, f.version from public.leaf f where f.organisation = (select public.present_organisation())
    and f.record_id = $1 and f.version < $2 and ${BEFORE('$4', '$5')} order by f.version desc limit $3`;
  return { text: entered(wanted, 'w.version desc'), values: [id, below, limit, p.log, p.size] };
}

/** Of each record the newest `most` versions entered from one point on and before another, and the one it had at the first point. */
export function versionsBetweenStatement(
  ids: readonly string[],
  from: Point,
  to: Point,
  most: number,
): Statement {
  const wanted = `select x.id, x.version from (select f.record_id as id, f.version,
        row_number() over (partition by f.record_id order by f.version desc) as place
      from public.leaf f where f.organisation = (select public.present_organisation())
        and f.record_id = any($1) and ${FROM('$2', '$3')} and ${BEFORE('$4', '$5')}) x where x.place <= $6
    union select i.id, ${NEWEST('i.id', '$2', '$3')} from unnest($1::uuid[]) i(id)`;
  return {
    text: entered(
      `select * from (${wanted}) x where x.version is not null`,
      'r.register, r.number, w.version',
    ),
    values: [ids, from.log, from.size, to.log, to.size, most],
  };
}

/** Records of these registers with a version entered from one point on and before another. */
const TOUCHED = `with touched as materialized (select f.record_id as id, min(f.version) as first, count(*)::int as versions from public.leaf f
    where f.organisation = (select public.present_organisation()) and f.record_id is not null
      and ${FROM('$1', '$2')} and ${BEFORE('$3', '$4')} group by f.record_id),
  named as materialized (select r.id, r.ref, r.register, r.number, t.versions, t.first = 1 as created
    from touched t join public.record r on r.organisation = (select public.present_organisation()) and r.id = t.id and r.register = any($5))`;

/** How many records of each register were created and changed between two points. */
export const touchedCountsStatement = (from: Point, to: Point, registers: readonly string[]): Statement => ({
  text: `${TOUCHED} select register, count(*) filter (where created)::int as created,
      count(*) filter (where not created)::int as changed from named group by register order by register`,
  values: [from.log, from.size, to.log, to.size, registers],
});

/** The next records created or changed between two points, by register and number. */
export const touchedStatement = (
  from: Point,
  to: Point,
  registers: readonly string[],
  after: { register: string; number: number } | undefined,
  limit: number,
): Statement => ({
  text: `${TOUCHED} select * from named where $6::text is null or (register, number) > ($6 collate "C", $7::int)
    order by register, number limit $8`,
  values: [
    from.log,
    from.size,
    to.log,
    to.size,
    registers,
    after?.register ?? null,
    after?.number ?? null,
    limit,
  ],
});

/** How many records of each register were in which state. */
export const countsThenStatement = (p: Point): Statement => ({
  text: `with changed as materialized (${CHANGED('$1', '$2')})
    select register, state, count(*)::int as n from (
      select r.register, r.state from public.record r where r.organisation = (select public.present_organisation())
        and r.id not in (select id from changed)
      union all
      select r.register, v.state from changed g
        join public.record r on r.organisation = (select public.present_organisation()) and r.id = g.id
        join public.version v on v.organisation = r.organisation and v.record_id = r.id and v.version = ${NEWEST('r.id', '$1', '$2')}) x
    group by register, state`,
  values: [p.log, p.size],
});
