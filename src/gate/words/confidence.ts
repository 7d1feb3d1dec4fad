import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.confidence', {
  fewEnoughFail:
    '{hazard}: {failed} of {judged} failed; with {confidence} % confidence at most {bound} % of such cases fail.',
  mayFailTooOften:
    '{hazard}: {failed} of {judged} failed; with {confidence} % confidence at most {bound} % of such cases fail, and {most} % is the most that risk class {riskClass} allows.',
  noHazardRequired:
    'Nothing was tested that a bound could be computed from: no hazard is required by a fixed plan.',
  noRunQualifies: 'Nothing was tested that a bound could be computed from: no test run qualifies.',
  testByPlan: 'Test {release} by a fixed plan',
  runMore:
    'Run at least {cases} cases for {hazard}{failed, plural, =0 {, none of which fails,} other { if {failed} fail}} and add the result',
});
