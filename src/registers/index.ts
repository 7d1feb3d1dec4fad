import { Registry } from '../register/register.ts';
import { action } from './action.ts';
import { aiSystem } from './aiSystem.ts';
import { apiKey } from './apiKey.ts';
import { audit } from './audit.ts';
import { auditFinding } from './auditFinding.ts';
import { change } from './change.ts';
import { comment } from './comment.ts';
import { communication } from './communication.ts';
import { component } from './component.ts';
import { concern } from './concern.ts';
import { contextIssue } from './contextIssue.ts';
import { control } from './control.ts';
import { criteria } from './criteria.ts';
import { decision } from './decision.ts';
import { document } from './document.ts';
import { drill } from './drill.ts';
import { evidence } from './evidence.ts';
import { gateDecision } from './gateDecision.ts';
import { hazard } from './hazard.ts';
import { impactAssessment } from './impactAssessment.ts';
import { incident } from './incident.ts';
import { interestedParty } from './interestedParty.ts';
import { logChange } from './logChange.ts';
import { managementReview } from './managementReview.ts';
import { monitor } from './monitor.ts';
import { nonconformity } from './nonconformity.ts';
import { objective } from './objective.ts';
import { person } from './person.ts';
import { process } from './process.ts';
import { release } from './release.ts';
import { requirement } from './requirement.ts';
import { responsibility } from './responsibility.ts';
import { risk } from './risk.ts';
import { riskAssessment } from './riskAssessment.ts';
import { rollbackPlan } from './rollbackPlan.ts';
import { supplier } from './supplier.ts';
import { testRun } from './testRun.ts';
import { verificationPlan } from './verificationPlan.ts';

/** Every register of the product by name, in the order of the navigation. */
export const registers = {
  aiSystem,
  component,
  supplier,
  interestedParty,
  contextIssue,
  requirement,
  document,
  process,
  responsibility,
  objective,
  communication,
  concern,
  criteria,
  hazard,
  riskAssessment,
  risk,
  impactAssessment,
  control,
  verificationPlan,
  testRun,
  monitor,
  change,
  release,
  gateDecision,
  rollbackPlan,
  drill,
  incident,
  audit,
  auditFinding,
  nonconformity,
  action,
  managementReview,
  evidence,
  decision,
  comment,
  logChange,
  person,
  apiKey,
};

/** The registers with their types: `Rec<Registers['risk']>` is a risk. No declaration may use it, or it would depend on itself. */
export type Registers = typeof registers;
export type RegisterName = keyof Registers;

/** The same for code that asks no register by name. */
export const registry = new Registry(Object.values(registers));
