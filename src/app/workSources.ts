import { registers } from '../registers/index.ts';
import { namingSql } from '../store/authority/naming.ts';
import { HERE, type WorkOf } from '../store/authority/work.ts';
import type { Statement } from '../store/database.ts';
import { vendorRunSql } from '../store/facts/uses.ts';
import { named } from '../store/named.ts';
import { EMERGENCY_USE } from './emergencyUse.ts';

/** Registers whose days are told by a source of their own. */
export const OWN_DAYS: readonly string[] = [registers.concern.name, registers.incident.name];

/** Somebody whose list is asked for by another. */
export const personStatement = (person: string): Statement => ({
  text: `select r.ref, r.title, r.state, r."values"->${named.person.field('roles')} as roles, r."values"->>${named.person.field('manager')} as manager from record r
      where r.organisation = (select present_organisation()) and r.register = $1 and r.ref = $2`,
  values: [registers.person.name, person],
  name: 'work-person',
});

/** Documents that the person is to acknowledge and has not, in the edition in force. */
export const toAcknowledge = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, (select max(v.at) from version v where v.organisation = r.organisation
      and v.record_id = r.id and v.transition = ${named.document.step('publish')}) as since
    from record r where ${HERE} and r.register = $3 and r.state = ${named.document.state('published')}
      and (r."values"->>${named.document.field('acknowledgedBy')} = 'everyone' or (r."values"->>${named.document.field('acknowledgedBy')} = 'named' and coalesce(r."values"->${named.document.field('readers')} ? $1, false)))
      and not exists (select from record d where d.organisation = r.organisation and d.register = $4 and d.${w.place.subject} = lower(r.ref)
        and d."values"->>${named.decision.field('kind')} = 'acknowledge' and d."values"->>${named.decision.field('by')} = $1 and d."values"->>${named.decision.field('subjectDigest')} = r.material)
      and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.document.name, registers.decision.name],
  name: 'work-acknowledge',
});

/** Systems in use that the person owns or approves, with the newest drill, assessment and test of each. Begun from what names the person. */
export const systemsInUse = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.aiSystem.field('riskClass')} as risk_class, r."values"->>${named.aiSystem.field('owner')} as owner,
      (select jsonb_object_agg(x.kind, x.held) from (select d."values"->>${named.drill.field('kind')} as kind, max(d."values"->>${named.drill.field('heldOn')}) as held from record d
        join link a on a.organisation = d.organisation and a.from_id = d.id and a.name = ${named.drill.link('rollbackPlan')}
        join link b on b.organisation = a.organisation and b.from_id = a.to_id and b.name = ${named.rollbackPlan.link('system')} and b.to_id = r.id
        join record p on p.organisation = a.organisation and p.id = a.to_id and p.register = $6
        where d.organisation = r.organisation and d.register = $5 and d.state = ${named.drill.state('verified')} and d."values"->>${named.drill.field('outcome')} = 'succeeded'
        group by 1) x where x.kind is not null and x.held is not null) as drills,
      (select max(d."values"->>${named.riskAssessment.field('heldOn')}) from record d join link a on a.organisation = d.organisation and a.from_id = d.id and a.name = ${named.riskAssessment.link('systems')}
        and a.to_id = r.id where d.organisation = r.organisation and d.register = $7 and d.state in (${named.riskAssessment.state('concluded', 'approved')})) as assessment,
      (select max(coalesce(d."values"->>${named.testRun.field('startedAt')}, d."values"->>${named.testRun.field('receivedAt')})) from record d
        join link a on a.organisation = d.organisation and a.from_id = d.id and a.name = ${named.testRun.link('release')}
        join link b on b.organisation = a.organisation and b.from_id = a.to_id and b.name = ${named.release.link('system')} and b.to_id = r.id
        where d.organisation = r.organisation and d.register = $8 and d.state <> ${named.testRun.state('withdrawn')}
          and d."values"->>${named.testRun.field('status')} = 'complete') as test, ${vendorRunSql(registers.release.name, 'r')} as vendor_run
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

/** Appointments and delegations offered to the person. */
export const toAccept = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.responsibility.field('kind')} as kind, r."values"->>${named.responsibility.field('startsOn')} as starts, r.updated_at as since
    from record r where ${HERE} and r.register = $3 and r.state = ${named.responsibility.state('proposed')} and r.owner = $1 and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.responsibility.name],
  name: 'work-appointments',
});

/** Comments that mention the person and are not settled. */
export const mentions = (w: WorkOf): Statement => ({
  text: `select s.ref, s.register, s.title, s.state, r.ref as comment, r.number, r.created_at as since, r.created_by as by,
      (select p.title from record p where p.organisation = r.organisation and p.ref = r.created_by) as by_name
    from record r cross join lateral (select o.* from record o where o.organisation = r.organisation
      and o.ref = r."values"->>${named.comment.field('subject')} limit 1) s
    where ${HERE} and r.register = $3 and r.state = ${named.comment.state('made')} and coalesce(r."values"->${named.comment.field('mentions')} ? $1, false) and s.register = any($4)
      and (s.hidden_from is null or $1 <> all (s.hidden_from)) and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.comment.name, w.registers.map((r) => r.name)],
  name: 'work-mentions',
});

/** Concerns that the person handles, and, for those who hand them out, the ones that nobody handles yet. */
export const concerns = (w: WorkOf, handsOut: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r.owner = $1 as mine, r."values"->>${named.concern.field('answerBy')} as due, r.created_at as since
    from record r where ${HERE} and r.register = $3 and r.state in (${named.concern.state('received', 'examining')}) and $2::text is not null
      and (r.owner = $1 or ($4 and r."values"->>${named.concern.field('owner')} is null))
    order by r.due nulls last, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.concern.name, handsOut],
  name: 'work-concerns',
});

/** Incidents that must be reported and were not told to anybody yet; and, for those who hand them out, the ones that nobody handles. */
export const incidents = (w: WorkOf, handsOut: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r.owner = $1 as mine, r."values"->>${named.incident.field('owner')} is null as free,
      r."values"->>${named.incident.field('reportBy')} as due, r.created_at as since, t.reportable
    from record r cross join lateral (select coalesce(r."values"->>${named.incident.field('reportBy')} is not null or r."values"->${named.incident.field('reportable')} = 'true', false)
        and not exists (select from link k join record m on m.organisation = k.organisation and m.id = k.to_id and m.register = $5 and m.state = ${named.communication.state('sent')}
          where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.incident.link('communications')}) as reportable) t
    where ${HERE} and r.register = $3 and r.state <> ${named.incident.state('closed')} and $2::text is not null
      and ((r.owner = $1 and t.reportable) or ($4 and r."values"->>${named.incident.field('owner')} is null))
    order by r.due nulls last, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.incident.name, handsOut, registers.communication.name],
  name: 'work-incidents',
});

/** Releases that are in use by an emergency decision alone: for the owner of the system, who made the release or its ticket, and AIMS managers. */
export const emergencyUses = (w: WorkOf, manages: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, s.ref as system, e.until, e.reviewed, e.until <= $3 as over
    from ${EMERGENCY_USE} e join record r on r.organisation = e.organisation and r.id = e.id
    join record s on s.organisation = e.organisation and s.id = e.system_id
    where ${HERE} and $2::text is not null and ($4 or s.owner = $1 or r.created_by = $1 or exists (select from link c
      join record t on t.organisation = c.organisation and t.id = c.to_id and t.owner = $1
      where c.organisation = r.organisation and c.from_id = r.id and c.name = ${named.release.link('change')}))
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, w.now, manages],
  name: 'work-emergencies',
});
