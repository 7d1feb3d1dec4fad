import { CONFIDENCE, casesFor, upperBound } from '../bound.ts';
import { Checking } from '../checking.ts';
import { add, requirementsOf, tally } from '../coverage.ts';
import type { GatePolicy } from '../policy.ts';
import type { GateCheck } from '../result.ts';
import { weighRuns } from '../runs.ts';
import type { GateInput } from '../surroundings.ts';
import { say } from '../words/confidence.ts';
import { title } from '../words/titles.ts';

const shown = (share: number): number => Math.ceil(share * 1000) / 10;

/**
 * The tests were enough to say, with 95 % confidence, that no more than a share of such cases fails. Without a failure that takes about 3 / share
 * cases: few cases that all pass prove little, however good they look.
 */
export function checkConfidence(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('confidence', title('confidence'));
  const limit = policy.maxUpperBound / 100;
  const plan = input.plan?.fixedAt === undefined ? undefined : input.plan;
  const counted = weighRuns(input, policy).filter((w) => w.counts);
  const required = requirementsOf(plan, input.hazards);
  if (required.length === 0 || counted.length === 0) {
    c.unknown(required.length === 0 ? say('noHazardRequired') : say('noRunQualifies'), [input.release.ref], {
      ...say('testByPlan', { release: input.release.ref }),
      ref: input.release.ref,
    });
    return c.done();
  }
  for (const r of required) {
    const runs = counted.filter((w) => tally(w.run, r.ids).judged > 0).map((w) => w.run.ref);
    const { judged, failed } = add(counted.map((w) => tally(w.run, r.ids)));
    const bound = upperBound(failed, judged);
    const figures = { hazard: r.hazard, failed, judged, confidence: CONFIDENCE, bound: shown(bound) };
    if (bound <= limit) c.good(say('fewEnoughFail', figures), runs);
    else
      c.unknown(
        say('mayFailTooOften', { ...figures, most: policy.maxUpperBound, riskClass: policy.riskClass }),
        runs,
        {
          ...say('runMore', { cases: casesFor(failed, limit), hazard: r.hazard, failed }),
          ref: input.release.ref,
        },
      );
  }
  return c.done();
}
