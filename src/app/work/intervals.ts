import { drillsAsked } from '../../gate/checks/rollback.ts';
import { isRiskClass, policyFor, policyFrom } from '../../gate/policy.ts';
import { monthsBefore } from '../../gate/reading.ts';
import { registers } from '../../registers/index.ts';
import { recordOf } from '../../store/authority/covers.ts';
import { namingSql } from '../../store/authority/naming.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { vendorRunSql } from '../../store/facts/uses.ts';
import { named } from '../../store/records/named.ts';
import type { Stored } from '../../store/records/records.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
import { daysBetween, next, part, whenSaid, why } from './words.ts';

const HELD = `d."values"->>${named.drill.field('heldOn')}`;
const SUCCEEDED = `d."values"->>${named.drill.field('outcome')} = 'succeeded'`;

/** Systems in use that the person owns or approves, with the newest drill, assessment and test of each. Begun from what names the person. */
const systemsInUse = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.aiSystem.field('riskClass')} as risk_class, r."values"->>${named.aiSystem.field('owner')} as owner,
      (select jsonb_object_agg(x.kind, jsonb_build_object('held', x.held, 'failed', case when x.failed >= coalesce(x.succeeded, '') then x.failed end))
        from (select d."values"->>${named.drill.field('kind')} as kind, max(${HELD}) filter (where ${SUCCEEDED} and d.state = ${named.drill.state('verified')}) as held,
          max(${HELD}) filter (where ${SUCCEEDED}) as succeeded,
          max(${HELD}) filter (where d."values"->>${named.drill.field('outcome')} = 'failed' and ${HELD} <= $2::text and p.state <> ${named.rollbackPlan.state('retired')}) as failed
        from link b ${recordOf('b', 'b.from_id', 'p')}
        join link a on a.organisation = b.organisation and a.to_id = b.from_id and a.from_register = $5 and a.name = ${named.drill.link('rollbackPlan')}
        ${recordOf('a', 'a.from_id', 'd')}
        where b.organisation = r.organisation and b.to_id = r.id and b.from_register = $6 and b.name = ${named.rollbackPlan.link('system')}
          and d.state in (${named.drill.state('held', 'verified')})
        group by 1) x where x.kind is not null) as drills,
      (select max(d."values"->>${named.riskAssessment.field('heldOn')}) from link a ${recordOf('a', 'a.from_id', 'd')}
        where a.organisation = r.organisation and a.to_id = r.id and a.from_register = $7 and a.name = ${named.riskAssessment.link('systems')}
          and d.state in (${named.riskAssessment.state('concluded', 'approved')})) as assessment,
      (select max(coalesce(d."values"->>${named.testRun.field('startedAt')}, d."values"->>${named.testRun.field('receivedAt')})) from link b
        join link a on a.organisation = b.organisation and a.to_id = b.from_id and a.from_register = $8 and a.name = ${named.testRun.link('release')}
        ${recordOf('a', 'a.from_id', 'd')}
        where b.organisation = r.organisation and b.to_id = r.id and b.from_register = $4 and b.name = ${named.release.link('system')}
          and d.state <> ${named.testRun.state('withdrawn')} and d."values"->>${named.testRun.field('status')} = 'complete') as test, ${vendorRunSql(registers.release.name, 'r')} as vendor_run
    from (select distinct n.id from (${namingSql('array[$3]')}) n where n.register = $3 and n.field in (${named.aiSystem.field('owner', 'approver')})) c
      cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.id = c.id limit 1) r
    where ${HERE} and r.register = $3 and r.state = ${named.aiSystem.state('inScope')} and $2::text is not null
      and (r.owner = $1 or r."values"->>${named.aiSystem.field('approver')} = $1)
      and (r."values"->>${named.aiSystem.field('stage')} = 'operation' or exists (select from link k join record l on l.organisation = k.organisation and l.id = k.from_id
        and l.state = ${named.release.state('shipped')} where k.organisation = r.organisation and k.to_id = r.id and k.from_register = $4 and k.name = ${named.release.link('system')}))
    order by r.number limit ${w.most + 1}`,
  values: [
    w.person.ref,
    w.today,
    registers.aiSystem.name,
    registers.release.name,
    registers.drill.name,
    registers.rollbackPlan.name,
    registers.riskAssessment.name,
    registers.testRun.name,
  ],
  name: 'work-systems',
});

/** Drills, risk assessments and tests that are older than the criteria in force ask for. */
export const intervals: WorkRule = { kind: 'intervals', statement: systemsInUse, tells: outOfInterval };

const DRILLS = cell.byName(cell.members({ held: cell.textOrNull, failed: cell.textOrNull }));

function outOfInterval(r: Row, w: Whose, criteria: Stored | undefined): Told[] {
  const { risk_class: riskClass } = r;
  if (!isRiskClass(riskClass)) return [];
  const own = criteria && policyFrom(criteria, riskClass);
  const policy = policyFor(criteria, riskClass);
  const source = own ? criteria.ref : part('ownPolicy');
  const drills = cell.orNull(DRILLS)(r.drills) ?? {};
  // Leave to use what a vendor runs depends on neither.
  const ours = r.vendor_run ? [] : drillsAsked(policy);
  const failed = ours.flatMap(({ kind }): Told[] => {
    const held = drills[kind]?.failed;
    if (!held) return [];
    return [
      {
        rule: 'aiSystem.failedDrill',
        urgency: 'soon',
        why: why('newestFailed', { kind, held }),
        next: { said: next('drillAgain') },
      },
    ];
  });
  const looks = [
    ...ours
      .filter(({ kind }) => !drills[kind]?.failed)
      .map(({ kind, months }) => ({
        rule: `aiSystem.${kind}Drill`,
        what: part('heldDrill', { kind }),
        newest: drills[kind]?.held ?? null,
        months,
        label: next('holdDrill'),
      })),
    {
      rule: 'aiSystem.riskAssessment',
      what: part('assessment'),
      newest: cell.textOrNull(r.assessment),
      months: policy.riskMonths,
      label: next('assess'),
    },
    {
      rule: 'aiSystem.test',
      what: part('test'),
      newest: cell.textOrNull(r.test),
      months: r.vendor_run ? 0 : policy.riskMonths,
      label: next('test'),
    },
  ];
  const old = looks.flatMap(({ rule, what, newest, months, label }): Told[] => {
    if (months === 0) return [];
    const demand = part('demand', { source, months, riskClass });
    if (newest === null) return [{ rule, why: why('never', { what, demand }), next: { said: label } }];
    const held = newest.slice(0, 10);
    // The same months the other way: a drill of 31 August lasts to the last day of February.
    const due = monthsBefore(held, -months);
    if (due >= w.today && daysBetween(w.today, due) > w.ahead) return [];
    const params = { what, held, when: whenSaid(due, w.today), demand };
    return [
      { rule, due, why: due < w.today ? why('old', params) : why('growsOld', params), next: { said: label } },
    ];
  });
  return [...failed, ...old];
}
