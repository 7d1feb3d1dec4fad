import { wordsIn } from '../../register/words.ts';
import type { Row, Statement } from '../db/database.ts';
import { BEFORE, CHANGED, NEWEST, type Point } from './point.ts';

/**
 * The records as they were at a point, for any statement that reads records: within a transaction, views named as the tables stand in front of them, and
 * nothing else can be reached by its name. So a statement asks of the past what it asks of the present; one that reads a table of which no
 * earlier state is known (`standing`, `use_finding`, accounts) is refused by the database, and never tells today as the past.
 */

/** What can be asked of an earlier state. */
export const KNOWN_THEN = ['record', 'link', 'version', 'content', 'leaf', 'checkpoint', 'log'] as const;

const HERE = 'organisation = (select public.present_organisation())';

const place = (p: Point): [string, string] => {
  for (const n of [p.log, p.size])
    if (!Number.isSafeInteger(n)) throw new Error(`not a place in a log: ${String(n)}`);
  return [String(p.log), String(p.size)];
};

/**
 * Makes the tables of what changed since: which records with which version then, what these versions linked to, and room for the
 * records. Many may have changed: they are looked up in memory, whatever the server gives each statement.
 */
export function groundStatement(p: Point): Statement {
  const [l, n] = place(p);
  return {
    text: `do $ground$ begin
      perform set_config('work_mem', '64MB', true);
      create temp table changed_then (id uuid primary key, version integer) on commit drop;
      insert into changed_then select g.id, ${NEWEST('g.id', l, n)} from (${CHANGED(l, n)}) g;
      create temp table record_then on commit drop as select * from public.record with no data;
      create temp table link_then on commit drop as select l.* from public.link l with no data;
      insert into link_then (organisation, name, from_id, to_id, from_register, from_number, to_ref)
        select f.organisation, k.key, f.id, o.id, f.register, f.number, o.ref from changed_then g
          join public.record f on f.${HERE} and f.id = g.id
          join public.content c on c.${HERE} and c.record_id = g.id and c.version = g.version and c.part = 'links'
          cross join lateral jsonb_each(c.value) k cross join lateral jsonb_array_elements_text(k.value) x(ref)
          join public.record o on o.${HERE} and o.ref = x.ref;
    end $ground$`,
  };
}

/**
 * Records that changed since and are of no register that is read: of them only what never changes is there, so that links to them are found. What
 * would be told of them beyond that is nothing, and never what they are today.
 */
export const namesThenStatement = (registers: readonly string[]): Statement => ({
  text: `insert into record_then (organisation, id, register, number, ref, created_at, created_by)
    select r.organisation, r.id, r.register, r.number, r.ref, r.created_at, r.created_by from changed_then g
      join public.record r on r.${HERE} and r.id = g.id
    where g.version is not null and r.register <> all($1)`,
  values: [registers],
});

/**
 * Opens a cursor over the records of some registers that were there at the point and changed since, as they were then; unchecked. `groups` are the parts that
 * the log committed to. Read with `FETCH_CHANGED`, so that memory does not grow with them.
 */
export const changedStatement = (registers: readonly string[]): Statement => ({
  text: `declare changed_records no scroll cursor for
      select r.id, r.register, r.number, r.ref, g.version, v.state, v.at as updated_at, v.actor as updated_by, r.created_at, r.created_by,
        (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from public.content c where c.organisation = r.organisation
          and c.record_id = r.id and c.version = g.version) as parts,
        (select jsonb_agg(k) from public.leaf f, jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k
          where f.organisation = r.organisation and f.record_id = r.id and f.version = g.version) as groups
      from changed_then g join public.record r on r.${HERE} and r.id = g.id and r.register = any($1)
        join public.version v on v.organisation = r.organisation and v.record_id = r.id and v.version = g.version`,
  values: [registers],
});

/** Rows read from that cursor at once; fewer are the last. */
export const CHANGED_CHUNK = 1_000;
export const FETCH_CHANGED: Statement = { text: `fetch ${CHANGED_CHUNK} from changed_records` };

/** Puts records as they were where the views look for them; a row has the columns of `record`, `search` as text. */
export function insertThen(organisation: number, rows: readonly (Row & { search: string })[]): Statement {
  const columns = `id, register, number, ref, state, version, title, "values", derived, owner, created_at, created_by,
    updated_at, updated_by, material, due, t1, t2, t3, t4, t5, t6, t7, t8, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4`;
  return {
    text: `insert into record_then (organisation, search, ${columns})
      select (select public.present_organisation()), to_tsvector('simple', search), ${columns}
      from jsonb_to_recordset($1::jsonb) as c(search text, id uuid, register text, number int, ref text, state text, version int,
        title text, "values" jsonb, derived jsonb, owner text, created_at timestamptz, created_by text, updated_at timestamptz,
        updated_by text, material text, due date, t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, n1 float8, n2 float8,
        n3 float8, n4 float8, n5 float8, n6 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz)`,
    values: [JSON.stringify(rows.map((r) => ({ ...r, search: wordsIn(organisation, r.search) })))],
  };
}

/** So few are read through faster than indexes are made. */
const FEW = 100;

/** Puts the views in front of the tables, and everything else out of reach. The transaction ends with both. */
export function viewsStatement(p: Point): Statement {
  const [l, n] = place(p);
  const unchanged = (id: string) => `${id} not in (select g.id from changed_then g)`;
  const entered = (x: string) =>
    `not exists (select from changed_then g where g.id = ${x}.record_id and ${x}.version > coalesce(g.version, 0))`;
  return {
    text: `do $views$ begin
      if (select count(*) from changed_then) > ${FEW} then
        create index on record_then (id);
        create index on record_then (ref);
        create index on link_then (from_id);
        create index on link_then (to_id);
        analyze changed_then, link_then, record_then;
      end if;
      create temp view record as select r.* from public.record r where r.${HERE} and ${unchanged('r.id')}
        union all select * from record_then;
      create temp view link as select l.* from public.link l where l.${HERE} and ${unchanged('l.from_id')}
        union all select * from link_then;
      create temp view version as select v.* from public.version v where v.${HERE} and ${entered('v')};
      create temp view content as select c.* from public.content c where c.${HERE} and ${entered('c')};
      create temp view leaf as select f.* from public.leaf f where f.${HERE} and ${BEFORE(l, n)};
      create temp view checkpoint as select c.* from public.checkpoint c where c.${HERE} and (c.log, c.size) <= (${l}, ${n});
      create temp view log as select o.organisation, ${l} as number, ${n}::bigint as size, coalesce((select decode(split_part(c.note, E'\\n', 3), 'base64')
          from public.checkpoint c where c.organisation = o.organisation and c.log = ${l} and c.size = ${n}), ''::bytea) as root
        from public.log o where o.${HERE};
      perform set_config('search_path', 'pg_temp', true);
    end $views$`,
  };
}

/** Functions of ours that tell nothing of today. */
const TIMELESS = /(?<![.\w])(present_organisation|present_actor|prefix_of|instant_text|words_here)\(/g;

/**
 * The same statement, asked of the views. Its name is dropped: a kept plan would read the present. A table named by its place would be the
 * present one, so that is refused.
 */
export function askedThen(s: Statement): Statement {
  if (/\bpublic\s*\./i.test(s.text))
    throw new Error(`a statement asked of an earlier state names a present table: ${s.text.slice(0, 200)}`);
  return { text: s.text.replace(TIMELESS, 'public.$1('), ...(s.values ? { values: s.values } : {}) };
}

/** What the database says of a name that is not there (42P01 a table, 42883 a function, 42703 a column). */
export const isUnknownThen = (code: unknown): boolean =>
  code === '42P01' || code === '42883' || code === '42703';
