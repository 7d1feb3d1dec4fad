import { Failure } from '../base/failure.ts';
import { type SystemInput, systemSubjects } from '../gate/neighbourhood.ts';
import { PLAN_TICKET_KINDS } from '../gate/plan-strictness.ts';
import { recOf, recsOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import { registers } from '../registers/index.ts';
import { newestCriteria } from '../store/authority/newest.ts';
import type { Row, Statement } from '../store/database.ts';
import { plansBefore, systemPlanTickets, toPlanBefore } from '../store/plans-before.ts';
import { RECORD_SELECT, readStatement, toRec, toStored } from '../store/records.ts';
import { askTogether } from '../store/together.ts';
import { MEMBERS_STATEMENT } from './circumstances.ts';
import type { App } from './context.ts';
import { decisionsStatement } from './decisions.ts';
import { emergencyUseOf, toEmergencyUse } from './emergencyUse.ts';
import { PLAN_NAMES } from './in-use.ts';
import {
  ABOUT,
  authorsStatement,
  digestsOf,
  fixingsOf,
  incoming,
  peopleAround,
  presentBindings,
  toAuthors,
  withFixing,
} from './neighbourhood.ts';
import { emergenciesOf, vendorRunSql } from './neighbourhood-more.ts';

/** What releases rest on besides. */
const RESTED_ON = [registers.component.name, registers.verificationPlan.name, registers.rollbackPlan.name];

/** Drills hang on the system by its rollback plans. */
const drillsOf = (system: string): Statement => ({
  text: `select ${RECORD_SELECT} from record r where r.organisation = (select present_organisation()) and r.register = $2 and r.id in (
    select d.from_id from link k join link d on d.organisation = k.organisation and d.to_id = k.from_id and d.from_register = $2
    where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $3) order by r.number`,
  values: [system, registers.drill.name, registers.rollbackPlan.name],
  name: 'system-drills',
});

const vendorRun = (ref: string): Statement => ({
  text: `select ${vendorRunSql('s')} as vendor_run from record s where s.organisation = (select present_organisation()) and s.ref = $1`,
  values: [ref],
  name: 'system-vendor-run',
});

/**
 * A system and everything around it that the gate looks at whichever release it judges, in one snapshot, as `readNeighbourhood` reads it for one: five
 * statements, whatever hangs on the system.
 */
export function readSystem(app: App, organisation: number, ref: string): Promise<SystemInput> {
  return app.db.converse(organisation, (ask) => systemOf(app, ask, ref), { snapshot: true });
}

async function systemOf(app: App, ask: (s: Statement) => Promise<Row[]>, ref: string): Promise<SystemInput> {
  const [own, criteria, members, uses, vendor] = await askTogether(ask, [
    readStatement(app.registry.of(registers.aiSystem), ref),
    newestCriteria(registers.criteria.name),
    MEMBERS_STATEMENT,
    emergencyUseOf(ref),
    vendorRun(ref),
  ]);
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no AI system ${ref.slice(0, 40)}; see the list of AI systems.`);
  const system = recOf(registers.aiSystem, toStored(own![0]));
  const [near, drills, tickets, plansThen, eased] = await askTogether(ask, [
    incoming([system.id], [...ABOUT, ...RESTED_ON]),
    drillsOf(system.id),
    emergenciesOf(system),
    plansBefore(PLAN_NAMES, system.id, null),
    systemPlanTickets(
      registers.change.name,
      PLAN_TICKET_KINDS,
      system.id,
      registers.verificationPlan.name,
      RECORD_SELECT,
    ),
  ]);
  const about = near!.map(toStored);
  const of = <R extends Register>(register: R) => recsOf(register, about);
  const unfixed = of(registers.verificationPlan);
  const parts = {
    system,
    risks: of(registers.risk).filter((r) => r.state !== 'closed'),
    assessments: of(registers.riskAssessment),
    drills: drills!.map(toRec(registers.drill)),
    impactAssessments: of(registers.impactAssessment),
    emergencies: tickets!.map(toRec(registers.change)),
    planTickets: eased!.map(toRec(registers.change)),
    plans: unfixed,
    rollbackPlans: of(registers.rollbackPlan),
  };
  const subjects = systemSubjects(parts);
  const [decided, written, fixings] = await askTogether(ask, [
    decisionsStatement(app, subjects),
    authorsStatement(app, subjects),
    fixingsOf(unfixed.map((p) => p.id)),
  ]);
  const { system: _, plans, rollbackPlans, ...rest } = parts;
  const bindings = await presentBindings(app, ask, [
    system,
    ...plans,
    ...rollbackPlans,
    ...Object.values(rest).flat(),
  ]);
  const around = {
    ...parts,
    plans: unfixed.map((p) => withFixing(app, p, fixings!)),
    monitors: of(registers.monitor),
    documents: of(registers.document),
    decisions: decided!.map(toRec(registers.decision)),
    authors: toAuthors(written!),
  };
  return {
    now: app.clock.now().toISOString(),
    ...around,
    criteria: criteria!.map(toRec(registers.criteria))[0],
    hazards: of(registers.hazard),
    components: of(registers.component),
    plansBefore: plansThen!.map(toPlanBefore),
    emergencyUse: toEmergencyUse(uses!),
    people: await peopleAround(ask, around),
    digests: digestsOf(bindings),
    onePerson: members![0]?.people === 1,
    vendorRun: vendor![0]?.vendor_run === true,
  };
}
