import { expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { dropDecision, runs, testRefusals } from '../testing/refusals.ts';
import { allowedScene, clean, findDecision, hex, highScene, RELEASE, runOf } from '../testing/scene.ts';

testRefusals([
  ['no risks recorded', 'risk', 'missing', (s) => (s.risks = []), /No open risk is recorded for SYS-0001/],
  [
    'risk not rated',
    'risk',
    'missing',
    (s) => Object.assign(s.risks[0]!, { values: {}, derived: {} }),
    /RSK-0001 .* has not been rated/,
  ],
  [
    'risk above the appetite',
    'risk',
    'failed',
    (s) => dropDecision(s, 'RSK-0001'),
    /RSK-0001 .* is at level 12, above the appetite of 9/,
  ],
  [
    'acceptance has ended',
    'risk',
    'failed',
    (s) => (findDecision(s, 'RSK-0001').values.until = '2027-03-20'),
    /ended on 2027-03-20/,
  ],
  [
    'acceptance without an end',
    'risk',
    'failed',
    (s) => delete findDecision(s, 'RSK-0001').values.until,
    /has no end date/,
  ],
  [
    'risk rated again after it was accepted',
    'risk',
    'failed',
    (s) => (s.digests['RSK-0001'] = hex(44)),
    /accepted RSK-0001 as it was/,
  ],
  [
    'accepted by somebody without the authority',
    'risk',
    'failed',
    (s) => Object.assign(findDecision(s, 'RSK-0001').values, { by: 'PSN-0004', role: 'contributor' }),
    /designated management must accept/,
  ],
  [
    'accepted below the needed rank',
    'risk',
    'failed',
    (s) => (s.criteria!.values.acceptAtLevel = 12),
    /from level 12 on only top management accepts/,
  ],
  [
    'treated, but what is left is still too much',
    'risk',
    'failed',
    (s) => {
      dropDecision(s, 'RSK-0001');
      Object.assign(s.risks[0]!, { state: 'treated' });
      Object.assign(s.risks[0]!.values, {
        residualLikelihood: 5,
        residualOrganisation: 1,
        residualIndividuals: 2,
      });
    },
    /is at level 10, above/,
  ],
  [
    'treated, what is left not rated, class high',
    'risk',
    'missing',
    (s) => {
      dropDecision(s, 'RSK-0001');
      s.risks[0]!.state = 'treated';
    },
    /nobody has rated what is left/,
    highScene,
  ],
  [
    'stored level out of date',
    'risk',
    'failed',
    (s) => {
      dropDecision(s, 'RSK-0001');
      s.risks[0]!.derived.level = 1;
    },
    /is at level 12/,
  ],
  [
    'one of three impacts not rated',
    'risk',
    'missing',
    (s) => delete s.risks[0]!.values.impactSociety,
    /RSK-0001 .* has not been rated for likelihood and all three impacts/,
  ],
  [
    'accepted, and the tests put it higher than that',
    'risk',
    'failed',
    (s) =>
      runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), { ...clean('hijacking', 8), failed: 7 }]))(s),
    /tests put its likelihood at 5 \(CRI-0001\), claimed is 3\. HAZ-0001: 7 of 8 failed on REL-0001 in TST-0001[\s\S]*accepted RSK-0001 .* at level 12 .*does not cover the level 20/,
  ],
  [
    'within the appetite by claim alone',
    'risk',
    'failed',
    (s) => {
      dropDecision(s, 'RSK-0001');
      Object.assign(s.risks[0]!, { state: 'treated' });
      s.risks[0]!.values.residualLikelihood = 1;
      runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), { ...clean('hijacking', 40), failed: 8 }]))(s);
    },
    /is at level 12, above the appetite of 9, and is neither treated down to it nor accepted at that level/,
  ],
  [
    'clean, but the criteria count the bound of few cases',
    'risk',
    'failed',
    (s) => {
      s.criteria!.values.cleanSeries = 'countsByItsBound';
      s.plan!.values.minCases = 2;
      runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), clean('hijacking', 2)]))(s);
    },
    /tests put its likelihood at 5 .*0 of 2 failed .* up to 77\.7 %/,
  ],
  [
    'assessment too old',
    'risk',
    'missing',
    (s) => (s.assessments[0]!.values.heldOn = '2026-03-19'),
    /within 12 months; there is RAS-0001/,
  ],
  [
    'assessment of another system',
    'risk',
    'missing',
    (s) => (s.assessments[0]!.links.systems = ['SYS-0002']),
    /no concluded risk assessment/,
  ],
  [
    'assessment approved by its author',
    'risk',
    'missing',
    (s) => (s.authors['RAS-0001'] = { 'PSN-0005': 1 }),
    /nobody other than the author has approved/,
    highScene,
  ],
  [
    'assessment dated in the future',
    'risk',
    'missing',
    (s) => (s.assessments[0]!.values.heldOn = '2027-03-21'),
    /no concluded risk assessment/,
  ],
]);

test('a rule without rows moves nothing, and the policy digest says which rule was used', () => {
  const scene = allowedScene();
  runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), { ...clean('hijacking', 8), failed: 7 }]))(scene);
  const with_ = evaluateGate(scene);
  scene.criteria!.values.measuredLikelihood = [];
  const without = evaluateGate(scene);
  const risk = (r: typeof with_) => r.checks.find((c) => c.id === 'risk')!.status;
  expect([risk(with_), risk(without)]).toEqual(['failed', 'passed']);
  expect(without.policy.digest).not.toBe(with_.policy.digest);
});
