import { Registry } from '../register/register.ts';
import { aiSystem } from './aiSystem.ts';
import { apiKey } from './apiKey.ts';
import { change } from './change.ts';
import { component } from './component.ts';
import { criteria } from './criteria.ts';
import { decision } from './decision.ts';
import { drill } from './drill.ts';
import { evidence } from './evidence.ts';
import { gateDecision } from './gateDecision.ts';
import { hazard } from './hazard.ts';
import { logChange } from './logChange.ts';
import { person } from './person.ts';
import { release } from './release.ts';
import { risk } from './risk.ts';
import { riskAssessment } from './riskAssessment.ts';
import { rollbackPlan } from './rollbackPlan.ts';
import { supplier } from './supplier.ts';
import { testRun } from './testRun.ts';
import { verificationPlan } from './verificationPlan.ts';

/** Every register of the product, in the order of the navigation. */
export const registry = new Registry([
  aiSystem,
  component,
  supplier,
  criteria,
  hazard,
  riskAssessment,
  risk,
  verificationPlan,
  testRun,
  change,
  release,
  gateDecision,
  rollbackPlan,
  drill,
  evidence,
  decision,
  logChange,
  person,
  apiKey,
]);
