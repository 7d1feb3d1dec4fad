import { recordOf } from '../authority/covers.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/**
 * What an audit pack reads. Rows are taken as they stand, also when somebody changed them past the ledger: whole numbers and times
 * come as text, so that no value, however strange, breaks the reading.
 */

const HERE = 'organisation = (select present_organisation())';
/** Microseconds too: what is not a whole millisecond was not written by us. */
const INSTANT = (column: string) =>
  `coalesce(to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.USZ'), '')`;

/** A row's time as entries write it; other times stay as they are. */
export const instantOf = (text: unknown): string => String(text).replace(/(\.\d{3})000Z$/, '$1Z');

/** A whole number that came as text; -1 when it is none that counts. */
export function wholeOf(text: unknown): number {
  const n = typeof text === 'string' || typeof text === 'number' ? Number(text) : -1;
  return Number.isSafeInteger(n) && n >= 0 ? n : -1;
}

/** How much waits for its place: versions, and entries about the log itself. */
export const WAITING_ENTRIES: Statement = {
  text: `select count(record_id)::int as versions, (count(*) - count(record_id))::int as others from outbox where ${HERE}`,
};

/** Cosignature lines under a checkpoint. The name inside is used nowhere else: `log` and `size` are columns of the query around it. */
const COSIGNED = (log: string, size: string) =>
  `(select coalesce(string_agg(cosigned.line, '' order by cosigned.vkey), '') from cosignature cosigned
    where cosigned.${HERE} and cosigned.log = ${log} and cosigned.size = ${size})`;

/** Witnesses of now and of before. */
export const WITNESSES: Statement = {
  text: `select vkey, removed_at is null as present from witness where ${HERE} order by added_at, vkey`,
};

/** Every log up to number `last`, oldest first. */
export const logsStatement = (last: number): Statement => ({
  text: `select x.number, x.origin, x.size::text as size, encode(x.root, 'base64') as root, x.checkpoint || ${COSIGNED('x.number', 'x.size')} as checkpoint,
      (select coalesce(json_agg(k.vkey order by k.since desc, k.vkey), '[]') from log_key k where k.${HERE} and k.log = x.number) as vkeys
    from (select number, origin, size, root, checkpoint from log where ${HERE}
      union all select number, origin, size, root, checkpoint from former_log where ${HERE}) x
    where x.number <= $1 order by x.number`,
  values: [last],
});

/** The newest checkpoint at or before a time, or the one of exactly a size of the open log; with the sizes around it. */
export function packPointStatement(asked: { size: number } | { at: Date }): Statement {
  const bySize = 'size' in asked;
  const found = bySize
    ? `c.size = $1 and c.log = l.number`
    : `c.at <= $1 order by c.at desc, c.log desc, c.size desc`;
  const near = (than: string, order: string) =>
    bySize
      ? `(select c.size::text from checkpoint c where c.${HERE} and c.log = l.number and c.size ${than} $1 order by c.size ${order} limit 1)`
      : 'null';
  return {
    text: `select p.*, l.number as open, ${near('<', 'desc')} as below, ${near('>', 'asc')} as above from log l left join lateral (
        select c.log, c.size::text as size, ${INSTANT('c.at')} as at, c.note || ${COSIGNED('c.log', 'c.size')} as note
        from checkpoint c where c.${HERE} and ${found} limit 1) p on true where l.${HERE}`,
    values: [bySize ? asked.size : asked.at],
  };
}

/** Entries about the logs themselves that came after a point, in order, with the numbers of the logs by origin. */
export const notesAfterStatement = (point: { log: number; size: number }): Statement => ({
  text: `select log, index::text as index, entry, (select json_object_agg(x.origin, x.number) from (
        select number, origin from log where ${HERE} union all select number, origin from former_log where ${HERE}) x) as logs
    from leaf where ${HERE} and record_id is null and (log, index) >= ($1, $2) order by leaf.log, leaf.index`,
  values: [point.log, point.size],
});

/** The checkpoint that first covers an entry: the first that a witness cosigned, or the first of all when none did. */
export const coveringStatement = (log: number, index: number): Statement => ({
  text: `select c.log, c.size::text as size, ${INSTANT('c.at')} as at, c.note || ${COSIGNED('c.log', 'c.size')} as note
    from checkpoint c where c.${HERE} and c.log = $1 and c.size > $2
    order by exists (select from cosignature s where s.${HERE} and s.log = c.log and s.size = c.size) desc, c.size limit 1`,
  values: [log, index],
});

/** Entries of a log from an index on, in order: of the column, not of the text under the same name. */
export const leavesStatement = (log: number, from: number, below: number): Statement => ({
  text: `select index::text as index, entry from leaf where ${HERE} and log = $1 and index >= $2 and index < $3 order by leaf.index limit $4`,
  values: [log, from, below, below - from],
  name: 'pack-leaves',
});

/** One past the largest index of a log: entries beyond it need not be looked for. */
export const lastLeafStatement = (log: number): Statement => ({
  text: `select (max(index) + 1)::text as end from leaf where ${HERE} and log = $1 and index < 9007199254740991`,
  values: [log],
});

/** Tiles of a level from an index on, in order. */
export const tileRowsStatement = (log: number, level: number, from: number, limit: number): Statement => ({
  text: `select index::text as index, hashes from tile where ${HERE} and log = $1 and level = $2 and index >= $3 order by tile.index limit $4`,
  values: [log, level, from, limit],
  name: 'pack-tiles',
});

/**
 * Checkpoints beside that of `size` worth keeping, ascending: all with a stamp or with two signatures and the newest cosigned one as far as
 * there is room, the others spread evenly. With `later` also those beyond: a log that is shorter than what was signed was set back.
 */
export const checkpointsStatement = (
  log: number,
  size: number,
  limit: number,
  later: boolean,
): Statement => ({
  text: `select size::text as size, note || ${COSIGNED('$1', 'y.size')} as note, ${INSTANT('y.at')} as at from (
      select p.size, p.note, p.at, row_number() over (order by (
          exists (select from stamp s where s.${HERE} and s.log = p.log and s.size = p.size and s.token is not null)
          or p.note like E'%\\n— %\\n— %' or p.size = (select max(c.size) from cosignature c where c.${HERE} and c.log = p.log
            and c.size <= $2)) desc,
          p.place % greatest(1, p.total / $3) = 0 desc, p.size desc) as rank
      from (select c.*, row_number() over (order by c.size) as place, count(*) over () as total from checkpoint c
        where c.${HERE} and c.log = $1 and (c.size < $2 or $4 and c.size > $2)) p) y where rank <= $3 order by y.size`,
  values: [log, size, limit, later],
});

/** Time stamps of checkpoints up to `size`. */
export const stampRowsStatement = (log: number, size: number): Statement => ({
  text: `select s.size::text as size, s.token, s.chain, c.note from stamp s join checkpoint c using (organisation, log, size)
    where s.${HERE} and s.log = $1 and s.size <= $2 and s.token is not null order by s.size`,
  values: [log, size],
});

const LINKS = `(select coalesce(jsonb_object_agg(x.name, x.refs), '{}'::jsonb) from (
    select l.name, jsonb_agg(o.ref order by o.ref) as refs from link l ${recordOf('l', 'l.to_id', 'o')}
    where l.organisation = r.organisation and l.from_id = r.id group by l.name) x)`;

/** Records of a register after a number, ascending; only those of `ids` when given. */
export const recordRowsStatement = (
  register: string,
  after: number,
  limit: number,
  ids: readonly string[] | undefined,
): Statement => ({
  text: `select r.id, r.ref, r.register, r.number, r.version, r.state, r.title, r."values", r.derived, ${LINKS} as links,
      ${INSTANT('r.created_at')} as created_at, r.created_by, ${INSTANT('r.updated_at')} as updated_at, r.updated_by,
      exists (select from outbox o where o.organisation = r.organisation and o.record_id = r.id) as waiting
    from record r where r.${HERE} and r.register = $1 and r.number > $2 ${ids ? 'and r.id = any($4::uuid[])' : ''}
    order by r.number limit $3`,
  values: [register, after, limit, ...(ids ? [ids] : [])],
});

/** Every version of some records with its entry, content and salts; those that still wait for their place are left out. */
export const versionRowsStatement = (ids: readonly string[]): Statement => ({
  text: `select v.record_id as id, v.version, ${INSTANT('v.at')} as at, v.act, v.transition, v.state, v.actor, v.digest, f.log,
      f.index::text as index, f.entry,
      (select coalesce(jsonb_object_agg(p.part, jsonb_build_array(p.salt, p.value)), '{}') from (
        select c.part, encode(s.salt, 'hex') as salt, c.value::text as value from content c
        join secret s using (organisation, record_id, version, part)
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) p) as parts
    from version v left join leaf f on f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version
    where v.${HERE} and v.record_id = any($1::uuid[]) and not exists (select from outbox o where o.organisation = v.organisation
      and o.record_id = v.record_id and o.version = v.version)
    order by v.record_id, v.version`,
  values: [ids],
});

/** Registers that have records: also those that the program does not know. */
export const REGISTERS_HELD: Statement = {
  text: `select distinct register from record where ${HERE} order by register`,
};

/** A record by reference. */
export const recordIdStatement = (ref: string): Statement => ({
  text: `select id, register from record where ${HERE} and ref = $1`,
  values: [ref],
});

/** Links from and to records: who names whom. */
export const neighboursStatement = (ids: readonly string[], back: boolean): Statement => ({
  text: `select distinct l.${back ? 'from_id' : 'to_id'} as id from link l where l.${HERE}
    and l.${back ? 'to_id' : 'from_id'} = any($1::uuid[])`,
  values: [ids],
});

/** Of `ids`, those that link to records of `register` but not to `start`. */
export const ofOthersStatement = (ids: readonly string[], register: string, start: string): Statement => ({
  text: `select l.from_id as id from link l join record t on t.organisation = l.organisation and t.id = l.to_id
    where l.${HERE} and l.from_id = any($1::uuid[]) and t.register = $2 group by l.from_id having not bool_or(l.to_id = $3)`,
  values: [ids, register, start],
});

/** Reference and register of records, and every reference that their values hold or that stands for who wrote them. */
export const namedStatement = (ids: readonly string[]): Statement => ({
  text: `select r.ref, r.id, r.register, r."values", r.created_by, r.updated_by, (select coalesce(jsonb_agg(distinct v.actor), '[]')
      from version v where v.organisation = r.organisation and v.record_id = r.id) as actors
    from record r where r.${HERE} and r.id = any($1::uuid[])`,
  values: [ids],
});

/** Records by reference. */
export const byRefStatement = (refs: readonly string[]): Statement => ({
  text: `select id, register from record where ${HERE} and ref = any($1)`,
  values: [refs],
});

/** Records of some registers whose field `subject` is one of these references. */
export const aboutStatement = (registers: readonly string[], refs: readonly string[]): Statement => ({
  text: `select id from record where ${HERE} and register = any($1) and "values"->>${named.decision.field('subject')} = any($2)`,
  values: [registers, refs],
});
