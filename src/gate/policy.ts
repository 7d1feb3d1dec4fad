import { rowsOf, type Said } from '../register/rec.ts';
import { RISK_CLASSES } from '../registers/ai-system.ts';
import {
  type criteria as criteriaRegister,
  IMPACT_DEMANDS,
  MONITORING_DEMANDS,
  TRUST_LEVELS,
} from '../registers/criteria.ts';
import { gatePolicyPreset } from '../registers/gate-policy-preset.ts';

export type RiskClass = (typeof RISK_CLASSES)[number];
export type Trust = (typeof TRUST_LEVELS)[number];

/** From the least to the most demanding. */
const TESTS = ['smoke', 'plan', 'allHazards'] as const;

/** What the gate demands of one risk class. */
export interface GatePolicy {
  readonly riskClass: RiskClass;
  /** Approvals by different people; never fewer than one. */
  readonly approvals: number;
  readonly ownerMustApprove: boolean;
  readonly approverMustApprove: boolean;
  readonly oversightMustApprove: boolean;
  /** smoke: something ran and nothing failed. plan: the plan's hazards and the critical ones. allHazards: every hazard of the system. */
  readonly tests: (typeof TESTS)[number];
  readonly minTrust: Trust;
  /** A successful drill within so many months; 0: an approved plan is enough. */
  readonly drillMonths: number;
  readonly stopDrill: boolean;
  /** A drill of telling people what happened. */
  readonly communicationDrill: boolean;
  /** A risk assessment within so many months; 0: of any age. */
  readonly riskMonths: number;
  readonly assessmentApproved: boolean;
  /** A treated risk must be rated again after treatment, or be accepted. */
  readonly acceptResiduals: boolean;
  /** screened: somebody looked and concluded. assessed: a whole assessment. approved: by another than its author. */
  readonly impact: (typeof IMPACT_DEMANDS)[number];
  /** An impact assessment within so many months; 0: of any age. */
  readonly impactMonths: number;
  /** owner: somebody answers for watching. metric: one is running. both: a metric and an event log. */
  readonly monitoring: (typeof MONITORING_DEMANDS)[number];
  readonly userInformation: boolean;
  /** Largest share of failures, in per cent, that the tests may leave possible with 95 % confidence; 0: as measured. */
  readonly maxUpperBound: number;
  /** Largest share of failed cases, in per cent, that a verification plan of this class may allow. */
  readonly maxFailRate: number;
  /** Largest share of cases without a verdict, in per cent, that it may allow. */
  readonly maxInconclusive: number;
}

/** The policy that an organisation begins with, one row per class. */
export const defaultGatePolicy: readonly GatePolicy[] = gatePolicyPreset;

export const isRiskClass = (v: unknown): v is RiskClass => RISK_CLASSES.includes(v as RiskClass);

const presetFor = (riskClass: RiskClass): GatePolicy =>
  defaultGatePolicy.find((p) => p.riskClass === riskClass)!;

/** How much a trust level is worth: 0 for an unknown one, then person, ci, signed, rerun. */
export const trustRank = (trust: string | undefined): number => TRUST_LEVELS.indexOf(trust as Trust) + 1;

/**
 * The policy for a class out of a criteria record. An empty cell takes the default of that class, so that leaving
 * one out never loosens. Undefined when the record has no row, or more than one, for the class.
 */
export function policyFrom(
  criteria: { readonly values: Pick<Said<typeof criteriaRegister>, 'gatePolicy'> },
  riskClass: RiskClass,
): GatePolicy | undefined {
  const rows = rowsOf(criteria, 'gatePolicy').filter((r) => r.riskClass === riskClass);
  if (rows.length !== 1) return undefined;
  return policyOfRow(rows[0]!, riskClass);
}

function policyOfRow(row: Readonly<Record<string, unknown>>, riskClass: RiskClass): GatePolicy {
  const preset = presetFor(riskClass);
  const yes = (name: keyof GatePolicy) =>
    typeof row[name] === 'boolean' ? (row[name] as boolean) : (preset[name] as boolean);
  const count = (name: 'approvals' | 'drillMonths' | 'riskMonths' | 'impactMonths', least: number) => {
    const v = row[name];
    // A hundred years are as good as no limit, and still a date.
    return typeof v === 'number' && Number.isFinite(v)
      ? Math.min(1200, Math.max(least, Math.floor(v)))
      : preset[name];
  };
  return {
    riskClass,
    // Somebody other than the author always approves: no policy can switch that off.
    approvals: count('approvals', 1),
    ownerMustApprove: yes('ownerMustApprove'),
    approverMustApprove: yes('approverMustApprove'),
    oversightMustApprove: yes('oversightMustApprove'),
    tests: TESTS.find((t) => t === row.tests) ?? preset.tests,
    minTrust: TRUST_LEVELS.find((t) => t === row.minTrust) ?? preset.minTrust,
    drillMonths: count('drillMonths', 0),
    stopDrill: yes('stopDrill'),
    communicationDrill: yes('communicationDrill'),
    riskMonths: count('riskMonths', 0),
    assessmentApproved: yes('assessmentApproved'),
    acceptResiduals: yes('acceptResiduals'),
    impact: IMPACT_DEMANDS.find((d) => d === row.impact) ?? preset.impact,
    impactMonths: count('impactMonths', 0),
    monitoring: MONITORING_DEMANDS.find((d) => d === row.monitoring) ?? preset.monitoring,
    userInformation: yes('userInformation'),
    maxUpperBound: share(row.maxUpperBound) ?? preset.maxUpperBound,
    maxFailRate: share(row.maxFailRate) ?? preset.maxFailRate,
    maxInconclusive: share(row.maxInconclusive) ?? preset.maxInconclusive,
  };
}

/** A share in per cent; undefined for what is none. */
const share = (v: unknown): number | undefined =>
  typeof v === 'number' && Number.isFinite(v) ? Math.min(100, Math.max(0, v)) : undefined;

/** What the gate uses when there is no approved policy for the class: the default, which never allows by itself. */
export function fallbackPolicy(riskClass: RiskClass): GatePolicy {
  return presetFor(riskClass);
}

/** What is asked of a class. Without one the strictest policy is used, and the check of the scope says so; without criteria the default. */
export function policyFor(
  criteria: { readonly values: Pick<Said<typeof criteriaRegister>, 'gatePolicy'> } | undefined,
  said: unknown,
): GatePolicy {
  const riskClass = isRiskClass(said) ? said : 'high';
  return (criteria && policyFrom(criteria, riskClass)) ?? fallbackPolicy(riskClass);
}

/** 0 months means no limit and is the loosest; otherwise fewer months are stricter. */
const months = (n: number): number => (n === 0 ? 0 : 1 / n);

/** How demanding each member is, as numbers that grow with strictness. */
const STRICTNESS: { readonly [K in keyof Omit<GatePolicy, 'riskClass'>]: (p: GatePolicy) => number } = {
  approvals: (p) => p.approvals,
  ownerMustApprove: (p) => Number(p.ownerMustApprove),
  approverMustApprove: (p) => Number(p.approverMustApprove),
  oversightMustApprove: (p) => Number(p.oversightMustApprove),
  tests: (p) => TESTS.indexOf(p.tests),
  minTrust: (p) => trustRank(p.minTrust),
  drillMonths: (p) => months(p.drillMonths),
  stopDrill: (p) => Number(p.stopDrill),
  communicationDrill: (p) => Number(p.communicationDrill),
  riskMonths: (p) => months(p.riskMonths),
  assessmentApproved: (p) => Number(p.assessmentApproved),
  acceptResiduals: (p) => Number(p.acceptResiduals),
  impact: (p) => IMPACT_DEMANDS.indexOf(p.impact),
  impactMonths: (p) => months(p.impactMonths),
  monitoring: (p) => MONITORING_DEMANDS.indexOf(p.monitoring),
  userInformation: (p) => Number(p.userInformation),
  maxUpperBound: (p) => months(p.maxUpperBound),
  maxFailRate: (p) => -p.maxFailRate,
  maxInconclusive: (p) => -p.maxInconclusive,
};

/** Members in which `after` demands less than `before`, in the order of the policy. */
export function loosened(before: GatePolicy, after: GatePolicy): (keyof GatePolicy)[] {
  return (Object.keys(STRICTNESS) as (keyof typeof STRICTNESS)[]).filter(
    (k) => STRICTNESS[k](after) < STRICTNESS[k](before),
  );
}

/** Whether `after` demands less than `before` in anything; being stricter elsewhere does not make up for it. */
export function loosens(before: GatePolicy, after: GatePolicy): boolean {
  return loosened(before, after).length > 0;
}
