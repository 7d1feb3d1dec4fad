import { CONFIDENCE, casesFor, upperBound } from '../bound.ts';
import { Checking } from '../checking.ts';
import { add, requirementsOf, tally } from '../coverage.ts';
import type { GateInput } from '../neighbourhood.ts';
import type { GatePolicy } from '../policy.ts';
import type { GateCheck } from '../result.ts';
import { weighRuns } from '../runs.ts';

const shown = (share: number): string => `${Math.ceil(share * 1000) / 10} %`;

/**
 * The tests were enough to say, with 95 % confidence, that no more than a share of such cases fails. Without a failure that takes about 3 / share
 * cases: few cases that all pass prove little, however good they look.
 */
export function checkConfidence(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('confidence', 'Enough tests for the share of failures that is allowed');
  const limit = policy.maxUpperBound / 100;
  const plan = input.plan?.fixedAt === undefined ? undefined : input.plan;
  const counted = weighRuns(input, policy).filter((w) => w.counts);
  const required = requirementsOf(plan, input.hazards);
  if (required.length === 0 || counted.length === 0) {
    c.unknown(
      `Nothing was tested that a bound could be computed from: ${required.length === 0 ? 'no hazard is required by a fixed plan' : 'no test run qualifies'}.`,
      [input.release.ref],
      { text: `Test ${input.release.ref} by a fixed plan`, ref: input.release.ref },
    );
    return c.done();
  }
  for (const r of required) {
    const runs = counted.filter((w) => tally(w.run, r.ids).judged > 0).map((w) => w.run.ref);
    const { judged, failed } = add(counted.map((w) => tally(w.run, r.ids)));
    const bound = upperBound(failed, judged);
    const text = `${r.hazard}: ${failed} of ${judged} failed; with ${CONFIDENCE} % confidence at most ${shown(bound)} of such cases fail`;
    if (bound <= limit) c.good(`${text}.`, runs);
    else
      c.unknown(
        `${text}, and ${policy.maxUpperBound} % is the most that risk class ${policy.riskClass} allows.`,
        runs,
        {
          text: `Run at least ${casesFor(failed, limit)} cases for ${r.hazard}${failed > 0 ? ` if ${failed} fail` : ', none of which fails,'} and add the result`,
          ref: input.release.ref,
        },
      );
  }
  return c.done();
}
