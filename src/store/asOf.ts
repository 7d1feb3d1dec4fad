import { Failure } from '../base/failure.ts';
import type { Row, Statement } from './database.ts';
import { iso } from './records.ts';

/** An earlier state: everything entered in the organisation's logs before entry `size` of log number `log`. */
export interface Point {
  log: number;
  size: number;
  /** When the checkpoint that covers it was signed. */
  at: string;
}

/** What is asked for: a size of a log (the present one unless told), or a moment. Nothing: the newest checkpoint. */
export type PointAsked = { size: number; log?: number } | { at: Date } | undefined;

/**
 * Entry `f` stands before the point in parameters `l` and `n`. Written so that no index serves it: it is asked of entries found otherwise,
 * and a plan that takes the order of the log for it reads the whole log for every record.
 */
const BEFORE = (l: string, n: string) => `(f.log + 0, f.index + 0) < (${l}::int, ${n}::bigint)`;
/** Its contrary, written so that an index serves it. */
const FROM = (l: string, n: string) => `(f.log, f.index) >= (${l}::int, ${n}::bigint)`;

/** The point asked for, beside what there is: first checkpoint, size and time of the newest. */
export function pointStatement(asked: PointAsked): Statement {
  const own = 'c.organisation = l.organisation';
  const bySize = asked !== undefined && 'size' in asked;
  const found = bySize
    ? `select c.log, $1::bigint as size, c.at from checkpoint c
          where ${own} and c.log = coalesce($2::int, l.number) and c.size >= $1 order by c.size limit 1`
    : `select c.log, c.size, c.at from checkpoint c where ${own} and c.at <= $1 order by c.at desc, c.log desc, c.size desc limit 1`;
  return {
    text: `select p.log, p.size, p.at, l.size as newest,
        (select c.at from checkpoint c where ${own} order by c.at limit 1) as first_at
      from log l left join lateral (${found}) p on true where l.organisation = (select present_organisation())`,
    values: bySize ? [asked.size, asked.log ?? null] : [asked?.at ?? 'infinity'],
  };
}

/** Reads what `pointStatement` answered; `given` is what the person wrote, `name` where. Throws BAD_INPUT or NOT_FOUND. */
export function toPoint(row: Row | undefined, asked: PointAsked, given: string, name: string): Point {
  if (row?.log !== undefined && row.log !== null)
    return { log: row.log as number, size: row.size as number, at: iso(row.at) };
  const possible = row?.first_at
    ? `possible are sizes from 1 to ${String(row.newest)} and times from ${iso(row.first_at)} on`
    : 'the log has no checkpoint yet; ask again in a moment';
  const what =
    asked && 'size' in asked
      ? `the log has not come to ${given} entries`
      : 'there was no checkpoint of the log then';
  throw new Failure('NOT_FOUND', `${name}: ${what}; ${possible}.`, [{ path: `/${name}`, message: possible }]);
}

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
    (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c where c.organisation = r.organisation
      and c.record_id = w.id and c.version = w.version) as parts,
    (select coalesce(jsonb_object_agg(s.part, encode(s.salt, 'hex')), '{}'::jsonb) from secret s
      where s.organisation = r.organisation and s.record_id = w.id and s.version = w.version) as salts
  from (${wanted}) w join record r on r.organisation = (select present_organisation()) and r.id = w.id
    left join version v on v.organisation = r.organisation and v.record_id = w.id and v.version = w.version
    left join leaf f on f.organisation = r.organisation and f.record_id = w.id and f.version = w.version
  order by ${order}`;

/** Newest version of record `r` before the point in parameters `l` and `n`; null when there was none. */
const NEWEST = (id: string, l: string, n: string) => `(select max(f.version) from leaf f
  where f.organisation = (select present_organisation()) and f.record_id = ${id} and ${BEFORE(l, n)})`;

/**
 * Newest versions before the point of the records with these references, and with `first` their first versions too (who made them,
 * and when). Records that were not there then are absent.
 */
export function enteredStatement(refs: readonly string[], p: Point, first: boolean): Statement {
  const then = `select r.id, ${NEWEST('r.id', '$2', '$3')} as version from record r
    where r.organisation = (select present_organisation()) and r.ref = any($1)`;
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
        select r.id, r.number, ${NEWEST('r.id', '$4', '$5')} as version from record r
          where r.organisation = (select present_organisation()) and r.register = $1 and r.number > $2) t
      where t.version is not null order by t.number ${newest ? 'desc' : ''} limit $3)
    select * from known union select id, 1 from known`;
  return { text: entered(wanted, 'r.number, w.version'), values: [register, after, limit, p.log, p.size] };
}

/** Versions of a record below `below` that were entered before the point, newest first. */
export function versionsThenStatement(id: string, below: number, limit: number, p: Point): Statement {
  const wanted = `select f.record_id as id, f.version from leaf f where f.organisation = (select present_organisation())
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
      from leaf f where f.organisation = (select present_organisation())
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
const TOUCHED = `with touched as materialized (select f.record_id as id, min(f.version) as first, count(*)::int as versions from leaf f
    where f.organisation = (select present_organisation()) and f.record_id is not null
      and ${FROM('$1', '$2')} and ${BEFORE('$3', '$4')} group by f.record_id),
  named as materialized (select r.id, r.ref, r.register, r.number, t.versions, t.first = 1 as created
    from touched t join record r on r.organisation = (select present_organisation()) and r.id = t.id and r.register = any($5))`;

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

/** Records that have a version not entered before the point in parameters `l` and `n`: all others are as they were then. */
const CHANGED = (l: string, n: string) => `select f.record_id as id from public.leaf f
    where f.organisation = (select present_organisation()) and ${FROM(l, n)} and f.record_id is not null
  union select o.record_id from public.outbox o
    where o.organisation = (select present_organisation()) and o.record_id is not null`;

/**
 * Opens a cursor over the records of some registers that were there at the point and changed since, as they were then; unchecked. Read with
 * `FETCH_CHANGED`, so that memory does not grow with them.
 */
export function changedSinceStatement(registers: readonly string[], p: Point): Statement {
  return {
    text: `declare changed_records no scroll cursor for with changed as materialized (${CHANGED('$2', '$3')}),
        known as materialized (select r.id, ${NEWEST('r.id', '$2', '$3')} as version from record r
          where r.organisation = (select present_organisation()) and r.register = any($1) and r.id in (select id from changed))
      select r.id, r.register, r.number, r.ref, t.version, v.state, v.at as updated_at, v.actor as updated_by, r.created_at, r.created_by,
        (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c where c.organisation = r.organisation
          and c.record_id = r.id and c.version = t.version) as parts
      from known t join record r on r.organisation = (select present_organisation()) and r.id = t.id
        join version v on v.organisation = r.organisation and v.record_id = r.id and v.version = t.version`,
    values: [registers, p.log, p.size],
  };
}

/** Rows read from that cursor at once; fewer are the last. */
export const CHANGED_CHUNK = 1_000;
export const FETCH_CHANGED: Statement = { text: `fetch ${CHANGED_CHUNK} from changed_records` };

/** The table that `shadowed` looks into for records that changed since. */
export const MAKE_THEN: Statement = {
  text: 'create temp table record_then (like public.record) on commit drop',
};

/** Puts records as they were into `record_then`; a row has the columns of `record`, `search` as text. */
export function insertThen(rows: readonly Row[]): Statement {
  const columns = `id, register, number, ref, state, version, title, "values", derived, owner, created_at, created_by,
    updated_at, updated_by, material, due, t1, t2, t3, t4, t5, t6, t7, t8, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4`;
  return {
    text: `insert into record_then (organisation, search, ${columns})
      select (select present_organisation()), to_tsvector('simple', search), ${columns}
      from jsonb_to_recordset($1::jsonb) as c(search text, id uuid, register text, number int, ref text, state text, version int,
        title text, "values" jsonb, derived jsonb, owner text, created_at timestamptz, created_by text, updated_at timestamptz,
        updated_by text, material text, due date, t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, n1 float8, n2 float8,
        n3 float8, n4 float8, n5 float8, n6 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz)`,
    values: [JSON.stringify(rows)],
  };
}

/**
 * The same statement, asked of an earlier state: within it `record` and `link` mean what they were at the point. Of `registers` the records
 * that changed since are taken from `record_then`, when `filled`; those of other registers stand there as they are now, so
 * that of them only identity may be used. Its name is dropped: a kept plan would read the present.
 */
export function shadowed(
  s: Statement,
  p: Point,
  registers: string | readonly string[] | undefined,
  filled: boolean,
): Statement {
  const values = [...(s.values ?? [])];
  const add = (v: unknown) => `$${values.push(v)}`;
  const l = add(p.log);
  const n = add(p.size);
  const only =
    registers === undefined
      ? ''
      : `and (r.register <> all(${add([registers].flat())}) or r.id not in (select id from changed))`;
  const tables = `changed as materialized (${CHANGED(l, n)}),
    links_then as materialized (select k.key as name, g.id as from_id, o.id as to_id, f.register as from_register, f.number as from_number, o.ref as to_ref from changed g
      join public.record f on f.organisation = (select present_organisation()) and f.id = g.id
      join public.content c on c.organisation = (select present_organisation()) and c.record_id = g.id
        and c.version = ${NEWEST('g.id', l, n).replace('from leaf', 'from public.leaf')} and c.part = 'links'
      cross join lateral jsonb_each(c.value) k cross join lateral jsonb_array_elements_text(k.value) x(ref)
      join public.record o on o.organisation = (select present_organisation()) and o.ref = x.ref),
    record as not materialized (select r.* from public.record r where r.organisation = (select present_organisation()) ${only}
      ${filled ? 'union all select * from record_then' : ''}),
    link as not materialized (select l.organisation, l.from_id, l.name, l.to_id, l.from_register, l.from_number, l.to_ref from public.link l
        where l.organisation = (select present_organisation()) and l.from_id not in (select id from changed)
      union all select (select present_organisation()), from_id, name, to_id, from_register, from_number, to_ref from links_then)`;
  const text = /^\s*with\s/.test(s.text)
    ? s.text.replace(/^\s*with\s/, () => `with ${tables}, `)
    : `with ${tables} ${s.text}`;
  return { text, values };
}

/** How many records of each register were in which state. */
export const countsThenStatement = (p: Point): Statement => ({
  text: `with changed as materialized (${CHANGED('$1', '$2')})
    select register, state, count(*)::int as n from (
      select r.register, r.state from record r where r.organisation = (select present_organisation())
        and r.id not in (select id from changed)
      union all
      select r.register, v.state from changed g
        join record r on r.organisation = (select present_organisation()) and r.id = g.id
        join version v on v.organisation = r.organisation and v.record_id = r.id and v.version = ${NEWEST('r.id', '$1', '$2')}) x
    group by register, state`,
  values: [p.log, p.size],
});
