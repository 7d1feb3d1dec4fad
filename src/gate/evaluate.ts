import { digestOf } from '../base/canonical.ts';
import { linksOf } from '../register/rec.ts';
import { ruleOf } from '../risk/measuring.ts';
import { checkChange } from './checks/change.ts';
import { checkSupplier, checkUse, checkVendorModel, isClearance } from './checks/clearance.ts';
import { checkConfidence } from './checks/confidence.ts';
import { checkEmergency, checkReviews, isEmergency } from './checks/emergency.ts';
import { checkEnvelope, isEnvelope } from './checks/envelope.ts';
import { checkImpact } from './checks/impact.ts';
import { checkMonitoring } from './checks/monitoring.ts';
import { checkPeople } from './checks/people.ts';
import { checkPlan } from './checks/plan.ts';
import { checkPolicy } from './checks/policy.ts';
import { checkRisk } from './checks/risk.ts';
import { checkRollback } from './checks/rollback.ts';
import { checkScope } from './checks/scope.ts';
import { checkServed } from './checks/served.ts';
import { checkSubject } from './checks/subject.ts';
import { checkTests } from './checks/tests.ts';
import { checkUserInformation } from './checks/user-information.ts';
import { verdictInUse } from './in-use.ts';
import { notCheckedFor } from './not-checked.ts';
import { type GatePolicy, policyFor } from './policy.ts';
import { type Basis, type GateCheck, type GateResult, verdictOf } from './result.ts';
import type { GateInput } from './surroundings.ts';

/**
 * Judges a release: may it go into use? Pure: the same input gives the same result, on any machine. Fail-closed:
 * what is not known blocks as surely as what is wrong, and only the words differ.
 */
export function evaluateGate(given: GateInput): GateResult {
  const input: GateInput = approvedOnly(given);
  const { release, system } = input;
  const policy = policyFor(input.criteria, system.values.riskClass);
  const { riskClass } = policy;
  const basis = basisOf(input);
  const envelope = basis === 'envelope' ? checkEnvelope(input, input.change!, riskClass) : undefined;
  const checks: GateCheck[] = {
    approvals: () => allChecks(given, input, policy, checkPeople(input, policy), checkChange(input)),
    envelope: () =>
      allChecks(given, input, policy, envelope!.people ?? checkPeople(input, policy), envelope!.change),
    emergency: () => [
      checkScope(input),
      checkSubject(input),
      checkEmergency(input, input.change!),
      checkReviews(input),
    ],
    useClearance: () => [
      checkScope(input),
      checkPolicy(given, riskClass),
      checkUse(input),
      checkSupplier(input),
      checkVendorModel(input, riskClass),
      checkPeople(input, policy),
      checkRisk(input, policy),
      checkImpact(input, policy),
      checkReviews(input),
    ],
  }[basis]();
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
    basis: envelope && !envelope.people ? 'approvals' : basis,
    notChecked: notCheckedFor(basis),
    ...(input.ownUse ? { inUse: verdictInUse(input.ownUse, checks) } : {}),
  };
}

/** By which way the release asks to go through. */
export function basisOf(input: Pick<GateInput, 'release' | 'change'>): Basis {
  if (isClearance(input.release)) return 'useClearance';
  const cited = linksOf(input.release, 'change');
  if (!input.change || !cited.includes(input.change.ref)) return 'approvals';
  return isEmergency(input.change) ? 'emergency' : isEnvelope(input.change) ? 'envelope' : 'approvals';
}

/** What is asked of a release, in the order in which it is told. */
function allChecks(
  given: GateInput,
  input: GateInput,
  policy: GatePolicy,
  people: GateCheck,
  change: GateCheck,
): GateCheck[] {
  return [
    checkScope(input),
    checkPolicy(given, policy.riskClass),
    checkSubject(input),
    checkServed(input),
    checkPlan(input, policy),
    checkTests(input, policy),
    ...(policy.maxUpperBound > 0 ? [checkConfidence(input, policy)] : []),
    people,
    checkRisk(input, policy),
    checkImpact(input, policy),
    checkRollback(input, policy),
    checkMonitoring(input, policy),
    ...(policy.userInformation ? [checkUserInformation(input)] : []),
    change,
    checkReviews(input),
  ];
}

/** Criteria that are not approved have no say, not even as to the appetite. */
export function approvedOnly<T extends Pick<GateInput, 'criteria'>>(input: T): T {
  return input.criteria?.state === 'approved' ? input : { ...input, criteria: undefined };
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
