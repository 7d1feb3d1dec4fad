import { onceFor } from '../../base/once-for.ts';
import { relativePaths } from '../../register/check.ts';
import { type As, type Rec, recOf, type ValuesOf } from '../../register/rec.ts';
import type { Register, Registry } from '../../register/register.ts';
import { peopleIn } from '../../register/values.ts';
import type { Relations } from '../../register/who.ts';
import { recordOf } from '../authority/covers.ts';
import { type Cell, object } from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';

/** One record as everything above the store sees it. */
export interface Stored extends Rec {
  /**
   * What its state stands on, where that was asked: a decision that still counts; one that the only person took alone, which is no approval; one
   * that does not count any more; one whose end has come.
   */
  standing?: Standing;
}

export type Standing = 'current' | 'alone' | 'stale' | 'ended';

/** A record together with what permission checks need. */
export interface StoredWithRelations extends Stored {
  relations: Relations;
  /** Whoever created, edited or imported it, for whom it was imported, or who carried it forward by a transition that is not a decision. */
  authors: string[];
  /** Each of them with the first version that was their work. */
  worked: Readonly<Record<string, number>>;
  /** Digest of the ledger entry of the present version. */
  digest: string;
}

/** Who or what a reference means, for showing. */
export interface Reference {
  register: string;
  title: string;
  state: string;
}

/** The columns of a record `r` that `toStored` reads, links left out. */
export const RECORD_COLUMNS = `r.id, r.ref, r.register, r.number, r.version, r.state, r.title, r."values", r.derived, r.created_at,
  r.created_by, r.updated_at, r.updated_by`;

const LINKS = `(select coalesce(jsonb_object_agg(x.name, x.refs), '{}'::jsonb) from (
    select l.name, jsonb_agg(o.ref order by o.ref) as refs from link l ${recordOf('l', 'l.to_id', 'o')}
    where l.organisation = r.organisation and l.from_id = r.id group by l.name) x) as links`;

/** A moment in UTC as the database writes it, alone or in JSON. */
const WRITTEN = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?\+00(?::00)?$/;

/** ISO 8601 to the millisecond. What is text already becomes no date on the way: that takes ten times as long, and a list has a hundred of them. */
export function iso(v: unknown): string {
  const [, day, time, part = ''] = (typeof v === 'string' && WRITTEN.exec(v)) || [];
  if (day) return `${day}T${time}.${part.slice(0, 3).padEnd(3, '0')}Z`;
  return (v instanceof Date ? v : new Date(String(v))).toISOString();
}

export const toStored = (row: Row): Stored => storedWith(row, row.links as Record<string, string[]>);

/** A record whose links were read by themselves. */
export function storedWith(row: Row, links: Record<string, string[]>): Stored {
  return {
    id: row.id as string,
    ref: row.ref as string,
    register: row.register as string,
    number: row.number as number,
    version: row.version as number,
    state: row.state as string,
    title: row.title as string,
    values: row.values as Record<string, unknown>,
    derived: row.derived as Record<string, unknown>,
    links,
    createdAt: iso(row.created_at),
    createdBy: row.created_by as string,
    updatedAt: iso(row.updated_at),
    updatedBy: row.updated_by as string,
    ...(row.standing ? { standing: row.standing as Standing } : {}),
  };
}

/** The values of a record of one register, where a statement gives them alone. */
export const valuesOf =
  <R extends Register>(_: R): Cell<ValuesOf<R['fields']>> =>
  (v) =>
    object(v) as ValuesOf<R['fields']>;

/** A row as a record of one register, with its types. */
export const toRec =
  <R extends Register>(register: R) =>
  (row: Row): As<R, Stored> =>
    recOf(register, toStored(row));

export const RECORD_SELECT = `${RECORD_COLUMNS}, ${LINKS}`;

/**
 * Whoever a version `v` is by, as `a.who`: who made it, and who wrote it first where it was imported for somebody. The latter stands in
 * the part that the ledger commits to.
 */
export const WRITERS = `cross join lateral (select v.actor union all select c.value->>'for' from content c
  where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version and c.part = 'actor'
    and c.value ? 'for') a(who)`;

/** Records by reference, with their links, relative roles and authors: a single statement. */
export const readStatement = (register: Register, refs: string | readonly string[]): Statement => ({
  text: readText(register),
  values: [register.name, typeof refs === 'string' ? [refs] : refs, workOf(register)],
  name: `read-${register.name}`,
});

const readText = onceFor((register: Register): string => {
  const paths = relativePaths(register).map((p) => p.split('.') as [string, string]);
  const relations = paths
    .map(
      ([
        l,
        f,
      ]) => `, (select coalesce(jsonb_agg(o."values"->>'${f}'), '[]'::jsonb) from link k ${recordOf('k', 'k.to_id', 'o')}
      where k.organisation = r.organisation and k.from_id = r.id and k.name = '${l}' and o."values" ? '${f}')
      as "path:${l}.${f}"`,
    )
    .join('');
  return `select ${RECORD_SELECT}${relations},
      (select v.digest from version v where v.organisation = r.organisation and v.record_id = r.id
        and v.version = r.version) as digest,
      ${workedSql('v.transition = any($3)')} as worked
      from record r where r.organisation = (select present_organisation()) and r.register = $1
        and r.ref = any($2)`;
});

/** SQL of whoever worked on record `r`, with the first version that they made, or that was made for them; `step` says which steps are work. */
export const workedSql = (step: string): string =>
  `(select coalesce(jsonb_object_agg(w.who, w.first), '{}'::jsonb) from (select a.who, min(v.version) as first from version v ${WRITERS}
    where v.organisation = r.organisation and v.record_id = r.id and (v.transition is null or ${step}) group by a.who) w)`;

/** Transitions that are work on the record rather than a decision about it, or something that the engine did. */
export const workOf = onceFor((register: Register): readonly string[] =>
  Object.entries(register.transitions)
    .filter(([, t]) => !t.decision && ![t.by].flat().every((w) => w === 'engine'))
    .map(([name]) => name),
);

export function toStoredWithRelations(row: Row): StoredWithRelations {
  const stored = toStored(row);
  const worked = row.worked as Record<string, number>;
  const paths: Record<string, string[]> = {};
  for (const [k, v] of Object.entries(row)) if (k.startsWith('path:')) paths[k.slice(5)] = v as string[];
  // Whatever a field holds, only people are ever asked for by it.
  for (const [name, v] of Object.entries(stored.values))
    if (typeof v === 'string' || Array.isArray(v)) paths[`self.${name}`] = [v].flat() as string[];
  return {
    ...stored,
    worked,
    authors: Object.keys(worked),
    digest: row.digest as string,
    relations: {
      owner: (stored.values.owner as string | undefined) ?? null,
      author: stored.createdBy,
      paths,
    },
  };
}

/** Several records by reference, of any register: one statement. Unknown references are simply absent. */
export function readManyStatement(refs: readonly string[]): Statement {
  return {
    text: `select ${RECORD_SELECT} from record r where r.organisation = (select present_organisation()) and r.ref = any($1)`,
    values: [refs],
    name: 'read-many',
  };
}

/** Titles of references, for showing. */
export function referencesStatement(refs: readonly string[]): Statement {
  return {
    text: `select ref, register, title, state from record where organisation = (select present_organisation()) and ref = any($1)`,
    values: [refs],
    name: 'references',
  };
}

export function toReferences(rows: Row[]): Record<string, Reference> {
  return Object.fromEntries(
    rows.map((r) => [
      r.ref as string,
      { register: r.register as string, title: r.title as string, state: r.state as string },
    ]),
  );
}

/** A way back: records of a register that name this one by a link. */
export interface WayBack {
  register: string;
  link: string;
  /** Some of these records are hidden from some people, so that each has to be looked at, to count it too. */
  guarded: boolean;
}

/** Ways back to a register; `open` says which registers are asked for. What the reader may not read must not be counted either. */
export const waysBack = (
  registry: Registry,
  register: Register,
  open: (other: Register) => boolean,
): WayBack[] =>
  registry
    .inversesOf(register.name)
    .filter((i) => open(i.register))
    .map((i) => ({ register: i.register.name, link: i.link, guarded: i.register.hiddenFrom !== undefined }));

/**
 * Records that link to `id` by these ways, newest first, at most `limit` a way, and how many there are. They are counted by their links; only
 * those shown are looked up, each by its own id: left to choose, the database joins whole tables while it has no statistics yet, as after a
 * large import, and takes a second for a thousand links.
 */
export function inversesStatement(ways: readonly WayBack[], id: string, limit: number): Statement {
  const links = `from link l where l.organisation = (select present_organisation()) and l.to_id = $1
      and l.from_register = w.register and l.name = w.name and (not w.guarded or exists (select from record o
        where o.organisation = l.organisation and o.id = l.from_id))`;
  return {
    text: `select w.register, w.name, r.ref, r.title, r.state, n.total
      from unnest($3::text[], $4::text[], $5::boolean[]) with ordinality w(register, name, guarded, place)
      cross join lateral (select count(*)::int as total ${links}) n
      cross join lateral (select l.organisation, l.from_id, l.from_number ${links} order by l.from_number desc limit $2) k
      ${recordOf('k', 'k.from_id', 'r')}
      where n.total > 0 order by w.place, k.from_number desc`,
    values: [id, limit, ways.map((w) => w.register), ways.map((w) => w.link), ways.map((w) => w.guarded)],
    name: 'inverses',
  };
}

/** References that the contents of records speak of: people in person fields, and linked records. */
export function referencesIn(registry: Registry, records: readonly Stored[]): string[] {
  const refs = new Set<string>();
  for (const r of records) {
    const register = registry.get(r.register);
    for (const [name, f] of Object.entries(register.fields))
      for (const ref of peopleIn(f, r.values[name])) refs.add(ref);
    for (const list of Object.values(r.links)) for (const ref of list) refs.add(ref);
    refs.add(r.createdBy);
    refs.add(r.updatedBy);
  }
  refs.delete('engine');
  return [...refs];
}

export interface StoredVersion {
  version: number;
  at: string;
  act: string;
  transition: string | null;
  state: string;
  actor: string;
  digest: string;
  parts: Record<string, unknown>;
  /** Groups the version's entry commits to; null while it waits for its place. */
  groups: string[] | null;
  /** Which log its entry is in, and where; null until it has its place. */
  log: number | null;
  logIndex: number | null;
}

/** Versions of a record, newest first, below `before`. Parts that were erased are absent. */
export function versionsStatement(id: string, before: number, limit: number): Statement {
  return {
    text: `select v.version, v.at, v.act, v.transition, v.state, v.actor, v.digest, f.log, f.index as log_index,
        (select jsonb_agg(k) from jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k) as groups,
        (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c where c.organisation = v.organisation
          and c.record_id = v.record_id and c.version = v.version) as parts
      from version v left join leaf f on f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version
      where v.organisation = (select present_organisation()) and v.record_id = $1 and v.version < $2
      order by v.version desc limit $3`,
    values: [id, before, limit],
    name: 'versions',
  };
}

export function toVersion(row: Row): StoredVersion {
  return {
    version: row.version as number,
    at: iso(row.at),
    act: row.act as string,
    transition: row.transition as string | null,
    state: row.state as string,
    actor: row.actor as string,
    digest: row.digest as string,
    parts: row.parts as Record<string, unknown>,
    groups: row.groups as string[] | null,
    log: row.log as number | null,
    logIndex: row.log_index as number | null,
  };
}
