import type { Hop } from '../../facts/reads.ts';
import * as cell from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';
import { RECORD_SELECT, type Stored, toStored } from '../records/records.ts';

/** A way as the statement knows it: its place in the list, and the place of the way before it; 0 is where one begins. */
interface Step {
  readonly step: number;
  readonly after: number;
  readonly hop: Hop;
}

/** Where a walk begins: at records by number, or at all of a register, the oldest first. */
export type Start =
  | {
      readonly refs: readonly string[];
      /** Most records that are found in all, the newest first; all of them unless told. */
      readonly newest?: number;
    }
  | { readonly register: string; readonly states?: readonly string[]; readonly most: number };

/** Ways one after the other, each after the one that leads to it. */
export function stepsOf(hops: readonly Hop[]): Step[] {
  const out: Step[] = [];
  const put = (list: readonly Hop[], after: number) => {
    for (const hop of list) {
      const step = out.push({ step: out.length + 1, after, hop });
      put(hop.then, step);
    }
  };
  put(hops, 0);
  return out;
}

/**
 * SQL of all ways from the records at which one begins, however deep, in one statement with one text: so its plan is kept, and every record is looked up by
 * an index. `ways` says by which step and from which record each was reached; one that is reached twice is sent once.
 */
const WALK = `with recursive steps as materialized (select * from jsonb_to_recordset($1::jsonb)
      as s(step int, after int, link text, "from" text, states text[], field text, among text[], newest int)),
    ways as (
      select 0 as step, b.id, null::uuid as start from (
        select r.id from record r where r.organisation = (select present_organisation()) and r.ref = any($2::text[])
        union all
        (select r.id from record r where r.organisation = (select present_organisation()) and r.register = $3::text
          and ($4::text[] is null or r.state = any($4::text[])) order by r.number limit $5::int)) b
      union
      select s.step, x.id, w.id from (select distinct step, id from ways) w join steps s on s.after = w.step cross join lateral (
        select o.id, row_number() over (order by o.number desc) as place from (
            select l.to_id as id from link l where s."from" is null and l.organisation = (select present_organisation()) and l.from_id = w.id and l.name = s.link
            union all
            select l.from_id from link l where s."from" is not null and l.organisation = (select present_organisation()) and l.to_id = w.id
              and l.from_register = s."from" and (s.link is null or l.name = s.link)) k
          cross join lateral (select t.id, t.number from record t where t.organisation = (select present_organisation()) and t.id = k.id
            and (s.states is null or t.state = any(s.states)) and (s.field is null or t."values"->>s.field = any(s.among)) limit 1) o) x
        where s.newest is null or x.place <= s.newest)
    select n.ways, ${RECORD_SELECT} from (
        select w.ways, o.id from (select id, jsonb_agg(jsonb_build_array(step, start)) as ways from ways group by id) w
          cross join lateral (select x.id, x.created_at, x.number from record x where x.organisation = (select present_organisation()) and x.id = w.id limit 1) o
        order by case when $6::int is not null then o.created_at end desc, case when $6::int is not null then o.number end desc limit $6::int) n
      cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.id = n.id limit 1) r
    order by r.register, r.number`;

export const walkStatement = (hops: readonly Hop[], start: Start): Statement => ({
  text: WALK,
  values: [
    JSON.stringify(
      stepsOf(hops).map(({ step, after, hop }) => ({
        step,
        after,
        link: hop.link,
        from: hop.from,
        states: hop.states,
        field: hop.where?.field,
        among: hop.where?.is,
        newest: hop.newest,
      })),
    ),
    'refs' in start ? start.refs : [],
    ...('refs' in start
      ? [null, null, null, start.newest ?? null]
      : [start.register, start.states ?? null, start.most, null]),
  ],
  name: 'facts-walk',
});

/** What a walk found. */
export interface Walked {
  /** In the order of register and number. */
  readonly records: readonly Stored[];
  readonly subjects: readonly string[];
  /** References by record and way; every way that was gone is there, also where it led nowhere. */
  readonly ways: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

const reachedBy = cell.list((v) => {
  const [step, start] = v as [number, string | null];
  return { step, start };
});

export function toWalked(rows: readonly Row[], hops: readonly Hop[]): Walked {
  const steps = stepsOf(hops);
  const next = (step: number) => steps.filter((s) => s.after === step);
  const found = rows.map((row) => ({ record: toStored(row), reached: reachedBy(row.ways) }));
  const byId = new Map(found.map((f) => [f.record.id, f.record.ref]));
  const ways = new Map<string, Map<string, string[]>>();
  // First that each way was gone, then where it led.
  for (const { record, reached } of found) {
    const own = new Map<string, string[]>();
    for (const { step } of reached) for (const s of next(step)) own.set(s.hop.key, []);
    ways.set(record.ref, own);
  }
  for (const { record, reached } of found)
    for (const { step, start } of reached) {
      if (step === 0) continue;
      const from = byId.get(start ?? '');
      const refs = from === undefined ? undefined : ways.get(from)?.get(steps[step - 1]!.hop.key);
      if (refs && !refs.includes(record.ref)) refs.push(record.ref);
    }
  return {
    records: found.map((f) => f.record),
    subjects: found.flatMap((f) => (f.reached.some((r) => r.step === 0) ? [f.record.ref] : [])),
    ways,
  };
}
