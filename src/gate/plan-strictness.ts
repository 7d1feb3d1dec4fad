import type { Sentence } from '../base/sentence.ts';
import type { Rec } from '../register/rec.ts';
import type { Registers } from '../registers/index.ts';
import { limitsOf, type PlanSays, requirementsOf } from './coverage.ts';
import type { Loosening } from './loosened.ts';
import type { GatePolicy } from './policy.ts';
import { say } from './words/plan-strictness.ts';

/** What a plan allows where it says nothing about cases without a verdict, in per cent. */
export const MAX_WITHOUT_VERDICT = 5;

/** Share of cases without a verdict that a plan lets pass, in per cent. */
export const withoutVerdict = (plan: PlanSays): number =>
  limitsOf(plan).maxInconclusive ?? MAX_WITHOUT_VERDICT;

/** Where a plan lets more pass than the criteria allow any plan of its class; sentences without a full stop. */
export function aboveCeiling(plan: PlanSays, policy: GatePolicy): Loosening[] {
  const { riskClass } = policy;
  const out: Loosening[] = [];
  const threshold = limitsOf(plan).threshold ?? 0;
  if (threshold > policy.maxFailRate)
    out.push({
      field: 'threshold',
      ...say('thresholdAbove', { is: threshold, riskClass, most: policy.maxFailRate }),
    });
  for (const r of requirementsOf(plan, []))
    if (r.maxFailRate > policy.maxFailRate && r.maxFailRate !== threshold)
      out.push({
        field: 'hazardsRequired',
        ...say('hazardAbove', {
          is: r.maxFailRate,
          hazard: r.hazard,
          riskClass,
          most: policy.maxFailRate,
        }),
      });
  const without = withoutVerdict(plan);
  if (without > policy.maxInconclusive)
    out.push({
      field: 'maxInconclusive',
      ...say('withoutAbove', { is: without, riskClass, most: policy.maxInconclusive }),
    });
  return out;
}

/** Everything in which a plan is easier to pass than it was; being stricter elsewhere does not make up for it. */
export function loosenedPlan(before: PlanSays, after: PlanSays): Loosening[] {
  const [a, b] = [limitsOf(before), limitsOf(after)];
  const out: Loosening[] = [];
  const add = (field: string, said: Sentence) => out.push({ field, ...said });
  const metric = (p: PlanSays) => String(p.values.metric ?? 'failRate');
  if (metric(before) !== metric(after))
    add('metric', say('metric', { is: metric(after), was: metric(before) }));
  const threshold = { was: a.threshold ?? 0, is: b.threshold ?? 0 };
  if (threshold.is > threshold.was) add('threshold', say('threshold', threshold));
  const cases = { was: a.minCases ?? 1, is: b.minCases ?? 1 };
  if (cases.is < cases.was) add('minCases', say('minCases', cases));
  const without = { was: withoutVerdict(before), is: withoutVerdict(after) };
  if (without.is > without.was) add('maxInconclusive', say('without', without));
  const key = (s: string) => s.trim().toLowerCase();
  const now = requirementsOf(after, []);
  const then = requirementsOf(before, []);
  const mayFail = (hazard: string, was: number, is: number) => {
    if (is > was) add('hazardsRequired', say('hazard', { hazard, was, is }));
  };
  // What no row named was held to the threshold when it was tested all the same.
  for (const r of now)
    if (!then.some((was) => was.ids.has(key(r.hazard)))) mayFail(r.hazard, threshold.was, r.maxFailRate);
  for (const { hazard, maxFailRate, minCases } of then) {
    const rows = now.filter((r) => key(r.hazard) === key(hazard));
    if (rows.length === 0) {
      add('hazardsRequired', say('gone', { hazard }));
      continue;
    }
    // Rows on the same hazard must each hold: the strictest is what it takes.
    mayFail(hazard, maxFailRate, Math.min(...rows.map((r) => r.maxFailRate)));
    const fewest = Math.max(...rows.map((r) => r.minCases));
    if (fewest < minCases) add('hazardsRequired', say('minCasesOf', { hazard, is: fewest, was: minCases }));
  }
  return out;
}

/** The kinds of change ticket under which a plan may become easier to pass. */
export const PLAN_TICKET_KINDS = ['criteria', 'plan'] as const satisfies readonly Rec<
  Registers['change']
>['values']['kind'][];
