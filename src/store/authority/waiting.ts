import type { Register, Registry, Transition } from '../../register/register.ts';
import { named } from '../records/named.ts';
import { decisionsOn } from '../standing/standing.ts';
import { recordOf } from './covers.ts';
import { inForceSql } from './newest.ts';
import { ACCEPTANCE_WAITS } from './ruled.ts';
import { ANYTHING, sameAsNow } from './steps.ts';
import type { WorkOf } from './work.ts';

// Whose turn it is, and what stands beside a record: what a declaration says of a step that hangs on other records and on what was decided before.

/** A step as rows: where several decide in an order, one for each of them in their turn, and one for where any of them decides. */
export function inTurns(registry: Registry, register: Register, t: Transition) {
  const order = t.order && t.order.length > 1 ? t.order : null;
  const beside = (t.linked ?? []).map(({ via, states, atLeast, where }) => {
    const back = register.links[via]
      ? undefined
      : registry.inversesOf(register.name).find((i) => i.inverse === via);
    return {
      link: back ? null : via,
      back: back?.link ?? null,
      other: back?.register.name ?? null,
      states,
      least: atLeast ?? null,
      field: where?.field ?? null,
      among: where?.is ?? null,
    };
  });
  const waiting = {
    order,
    where: t.severalWhere ?? null,
    reviews: t.decision === 'acknowledge',
    said: t.decision ?? null,
    beside,
  };
  return [
    { by: t.by, turn: null, ...waiting },
    ...(order ?? []).map((turn) => ({ by: turn, turn, ...waiting })),
  ];
}

/** SQL of the decisions on record `r` that count, as it is now. */
export const decided = (
  w: WorkOf,
  covers = '$4',
): string => `(select d."values"->>${named.decision.field('by')} as by, d."values"->>${named.decision.field('onBehalfOf')} as for, d."values"->>${named.decision.field('kind')} as kind,
    d."values"->>${named.decision.field('role')} as role, d."values"->>${named.decision.field('manner')} as manner, (d."values"->>${named.decision.field('subjectVersion')})::int as version from ${decisionsOn(w.place)}
  and (d."values"->>${named.decision.field('until')} is null or d."values"->>${named.decision.field('until')} > $2) and ${sameAsNow(covers)}) d`;

const LARGER = `${inForceSql(named.criteria.field('mode'))} = 'larger'`;

/** SQL of whether several decide on record `r`: in a larger organisation, and where it is linked to what asks for that. */
const SEVERAL = `(coalesce(${LARGER}, false) and (s."where" is null or exists (select from link k ${recordOf('k', 'k.to_id', 'o')}
    where k.organisation = r.organisation and k.from_id = r.id and k.name = s."where"->>'link'
      and coalesce(s."where"->'values' ? (o."values"->>(s."where"->>'field')), true))))`;

/** SQL of whether it is the turn of those for whom row `s` is: the first in the order who has not decided since it was worked on. Without a turn, it is for where one decides. */
const turnOf = (
  w: WorkOf,
  covers: string,
): string => `(case when s."order" is null then true when ${SEVERAL} then coalesce(s.turn = (
    select o.who from jsonb_array_elements_text(s."order") with ordinality o(who, n)
      where not exists (select from ${decided(w, covers)} where d.kind = s.said and d.role = o.who and d.manner is distinct from 'alone'
        and d.version > (select max(v.version) from version v where v.organisation = r.organisation and v.record_id = r.id and (v.transition is null or v.transition = any(s.worked))))
      order by o.n limit 1), false) else s.turn is null end)`;

/** Columns of a row `s` that `waitsNow` reads. */
export const WAITING_COLUMNS =
  'turn text, "order" jsonb, "where" jsonb, reviews boolean, said text, beside jsonb';

/** SQL of whether the records that step `s` asks of those beside record `r` are in the states that it asks for (`linked`). */
const BESIDE = `(s.beside = '[]' or not exists (select from jsonb_to_recordset(s.beside) as b(link text, back text, other text, states text[], least int, field text, among jsonb)
    where (b.field is null or coalesce(b.among ? (r."values"->>b.field), false))
      and (select case when b.least is null then count(*) filter (where o.state <> all(b.states)) > 0 else count(*) filter (where o.state = any(b.states)) < b.least end
        from (select k.to_id as id from link k where b.link is not null and k.organisation = r.organisation and k.from_id = r.id and k.name = b.link
          union all select k.from_id from link k where b.back is not null and k.organisation = r.organisation and k.to_id = r.id and k.from_register = b.other and k.name = b.back) i
          ${recordOf('r', 'i.id', 'o')})))`;

/** SQL of the same where something is decided anew: no such step asks anything of linked records, and none is a review. */
export const waitsAnew = (w: WorkOf, covers: string, asked = ANYTHING): string =>
  [
    'true',
    ...(asked.of(named.risk.register()) ? [ACCEPTANCE_WAITS] : []),
    ...(asked.some('order') ? [turnOf(w, covers)] : []),
  ].join(' and ');

/** SQL of whether step `s` closes no nonconformity on what was found before it came back, nor on an action that failed and was dropped (`nonconformity.cameBack`). */
const CLOSES_ANEW = `(case when r.register <> ${named.nonconformity.register()} or s.step <> ${named.nonconformity.step('close')} then true else (
    select not coalesce(bool_and(a.since < b.at), false) and not (coalesce(bool_or(a.state = ${named.action.state('dropped')} and a.failed), false)
        and not coalesce(bool_or(a.state = ${named.action.state('effective')}), false))
      from (select min(n.at) as at from version n where n.organisation = r.organisation and n.record_id = r.id and n.version > (select max(v.version) from version v
          where v.organisation = n.organisation and v.record_id = n.record_id and v.state = ${named.nonconformity.state('closed')})) b
      left join lateral (select o.state, exists (select from version v where v.organisation = o.organisation and v.record_id = o.id and v.state = ${named.action.state('ineffective')}) as failed,
          (select coalesce(max(v.at) filter (where v.transition is not null), min(v.at)) from version v where v.organisation = o.organisation and v.record_id = o.id) as since
        from link k ${recordOf('k', 'k.from_id', 'o')}
        where k.organisation = r.organisation and k.to_id = r.id and k.from_register = ${named.action.register()} and k.name = ${named.action.link('nonconformities')}) a on true) end)`;

/** SQL of whether record `r` waits for those for whom row `s` is: in their turn, not for them to review what they agreed to, and of risks, for those above the appetite. */
export const waitsNow = (w: WorkOf, asked = ANYTHING): string =>
  [
    waitsAnew(w, '$4', asked),
    ...(asked.some('beside') ? [BESIDE] : []),
    ...(asked.some('reviews') ? [`not ${reviewsOwn(w)}`] : []),
    ...(asked.of(named.nonconformity.register()) ? [CLOSES_ANEW] : []),
  ].join(' and ');

/** SQL of whether person $1 agreed to what is put before others for review. */
const reviewsOwn = (w: WorkOf): string =>
  `(s.reviews and exists (select from ${decisionsOn(w.place)} and d."values"->>${named.decision.field('kind')} in ('approve', 'accept', 'waive')
    and $1 in (d."values"->>${named.decision.field('by')}, d."values"->>${named.decision.field('onBehalfOf')})))`;
