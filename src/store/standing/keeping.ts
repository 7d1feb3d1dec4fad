import type { Registry } from '../../register/register.ts';
import { type DecisionPlace, recordOf } from '../authority/covers.ts';
import * as cell from '../db/cells.ts';
import type { Statement } from '../db/database.ts';
import type { Query } from '../ledger/batch.ts';
import {
  heldSql,
  holdsSql,
  lastLeaf,
  RESTS,
  type StandingRules,
  standingRules,
  touchedSql,
} from './standing.ts';

/** Records found together, and entries looked at together. */
const BATCH = 500;

const HERE = 'organisation = (select present_organisation())';
const NIL = '00000000-0000-0000-0000-000000000000';

/** What is left to do. `busy`: another process is at it. */
export type Kept = 'more' | 'done' | 'busy';

/**
 * One step of keeping the standing of an organisation's records behind its log, in the caller's transaction, which must see all records: begins anew where
 * nothing that is kept holds, goes on finding all, or looks at the next entries. Any number of processes may do it: the head is locked by one of them and
 * moved last, so what a step that is broken off leaves behind is done again. `ended` breaks off between batches.
 */
export async function keepStanding(
  query: Query,
  registry: Registry,
  place: DecisionPlace,
  ended: () => boolean = () => false,
): Promise<Kept> {
  const rules = standingRules(registry, place);
  const keep = async (ids: readonly string[]) => {
    for (let i = 0; i < ids.length && !ended(); i += BATCH)
      await query(keepStatement(place, rules, ids.slice(i, i + BATCH)));
    return !ended();
  };
  // Locked first and read afterwards, in another statement: what is read is then at least as new as what the last one left.
  await query(BEGIN);
  if ((await query(LOCK)).length === 0) return 'busy';
  const [row] = await query(headStatement(rules));
  if (!row) return 'done';
  const head = toHead(row);
  if (!head.holds) {
    await query(anewStatement(rules));
    return 'more';
  }
  if (head.upto !== null) {
    const ids = (await query(restingStatement(rules, head.upto))).map((r) => cell.text(r.id));
    if (await keep(ids)) await query(foundStatement(ids.length < BATCH ? null : ids.at(-1)!));
    return 'more';
  }
  const [next] = (await query(nextStatement(place, rules))).map(toNext);
  if (!next) return 'done';
  if (await keep(next.touched)) {
    const moved = await query(moveStatement(head, next));
    if (moved.length !== 1)
      throw new Error('the head of what is kept of standing was moved by somebody else');
  }
  return 'more';
}

/** Asked first whether it is there: an insert would wait for whoever moves the one there is. */
const BEGIN: Statement = {
  text: `insert into standing_head (organisation, rules, log, size) select (select present_organisation()), '', 0, 0
    where not exists (select from standing_head where ${HERE}) on conflict do nothing`,
  name: 'standing-begin',
};

const LOCK: Statement = {
  text: `select log from standing_head where ${HERE} for update skip locked`,
  name: 'standing-lock',
};

const headStatement = (rules: StandingRules): Statement => ({
  text: `select ${holdsSql('$1')} as holds, h.log, h.size, h.upto from standing_head h join log l on l.organisation = h.organisation
    where h.organisation = (select present_organisation())`,
  values: [rules.digest],
  name: 'standing-head',
});

const toHead = cell.members({
  holds: cell.flag,
  log: cell.number,
  size: cell.number,
  upto: cell.textOrNull,
});

/** Whatever is written from here on has its entry behind this head; what was written before is found by going through all records. */
const anewStatement = (rules: StandingRules): Statement => ({
  text: `with gone as (delete from standing where ${HERE})
    update standing_head h set rules = $1, log = l.number, size = l.size, leaf = ${lastLeaf('l.number', 'l.size')}, upto = '${NIL}'
      from log l where h.organisation = (select present_organisation()) and l.organisation = h.organisation`,
  values: [rules.digest],
  name: 'standing-anew',
});

const restingStatement = (rules: StandingRules, after: string): Statement => ({
  text: `select r.id from record r where r.organisation = (select present_organisation()) and r.id > $1 and ${RESTS('$2')} order by r.id limit ${BATCH}`,
  values: [after, rules.resting],
  name: 'standing-resting',
});

const foundStatement = (upto: string | null): Statement => ({
  text: `update standing_head set upto = $1 where ${HERE}`,
  values: [upto],
  name: 'standing-found',
});

/** Keeps what these records stand on now; of those that rest on no decision (any more), nothing. */
const keepStatement = (place: DecisionPlace, rules: StandingRules, ids: readonly string[]): Statement => ({
  text: `with due as materialized (select (select present_organisation()) as organisation, x.id from unnest($1::uuid[]) as x(id)),
    found as materialized (select r.organisation, r.id, h.* from due ${recordOf('due', 'due.id', 'r')}
      cross join lateral (${heldSql(place, '$2')}) h where ${RESTS('$3')}),
    gone as (delete from standing k using due where k.organisation = due.organisation and k.record_id = due.id
      and not exists (select from found where found.id = due.id))
    insert into standing as k (organisation, record_id, counts_until, alone_until) select * from found
      on conflict (organisation, record_id) do update set counts_until = excluded.counts_until, alone_until = excluded.alone_until
      where (k.counts_until, k.alone_until) is distinct from (excluded.counts_until, excluded.alone_until)`,
  values: [ids, rules.covers, rules.resting],
  name: 'standing-keep',
});

/** The next entries behind the head: where they end, and the records that they touched. No row when there are none. */
const nextStatement = (place: DecisionPlace, rules: StandingRules): Statement => ({
  text: `with next as materialized (select f.* from standing_head h cross join lateral (select f.organisation, f.log, f.index, f.hash, f.record_id, f.version
        from leaf f where f.organisation = h.organisation and (f.log, f.index) >= (h.log, h.size) order by f.log, f.index limit ${BATCH}) f
      where h.organisation = (select present_organisation())),
    entries as materialized (select organisation, record_id, version from next where record_id is not null)
    select n.log, n.index + 1 as size, n.hash as leaf, coalesce((select jsonb_agg(t.id) from (${touchedSql(place, 'entries', '$1')}) t), '[]'::jsonb) as touched
      from next n order by n.log desc, n.index desc limit 1`,
  values: [rules.backs],
  name: 'standing-next',
});

const toNext = cell.members({ log: cell.number, size: cell.number, leaf: cell.bytes, touched: cell.texts });

const moveStatement = (
  from: { log: number; size: number },
  to: { log: number; size: number; leaf: Buffer },
): Statement => ({
  text: `update standing_head set log = $1, size = $2, leaf = $3 where ${HERE} and log = $4 and size = $5 returning log`,
  values: [to.log, to.size, to.leaf, from.log, from.size],
  name: 'standing-move',
});
