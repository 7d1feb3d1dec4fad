import { restingStates } from '../../src/register/decisions.ts';
import { asList, type Registry, type Transition } from '../../src/register/register.ts';
import { quote, recordOf } from '../../src/store/authority/covers.ts';
import { newestAllowanceSql } from '../../src/store/authority/newest.ts';
import {
  byPart,
  coverRows,
  OPEN,
  PART,
  STEP_COLUMNS,
  sameAsNow,
  stepRow,
} from '../../src/store/authority/steps.ts';
import { inTurns, WAITING_COLUMNS, waitsNow } from '../../src/store/authority/waiting.ts';
import { HERE, type WorkOf } from '../../src/store/authority/work.ts';
import type { Statement } from '../../src/store/db/database.ts';
import type { UseNames } from '../../src/store/release/in-use.ts';
import { decisionsOn } from '../../src/store/standing/standing.ts';

/** My work as it is found by looking at everything that waits, is in use or was held, one by one: what looks only where it may find something must say the same. */

const COLUMNS = 'r.ref, r.register, r.title, r.state, r.number, r.updated_at';

const agrees = (t: Transition): boolean =>
  t.decision === 'approve' || t.decision === 'accept' || t.decision === 'waive';

/** Of everything that waits for a decision, what the person may decide. */
export function decisionsComputed(registry: Registry, w: WorkOf): Statement {
  const rows = w.registers.flatMap((register) => {
    const resting = restingStates(register);
    return Object.entries(register.transitions).flatMap(([name, t]) => {
      const stays = asList(t.from).every((s) => s === t.to);
      if (!agrees(t) && !(t.decision === 'acknowledge' && !stays)) return [];
      const states = asList(t.from).filter((s) => t.decision === 'acknowledge' || !resting.has(s));
      const several = (t.quorum ?? 1) > 1 || (t.order?.length ?? 0) > 1;
      return inTurns(registry, register, t).flatMap(({ by, ...waiting }) => {
        const row = stepRow(w.person, register, name, { ...t, by }, states);
        if (states.length === 0 || !(row.role || byPart(row))) return [];
        return {
          ...row,
          ...waiting,
          ways: Object.keys(register.transitions).filter((n) => {
            const way = register.transitions[n]!;
            return !asList(way.from).every((s) => s === way.to);
          }),
          decision: t.decision,
          undecided: stays || several,
          unsettled: stays && !several,
        };
      });
    });
  });
  return {
    text: `select x.*, s.step from jsonb_to_recordset($3) as s(${STEP_COLUMNS}, ways text[], decision text, undecided boolean, unsettled boolean, ${WAITING_COLUMNS})
      cross join unnest(s.states) as st(state)
      cross join lateral (select ${COLUMNS}, coalesce((select max(v.at) from version v where v.organisation = r.organisation and v.record_id = r.id
          and v.state = r.state and v.transition = any(s.ways)), r.created_at) as since, false as alone
        from record r where ${HERE} and r.register = s.register and r.state = st.state and $2::text is not null and ${OPEN} and ${waitsNow(w)}
          and case when s.undecided or s.unsettled then (
            select not (s.undecided and coalesce(bool_or((d.by = $1 or coalesce(d.for = $1, false)) and d.kind = s.decision), false))
              and (not s.unsettled or ${PART} or not coalesce(bool_or(d.kind in ('approve', 'accept', 'waive')), false))
            from (select d."values"->>'by' as by, d."values"->>'onBehalfOf' as for, d."values"->>'kind' as kind from ${decisionsOn(w.place)}
              and (d."values"->>'until' is null or d."values"->>'until' > $2) and ${sameAsNow('$4')}) d) else true end
        order by r.number limit ${w.most + 1}) x
      order by since, ref, s.step limit ${w.most + 1}`,
    values: [w.person.ref, w.today, JSON.stringify(rows), JSON.stringify(coverRows(registry))],
    name: 'work-decisions-computed',
  };
}

const allowances = (n: UseNames, release: string): string =>
  `select d.ref, d.number, coalesce(d."values"->>'basis', '') as basis ${newestAllowanceSql(n.gateDecision, release, 'r.organisation')}`;

const clears = (r: string): string => `(${r}."values"->>'kind' is not distinct from 'useClearance')`;

/** Of everything that is in use, what is told to the person. */
export const toldComputed = (n: UseNames, w: WorkOf, manages: boolean): Statement => ({
  text: `select r.ref as release, s.ref as system, a.ref as allowance, a.basis, r.register, r.ref, r.title, r.state, r.number, f.verdict,
      to_jsonb(f.reasons[1:3]) as reasons, greatest(cardinality(f.reasons) - 3, 0) as unsaid, f.judged_at as judged,
      not coalesce((f.log, f.size) = (select l.number as log, l.size + (select count(*) from outbox o where o.organisation = l.organisation) as size
        from log l where l.organisation = (select present_organisation())), false) as older
    from record r join link y on y.organisation = r.organisation and y.from_id = r.id and y.name = 'system'
    ${recordOf('y', 'y.to_id', 's')}
    cross join lateral (${allowances(n, 'r.id')}) a
    join use_finding f on f.organisation = r.organisation and f.release_id = r.id and f.verdict <> 'allow'
    where r.organisation = (select present_organisation()) and r.register = ${quote(n.release)} and r.state = 'shipped'
      and not exists (select from link z ${recordOf('z', 'z.from_id', 'o')} cross join lateral (${allowances(n, 'o.id')}) b
        where z.organisation = r.organisation and z.to_id = s.id and z.from_id <> r.id and z.from_register = ${quote(n.release)} and z.name = 'system'
          and o.state = 'shipped' and ${clears('o')} = ${clears('r')} and b.number > a.number)
      and ${HERE} and a.basis <> 'emergency' and $2::text is not null and ($3 or s.owner = $1 or r.created_by = $1
        or $1 in (s."values"->>'approver', s."values"->>'oversight', r."values"->>'overseer'))
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, manages],
  name: 'work-in-use-computed',
});

/** Of every system in use that the person owns or approves, the newest drill of each kind, assessment and test, by looking at all of these there are. */
export const intervalsComputed = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>'riskClass' as risk_class, r."values"->>'owner' as owner,
      (select jsonb_object_agg(x.kind, jsonb_build_object('held', x.held, 'failed', x.failed)) from (
        select d."values"->>'kind' as kind, max(d."values"->>'heldOn') filter (where d.state = 'verified' and d."values"->>'outcome' = 'succeeded') as held,
          max(d."values"->>'heldOn') filter (where p.state <> 'retired' and d."values"->>'outcome' = 'failed' and d."values"->>'heldOn' <= $2::text
            and not exists (select from record n
              join link c on c.organisation = n.organisation and c.from_id = n.id and c.name = 'rollbackPlan'
              join link e on e.organisation = c.organisation and e.from_id = c.to_id and e.name = 'system' and e.to_id = r.id
              where n.organisation = d.organisation and n.register = 'drill' and n.state in ('held', 'verified') and n."values"->>'outcome' = 'succeeded'
                and n."values"->>'kind' = d."values"->>'kind' and n."values"->>'heldOn' > d."values"->>'heldOn')) as failed
        from record d
        join link a on a.organisation = d.organisation and a.from_id = d.id and a.name = 'rollbackPlan'
        join link b on b.organisation = a.organisation and b.from_id = a.to_id and b.name = 'system' and b.to_id = r.id
        join record p on p.organisation = a.organisation and p.id = a.to_id and p.register = 'rollbackPlan'
        where d.organisation = r.organisation and d.register = 'drill' and d.state in ('held', 'verified')
        group by 1) x where x.kind is not null) as drills,
      (select max(d."values"->>'heldOn') from record d join link a on a.organisation = d.organisation and a.from_id = d.id and a.name = 'systems' and a.to_id = r.id
        where d.organisation = r.organisation and d.register = 'riskAssessment' and d.state in ('concluded', 'approved')) as assessment,
      (select max(coalesce(d."values"->>'startedAt', d."values"->>'receivedAt')) from record d
        join link a on a.organisation = d.organisation and a.from_id = d.id and a.name = 'release'
        join link b on b.organisation = a.organisation and b.from_id = a.to_id and b.name = 'system' and b.to_id = r.id
        where d.organisation = r.organisation and d.register = 'testRun' and d.state <> 'withdrawn' and d."values"->>'status' = 'complete') as test,
      (select coalesce(bool_and(o."values"->>'kind' = 'useClearance'), false) from link u join record o on o.organisation = u.organisation
        and o.id = u.from_id and o.state <> 'withdrawn'
        where u.organisation = r.organisation and u.to_id = r.id and u.from_register = 'release' and u.name = 'system') as vendor_run
    from record r where ${HERE} and r.register = 'aiSystem' and r.state = 'inScope' and $2::text is not null
      and (r.owner = $1 or r."values"->>'approver' = $1)
      and (r."values"->>'stage' = 'operation' or exists (select from link k join record l on l.organisation = k.organisation and l.id = k.from_id
        and l.state = 'shipped' where k.organisation = r.organisation and k.to_id = r.id and k.from_register = 'release' and k.name = 'system'))
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today],
  name: 'work-systems-computed',
});
