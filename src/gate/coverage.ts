import { rowsOf, type Said } from '../register/rec.ts';
import type { verificationPlan } from '../registers/verification-plan.ts';
import { hazardById } from '../standard/hazards.ts';
import type { GatePolicy } from './policy.ts';
import { numberOf, textOf } from './reading.ts';
import { count, type WeighedRun } from './runs.ts';
import type { AroundSystem, Of } from './surroundings.ts';

/** A hazard that must be exercised, with the result that is good enough. */
export interface Requirement {
  /** As the plan writes it. */
  readonly hazard: string;
  /** Names under which test tools report it, in lower case. */
  readonly ids: ReadonlySet<string>;
  /** Largest share of failed cases, in per cent. */
  readonly maxFailRate: number;
  /** Fewest cases with a verdict. */
  readonly minCases: number;
  /** False for what was tested although nothing asks for it: then only its failures matter. */
  readonly required: boolean;
}

const key = (s: unknown): string => String(s).trim().toLowerCase();

/** Names under which tools report a hazard record: its own list, or else what the catalogue knows for its code. */
export function testIdsOf(hazard: Of<'hazard'>): string[] {
  const own = (textOf(hazard, 'testIds') ?? '').split(/[,;]/).map(key).filter(Boolean);
  const code = textOf(hazard, 'code') ?? '';
  return [key(code), key(hazard.ref), ...(own.length > 0 ? own : catalogueIds(code))];
}

const catalogueIds = (code: string): string[] => (hazardById(code)?.tests ?? []).map((t) => key(t.id));

/** A verification plan, as far as what it asks goes. */
export interface PlanSays {
  readonly values: Said<typeof verificationPlan>;
}

const numberIn = (v: unknown): number | undefined =>
  typeof v === 'number' && Number.isFinite(v) ? v : undefined;

/** What a plan asks of each hazard that has no values of its own. */
export const limitsOf = (
  plan: PlanSays,
): { threshold?: number; minCases?: number; maxInconclusive?: number } => ({
  threshold: numberIn(plan.values.threshold),
  minCases: numberIn(plan.values.minCases),
  maxInconclusive: numberIn(plan.values.maxInconclusive),
});

/** What the plan requires, one row per hazard. Rows on the same hazard are kept apart: each must hold. */
export function requirementsOf(plan: PlanSays | undefined, hazards: readonly Of<'hazard'>[]): Requirement[] {
  const { threshold = 0, minCases = 1 } = plan ? limitsOf(plan) : {};
  return rowsOf(plan, 'hazardsRequired').map((row) => {
    const name = String(row.hazard);
    const record = hazards.find((h) => key(h.values.code) === key(name) || key(h.ref) === key(name));
    return {
      hazard: name,
      ids: new Set([key(name), ...(record ? testIdsOf(record) : catalogueIds(name.trim()))]),
      maxFailRate: typeof row.maxFailRate === 'number' ? row.maxFailRate : threshold,
      minCases: typeof row.minCases === 'number' ? row.minCases : minCases,
      required: true,
    };
  });
}

/** Hazards of the system that the policy wants in the plan and that no row of it names or tests. */
export function notPlanned(
  input: AroundSystem,
  policy: GatePolicy,
  planned: readonly Requirement[],
): Of<'hazard'>[] {
  return hazardsWanted(input, policy).filter((h) => {
    const ids = testIdsOf(h);
    return !planned.some((r) => ids.some((id) => r.ids.has(id)));
  });
}

/** Hazards of the system that must be exercised: the critical ones, or all of them. Retired ones are gone. */
export function hazardsWanted(input: AroundSystem, policy: GatePolicy): Of<'hazard'>[] {
  if (policy.tests === 'smoke') return [];
  const present = input.hazards.filter((h) => h.state !== 'retired');
  return policy.tests === 'allHazards' ? present : present.filter((h) => h.values.severity === 'critical');
}

/** What a run, or several, found about a hazard. */
export interface Tally {
  readonly planned: number;
  /** Cases with a verdict. */
  readonly judged: number;
  readonly failed: number;
  /** Cases that ran and gave no verdict. */
  readonly without: number;
}

/** Figures of one run about the hazard of a requirement. */
export function tally(run: Of<'testRun'>, ids: ReadonlySet<string>): Tally {
  const rows = rowsOf(run, 'hazards').filter((h) => ids.has(key(h.id)));
  const sum = (f: (h: Readonly<Record<string, unknown>>) => number) => rows.reduce((n, h) => n + f(h), 0);
  return {
    planned: sum((h) => count(h.planned)),
    judged: sum((h) => Math.max(count(h.executed), count(h.failed))),
    failed: sum((h) => count(h.failed)),
    without: sum((h) => count(h.inconclusive) + count(h.error)),
  };
}

/** Names of the tests among these that were exercised or failed in the runs, as the runs write them. */
export const testsIn = (runs: readonly Of<'testRun'>[], ids: ReadonlySet<string>): string[] =>
  [
    ...new Set(
      runs.flatMap((run) =>
        rowsOf(run, 'hazards')
          .map((h) => key(h.id))
          .filter((id) => ids.has(id)),
      ),
    ),
  ].sort();

export function add(tallies: readonly Tally[]): Tally {
  const zero: Tally = { planned: 0, judged: 0, failed: 0, without: 0 };
  return tallies.reduce(
    (a, b) => ({
      planned: a.planned + b.planned,
      judged: a.judged + b.judged,
      failed: a.failed + b.failed,
      without: a.without + b.without,
    }),
    zero,
  );
}

/** What was tested although no row of the plan names it: it must keep to the plan's threshold all the same. */
export function alsoTested(
  runs: readonly WeighedRun[],
  planned: readonly Requirement[],
  plan: Of<'verificationPlan'> | undefined,
): Requirement[] {
  const maxFailRate = numberOf(plan, 'threshold') ?? 0;
  const minCases = numberOf(plan, 'minCases') ?? 1;
  const names = runs.flatMap((w) => rowsOf(w.run, 'hazards').map((h) => String(h.id)));
  return [...new Set(names)]
    .filter((n) => !planned.some((r) => r.ids.has(key(n))))
    .sort()
    .map((n) => ({ hazard: n, ids: new Set([key(n)]), maxFailRate, minCases, required: false }));
}

/** Cases of a run that belong to no hazard row. */
export function besidesHazards(run: Of<'testRun'>): Tally {
  const rows = rowsOf(run, 'hazards');
  const sum = (f: (h: Readonly<Record<string, unknown>>) => number) => rows.reduce((n, h) => n + f(h), 0);
  const judged = (numberOf(run, 'pass') ?? 0) + (numberOf(run, 'fail') ?? 0);
  const without = (numberOf(run, 'error') ?? 0) + (numberOf(run, 'inconclusive') ?? 0);
  const failed = Math.max(0, (numberOf(run, 'fail') ?? 0) - sum((h) => count(h.failed)));
  return {
    planned: 0,
    judged: Math.max(failed, judged - sum((h) => count(h.executed))),
    failed,
    without: Math.max(0, without - sum((h) => count(h.inconclusive) + count(h.error))),
  };
}
