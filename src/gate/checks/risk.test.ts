import { dropDecision, testRefusals } from '../testing/refusals.ts';
import { findDecision, hex, highScene } from '../testing/scene.ts';

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
    (s) => (s.authors['RAS-0001'] = ['PSN-0005']),
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
