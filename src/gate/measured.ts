/**
 * What tests say about the likelihood of a risk. People claim a likelihood; the runs on a release that exercised the
 * risk's hazards are held against it by the rule that stands in the criteria. The worse of both is what the risk is
 * judged by, here and on its page. Decision 0009.
 */

import { catalogue, type Sentence } from '../base/sentence.ts';
import { linksOf } from '../register/rec.ts';
import { CLEAN_SERIES, type Measured, measure, ruleOf } from '../risk/measuring.ts';
import { claimOf, isResidualRated, riskLevel, standing } from '../risk/rating.ts';
import { standsOut } from './bound.ts';
import { add, tally, testIdsOf, testsIn } from './coverage.ts';
import type { GatePolicy } from './policy.ts';
import { weighRuns } from './runs.ts';
import type { GateInput, Of } from './surroundings.ts';

/** A release with everything that was run on it, and how much trust its class demands. */
export interface Tested extends Pick<GateInput, 'now' | 'release' | 'releaseDigest' | 'runs' | 'evidence'> {
  readonly policy: GatePolicy;
}

/** One hazard of a risk, measured on one release. */
export interface MeasuredHazard extends Measured {
  readonly hazard: string;
  readonly title: string;
  /** One test of the hazard that fails more often than its others, measured by itself. */
  readonly test?: string;
  readonly release: string;
  /** Runs it rests on. */
  readonly runs: readonly string[];
}

export interface RiskMeasure {
  readonly hazards: readonly MeasuredHazard[];
  /** Hazards of the risk that no run on these releases exercised. */
  readonly notMeasured: readonly string[];
  /** Likelihood by the worst hazard that may raise what is claimed; undefined when none may. */
  readonly likelihood: number | undefined;
}

/**
 * Measures a risk on the releases of each system, newest first: of each system the newest release counts on which the
 * hazard was exercised. All runs on its content are pooled, so that an earlier failure is not hidden by running again; a run
 * that does not qualify adds its failures only. Whether a plan was fixed before is no matter here.
 */
export function measureRisk(
  risk: Of<'risk'>,
  hazards: readonly Of<'hazard'>[],
  criteria: Of<'criteria'> | undefined,
  tested: readonly (readonly Tested[])[],
): RiskMeasure {
  const rule = ruleOf(criteria?.values.measuredLikelihood);
  const clean = CLEAN_SERIES.find((c) => c === criteria?.values.cleanSeries) ?? CLEAN_SERIES[0];
  const mine = linksOf(risk, 'hazards').flatMap((ref) => hazards.filter((h) => h.ref === ref));
  const found: MeasuredHazard[] = [];
  const notMeasured: string[] = [];
  for (const hazard of mine) {
    const ids = new Set(testIdsOf(hazard));
    const here = tested.flatMap((releases) => {
      for (const t of releases) {
        const figures = figuresOf(t, ids);
        const m = measure(rule, clean, figures.failed, figures.judged);
        const what = { hazard: hazard.ref, title: hazard.title, release: t.release.ref };
        if (m)
          return [
            { ...m, ...what, runs: figures.runs },
            ...worseTests(t, ids, figures).flatMap(({ test, failed, judged, runs }) => {
              const one = measure(rule, clean, failed, judged);
              return one ? [{ ...one, ...what, test, runs }] : [];
            }),
          ];
      }
      return [];
    });
    found.push(...here);
    if (here.length === 0) notMeasured.push(hazard.ref);
  }
  const speaking = found.filter((m) => m.speaks).map((m) => m.level);
  return {
    hazards: found,
    notMeasured,
    likelihood: speaking.length > 0 ? Math.max(...speaking) : undefined,
  };
}

function figuresOf(t: Tested, ids: ReadonlySet<string>): { judged: number; failed: number; runs: string[] } {
  const runs = weighRuns({ ...t, plan: undefined }, t.policy)
    .filter((w) => !w.foreign)
    .map((w) => ({ w, tally: tally(w.run, ids) }))
    .filter(({ w, tally: x }) => (w.counts ? x.judged > 0 : x.failed > 0));
  const counted = add(runs.filter(({ w }) => w.counts).map((r) => r.tally));
  const others = add(runs.filter(({ w }) => !w.counts).map((r) => r.tally));
  return {
    judged: counted.judged + others.failed,
    failed: counted.failed + others.failed,
    runs: runs.map(({ w }) => w.run.ref),
  };
}

/** Tests of a hazard that fail more often than chance explains where all of them together fail as often as they do: the others do not hide them. */
function worseTests(t: Tested, ids: ReadonlySet<string>, all: { failed: number; judged: number }) {
  const tests = testsIn(t.runs, ids);
  if (tests.length < 2) return [];
  return tests
    .map((test) => ({ test, ...figuresOf(t, new Set([test])) }))
    .filter(
      (f) =>
        f.failed * all.judged > all.failed * f.judged &&
        standsOut(f.failed, f.judged, all.failed / all.judged),
    );
}

/** How a risk is judged: what people claim for it now, and what tests make of it. */
export interface Judged {
  /** After treatment where the risk has been treated and that was rated, else before. */
  readonly likelihood: number;
  readonly impact: number;
  readonly level: number;
  readonly afterTreatment: boolean;
  /** The likelihood that counts: the worse of claim and measurement. */
  readonly effectiveLikelihood: number;
  readonly effectiveLevel: number;
  /** Tests put it above the claim. */
  readonly raised: boolean;
}

/** Undefined while the risk has not been rated in full. Computed from the scores: a stored level is not asked. */
export function judgeRisk(risk: Of<'risk'>, measured: RiskMeasure): Judged | undefined {
  const claim = claimOf(risk.values);
  const treated = risk.state === 'treated' || risk.state === 'accepted';
  const before = {
    ...claim,
    residualLikelihood: undefined,
    residualImpacts: { organisation: undefined, individuals: undefined, society: undefined },
  };
  const now = standing(treated ? claim : before);
  const inherent = standing(before);
  if (now.likelihood === undefined || now.impact === undefined || inherent.level === undefined)
    return undefined;
  const effective = Math.max(now.likelihood, measured.likelihood ?? 0);
  return {
    likelihood: now.likelihood,
    impact: now.impact,
    level: riskLevel(now.likelihood, now.impact)!,
    afterTreatment: treated && isResidualRated(claim),
    effectiveLikelihood: effective,
    effectiveLevel: riskLevel(effective, now.impact)!,
    raised: effective > now.likelihood,
  };
}

/** `HAZ-0002: 8 of 8 failed in TST-0001, up to 100 % with 95 % confidence` */
export function measuredText({
  hazard,
  test,
  failed,
  cases,
  release,
  runs,
  bound,
}: MeasuredHazard): Sentence {
  const found = { hazard, failed, cases, release, runs: { join: 'comma', items: runs } as const, bound };
  return test === undefined ? say('hazard', found) : say('test', { ...found, test });
}

const say = catalogue('gate.measured', {
  hazard: '{hazard}: {failed} of {cases} failed on {release} in {runs}, up to {bound} % with 95 % confidence',
  test: '{hazard} ({test}): {failed} of {cases} failed on {release} in {runs}, up to {bound} % with 95 % confidence',
});

/** What the gate measures with: the release it judges. */
export const testedOf = (input: GateInput, policy: GatePolicy): Tested => ({
  now: input.now,
  release: input.release,
  releaseDigest: input.releaseDigest,
  runs: input.runs,
  evidence: input.evidence,
  policy,
});

/** Who may accept a risk of this level: from `acceptAtLevel` on only top management. */
export const topManagementOnly = (criteria: Of<'criteria'> | undefined, level: number): boolean => {
  const from = criteria?.values.acceptAtLevel;
  return typeof from === 'number' && level >= from;
};
