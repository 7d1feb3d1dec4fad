import { digestOf } from '../base/canonical.ts';
import { ruleOf } from '../risk/measuring.ts';
import { checkChange } from './checks/change.ts';
import { checkPeople } from './checks/people.ts';
import { checkPlan } from './checks/plan.ts';
import { checkPolicy } from './checks/policy.ts';
import { checkRisk } from './checks/risk.ts';
import { checkRollback } from './checks/rollback.ts';
import { checkScope } from './checks/scope.ts';
import { checkSubject } from './checks/subject.ts';
import { checkTests } from './checks/tests.ts';
import type { GateInput } from './neighbourhood.ts';
import { notCheckedFor } from './notChecked.ts';
import { fallbackPolicy, type GatePolicy, isRiskClass, policyFrom, type RiskClass } from './policy.ts';
import { type GateResult, verdictOf } from './result.ts';

/**
 * Judges a release: may it go into use? Pure: the same input gives the same result, on any machine. Fail-closed:
 * what is not known blocks as surely as what is wrong, and only the words differ.
 */
export function evaluateGate(given: GateInput): GateResult {
  const input: GateInput = withPresentDigest(approvedOnly(given));
  const { release, system } = input;
  // Without a class the strictest policy is used, and the check of the scope says so.
  const riskClass: RiskClass = isRiskClass(system.values.riskClass) ? system.values.riskClass : 'high';
  const policy = (input.criteria && policyFrom(input.criteria, riskClass)) ?? fallbackPolicy(riskClass);
  const checks = [
    checkScope(input),
    checkPolicy(given, riskClass),
    checkSubject(input),
    checkPlan(input, policy),
    checkTests(input, policy),
    checkPeople(input, policy),
    checkRisk(input, policy),
    checkRollback(input, policy),
    checkChange(input),
  ];
  return {
    release: release.ref,
    title: release.title,
    system: { ref: system.ref, title: system.title },
    riskClass,
    verdict: verdictOf(checks),
    evaluatedAt: input.now,
    subject: input.releaseDigest,
    policy: policyUsed(input, policy),
    checks,
    notChecked: notCheckedFor(policy),
  };
}

/** Criteria that are not approved have no say, not even as to the appetite. */
function approvedOnly(input: GateInput): GateInput {
  return input.criteria?.state === 'approved' ? input : { ...input, criteria: undefined };
}

function withPresentDigest(input: GateInput): GateInput {
  return { ...input, digests: { ...input.digests, [input.release.ref]: input.releaseDigest } };
}

/** The digest is over the policy itself, so that the same demands have the same digest whatever record they stand in. */
function policyUsed(input: GateInput, policy: GatePolicy): GateResult['policy'] {
  const { criteria } = input;
  return {
    ref: criteria?.ref ?? 'default',
    version: criteria?.version ?? 0,
    digest: digestOf({
      appetite: criteria?.values.appetite ?? null,
      acceptAtLevel: criteria?.values.acceptAtLevel ?? null,
      measuredLikelihood: ruleOf(criteria?.values.measuredLikelihood),
      cleanSeries: criteria?.values.cleanSeries ?? null,
      ...policy,
    }),
  };
}
