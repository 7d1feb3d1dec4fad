import { criteriaInForce } from '../authority/criteria.ts';
import { Failure } from '../base/failure.ts';
import type { Requirements } from '../gate/requirement.ts';
import { requirementsOf } from '../gate/requirements.ts';
import { registers } from '../registers/index.ts';
import * as cell from '../store/cells.ts';
import { standingSql } from '../store/covers.ts';
import { named } from '../store/named.ts';
import { newestCriteria } from '../store/newest.ts';
import { RECORD_SELECT, readStatement, toRec, toStored } from '../store/records.ts';
import { MEMBERS } from './circumstances.ts';
import type { App, Asking } from './context.ts';
import { decisionPlace } from './decisions.ts';
import { emergencyUseOf, toEmergencyUse } from './emergencyUse.ts';
import { demandRead } from './query.ts';

const REGISTERS = {
  system: registers.aiSystem.name,
  hazard: registers.hazard.name,
  risk: registers.risk.name,
  riskAssessment: registers.riskAssessment.name,
  impactAssessment: registers.impactAssessment.name,
  verificationPlan: registers.verificationPlan.name,
  rollbackPlan: registers.rollbackPlan.name,
  drill: registers.drill.name,
  monitor: registers.monitor.name,
};

/** More than any system has; the newest count. */
const MOST = 2_000;

/** What the risk class of a system asks of it, and what not, with what is there: five statements, whatever hangs on it. */
export async function readRequirements(app: App, ask: Asking, ref: string): Promise<Requirements> {
  const register = app.registry.of(registers.aiSystem);
  demandRead(ask, register);
  const now = app.clock.now().toISOString();
  const place = decisionPlace(app);
  const standing = Object.values(REGISTERS)
    .map(
      (name) => `when '${name}' then ${standingSql(app.registry, app.registry.get(name), 'r', place, '$3')}`,
    )
    .join(' ');
  const [own, criteria, members, emergencies, about] = await app.db.run(ask.actor.organisation, [
    readStatement(register, ref),
    newestCriteria(registers.criteria.name),
    {
      text: `select ${MEMBERS} as people, (select jsonb_object_agg(p.ref, p.title) from record s join record p on p.organisation = s.organisation
          and p.register = $2 and p.ref in (s."values"->>${named.aiSystem.field('owner')}, s."values"->>${named.aiSystem.field('approver')}, s."values"->>${named.aiSystem.field('oversight')})
        where s.organisation = (select present_organisation()) and s.register = $1 and s.ref = $3) as names`,
      values: [registers.aiSystem.name, registers.person.name, ref],
      name: 'requirements-people',
    },
    emergencyUseOf(ref),
    {
      // Drills hang on the system by its rollback plans.
      text: `with s as (select id from record where organisation = (select present_organisation()) and register = $1 and ref = $2),
          near as (select k.from_id as id from link k where k.organisation = (select present_organisation()) and k.to_id in (select id from s)
            and k.from_register = any($4))
        select ${RECORD_SELECT}, case r.register ${standing} end as standing from record r
        where r.organisation = (select present_organisation()) and r.register = any($4) and (r.id in (select id from near) or (r.register = '${registers.drill.name}'
          and r.id in (select k.from_id from link k where k.organisation = (select present_organisation()) and k.to_id in (select id from near)
            and k.from_register = '${registers.drill.name}')))
        order by r.number desc limit ${MOST}`,
      values: [
        registers.aiSystem.name,
        ref,
        now.slice(0, 10),
        Object.values(REGISTERS).filter((n) => n !== registers.aiSystem.name),
      ],
    },
  ]);
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no AI system ${ref.slice(0, 40)}; see the list of AI systems.`);
  const [present] = criteria!.map(toRec(registers.criteria));
  return requirementsOf({
    now,
    system: toRec(registers.aiSystem)(own![0]),
    criteria: criteriaInForce(present),
    about: about!.map(toStored),
    emergencyUse: toEmergencyUse(emergencies!),
    people: cell.orNull(cell.byName(cell.text))(members![0]!.names) ?? {},
    onePerson: members![0]!.people === 1,
    registers: REGISTERS,
  });
}
