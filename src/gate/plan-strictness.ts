import type { Rec } from '../register/rec.ts';
import type { Registers } from '../registers/index.ts';
import { limitsOf, type PlanSays, requirementsOf } from './coverage.ts';
import type { Loosening } from './loosened.ts';
import type { GatePolicy } from './policy.ts';

/** What a plan allows where it says nothing about cases without a verdict, in per cent. */
export const MAX_WITHOUT_VERDICT = 5;

/** Share of cases without a verdict that a plan lets pass, in per cent. */
export const withoutVerdict = (plan: PlanSays): number =>
  limitsOf(plan).maxInconclusive ?? MAX_WITHOUT_VERDICT;

/** Where a plan lets more pass than the criteria allow any plan of its class; sentences without a full stop. */
export function aboveCeiling(plan: PlanSays, policy: GatePolicy): Loosening[] {
  const at = `criteria allow a plan of class ${policy.riskClass} at most`;
  const out: Loosening[] = [];
  const threshold = limitsOf(plan).threshold ?? 0;
  if (threshold > policy.maxFailRate)
    out.push({
      field: 'threshold',
      text: `${threshold} % of the cases may fail; ${at} ${policy.maxFailRate} %`,
    });
  for (const r of requirementsOf(plan, []))
    if (r.maxFailRate > policy.maxFailRate && r.maxFailRate !== threshold)
      out.push({
        field: 'hazardsRequired',
        text: `${r.maxFailRate} % may fail for ${r.hazard}; ${at} ${policy.maxFailRate} %`,
      });
  const without = withoutVerdict(plan);
  if (without > policy.maxInconclusive)
    out.push({
      field: 'maxInconclusive',
      text: `${without} % may stay without a verdict; ${at} ${policy.maxInconclusive} %`,
    });
  return out;
}

/** Everything in which a plan is easier to pass than it was; being stricter elsewhere does not make up for it. */
export function loosenedPlan(before: PlanSays, after: PlanSays): Loosening[] {
  const [a, b] = [limitsOf(before), limitsOf(after)];
  const out: Loosening[] = [];
  const more = (field: string, what: string, was: number, is: number, unit = '') => {
    if (is > was) out.push({ field, text: `${what} up to ${is}${unit}; before, up to ${was}${unit}` });
  };
  const fewer = (field: string, what: string, was: number, is: number) => {
    if (is < was) out.push({ field, text: `${what} ${is}; before, ${was}` });
  };
  const metric = (p: PlanSays) => String(p.values.metric ?? 'failRate');
  if (metric(before) !== metric(after))
    out.push({ field: 'metric', text: `it is measured by ${metric(after)}; before, by ${metric(before)}` });
  more('threshold', 'cases may fail', a.threshold ?? 0, b.threshold ?? 0, ' %');
  fewer('minCases', 'the fewest cases per hazard are', a.minCases ?? 1, b.minCases ?? 1);
  more(
    'maxInconclusive',
    'cases may stay without a verdict',
    withoutVerdict(before),
    withoutVerdict(after),
    ' %',
  );
  const key = (s: string) => s.trim().toLowerCase();
  const now = requirementsOf(after, []);
  const then = requirementsOf(before, []);
  // What no row named was held to the threshold when it was tested all the same.
  for (const r of now)
    if (!then.some((was) => was.ids.has(key(r.hazard))))
      more('hazardsRequired', `for ${r.hazard} cases may fail`, a.threshold ?? 0, r.maxFailRate, ' %');
  for (const was of then) {
    const rows = now.filter((r) => key(r.hazard) === key(was.hazard));
    if (rows.length === 0) {
      out.push({ field: 'hazardsRequired', text: `${was.hazard} need not be exercised any more` });
      continue;
    }
    // Rows on the same hazard must each hold: the strictest is what it takes.
    more(
      'hazardsRequired',
      `for ${was.hazard} cases may fail`,
      was.maxFailRate,
      Math.min(...rows.map((r) => r.maxFailRate)),
      ' %',
    );
    fewer(
      'hazardsRequired',
      `the fewest cases for ${was.hazard} are`,
      was.minCases,
      Math.max(...rows.map((r) => r.minCases)),
    );
  }
  return out;
}

/** The kinds of change ticket under which a plan may become easier to pass. */
export const PLAN_TICKET_KINDS = ['criteria', 'plan'] as const satisfies readonly Rec<
  Registers['change']
>['values']['kind'][];
