import { upperBound95 } from './interval.ts';

/** One line of the rule: up to this bound, in per cent, the likelihood is this. */
export interface RuleLine {
  readonly upTo: number;
  readonly level: number;
}

/** What a series without a failure does. See decision 0009. */
export const CLEAN_SERIES = ['keepsTheClaim', 'countsByItsBound'] as const;
export type CleanSeries = (typeof CLEAN_SERIES)[number];

/** The rule that criteria begin with. */
export const DEFAULT_RULE: readonly RuleLine[] = [
  { upTo: 5, level: 1 },
  { upTo: 15, level: 2 },
  { upTo: 35, level: 3 },
  { upTo: 60, level: 4 },
  { upTo: 100, level: 5 },
];

/** What tests say about one hazard. */
export interface Measured {
  readonly cases: number;
  readonly failed: number;
  /** Upper one-sided 95 % bound of the failed share, in per cent, rounded up to one decimal. */
  readonly bound: number;
  /** What the rule makes of it. */
  readonly level: number;
  /** Whether it can raise what people claim. */
  readonly speaks: boolean;
}

/** Lines in the order of their bounds; a row that is none is left out. */
export function ruleOf(rows: unknown): RuleLine[] {
  if (!Array.isArray(rows)) return [];
  return rows
    .filter((r): r is RuleLine => typeof r?.upTo === 'number' && typeof r?.level === 'number')
    .map(({ upTo, level }) => ({ upTo, level }))
    .sort((a, b) => a.upTo - b.upTo || b.level - a.level);
}

/** Levels never fall as the bound grows, whatever order the rows have; above the last line its level holds on. */
export function levelFor(rule: readonly RuleLine[], bound: number): number | undefined {
  if (rule.length === 0) return undefined;
  const at = rule.findIndex((l) => bound <= l.upTo);
  const reached = at < 0 ? rule : rule.slice(0, at + 1);
  return Math.max(...reached.map((l) => l.level));
}

/** Applies the rule; undefined when nothing was judged or there is no rule. */
export function measure(
  rule: readonly RuleLine[],
  clean: CleanSeries,
  failed: number,
  cases: number,
): Measured | undefined {
  const share = upperBound95(failed, cases);
  if (share === undefined) return undefined;
  // Rounded up, so that no rounding makes a result look better than it is.
  const bound = Math.min(100, Math.ceil(share * 1000 - 1e-9) / 10);
  const level = levelFor(rule, bound);
  if (level === undefined) return undefined;
  return { cases, failed, bound, level, speaks: failed > 0 || clean === 'countsByItsBound' };
}
