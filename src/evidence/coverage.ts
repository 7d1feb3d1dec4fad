/** How cases are counted for the hazards they exercise. */
import type { CaseResult, HazardCoverage, Severity } from './model.ts';

/** The severities, the gravest first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

function graver(a: Severity | null, b: Severity | null): Severity | null {
  if (a === null || b === null) return a ?? b;
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}

/** Counts a case for its hazard. Only a pass or a failure exercised it. */
export function addCase(coverage: HazardCoverage, result: CaseResult): void {
  if (result.verdict === 'pass') coverage.passed++;
  else if (result.verdict === 'fail') coverage.failed++;
  else if (result.verdict === 'error') coverage.error++;
  else coverage.inconclusive++;
  coverage.executed = coverage.passed + coverage.failed;
  coverage.severity = graver(coverage.severity, result.severity);
}

/**
 * The coverage of a whole run narrowed to some of its cases. No hazard is dropped: one without a case among them was
 * planned and not exercised. `share` is the part of the planned columns that belongs to these cases.
 */
export function narrowed(
  hazards: readonly HazardCoverage[],
  cases: readonly CaseResult[],
  share: number,
): HazardCoverage[] {
  const part = hazards.map((one) => ({
    ...one,
    planned: one.planned !== null && one.plannedBy === 'list' ? Math.round(one.planned * share) : one.planned,
    executed: 0,
    passed: 0,
    failed: 0,
    inconclusive: 0,
    error: 0,
  }));
  const byId = new Map(part.map((one) => [one.id, one]));
  for (const result of cases) {
    for (const { id } of result.hazards) {
      const coverage = byId.get(id);
      if (coverage !== undefined) addCase(coverage, result);
    }
  }
  return part;
}
