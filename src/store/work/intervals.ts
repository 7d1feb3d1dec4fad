import { recordOf } from '../authority/covers.ts';
import { namingSql } from '../authority/naming.ts';
import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { vendorRunSql } from '../facts/uses.ts';
import { named } from '../records/named.ts';

const HELD = `d."values"->>${named.drill.field('heldOn')}`;

const SUCCEEDED = `d."values"->>${named.drill.field('outcome')} = 'succeeded'`;

/** Systems in use that the person owns or approves, with the newest drill, assessment and test of each. Begun from what names the person. */
export const systemsInUse = (w: WorkOf): Statement => ({
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
          and d.state <> ${named.testRun.state('withdrawn')} and d."values"->>${named.testRun.field('status')} = 'complete') as test, ${vendorRunSql(named.release.name, 'r')} as vendor_run
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
    named.aiSystem.name,
    named.release.name,
    named.drill.name,
    named.rollbackPlan.name,
    named.riskAssessment.name,
    named.testRun.name,
  ],
  name: 'work-systems',
});
