import { testRefusals } from '../testing/refusals.ts';
import { hex, highScene, rec } from '../testing/scene.ts';

testRefusals([
  ['no rollback plan', 'rollback', 'missing', (s) => delete s.rollbackPlan, /has no rollback plan/],
  [
    'no target',
    'rollback',
    'missing',
    (s) => delete s.rollbackPlan!.values.target,
    /names nothing to go back to/,
  ],
  [
    'rollback plan not approved',
    'rollback',
    'missing',
    (s) => (s.rollbackPlan!.state = 'draft'),
    /RBP-0001 .* is not approved: its state is draft/,
  ],
  [
    'drill too old',
    'rollback',
    'missing',
    (s) => (s.drills[0]!.values.heldOn = '2026-03-19'),
    /is older than 12 months/,
  ],
  [
    'drill not verified',
    'rollback',
    'missing',
    (s) => (s.drills[0]!.state = 'held'),
    /has not been verified/,
  ],
  [
    'drill verified by who led it',
    'rollback',
    'missing',
    (s) => (s.drills[0]!.values.owner = 'PSN-0004'),
    /No verified and successful rollback drill/,
  ],
  [
    'drill of the plan as it was',
    'rollback',
    'missing',
    (s) => (s.digests['DRL-0001'] = hex(33)),
    /rehearsed RBP-0001 as it was/,
  ],
  [
    'drill held in the future',
    'rollback',
    'missing',
    (s) => (s.drills[0]!.values.heldOn = '2027-03-21'),
    /No verified and successful rollback drill/,
  ],
  [
    'drill took too long',
    'rollback',
    'failed',
    (s) => (s.drills[0]!.values.duration = 'PT16M'),
    /took PT16M; RBP-0001 allows PT15M/,
  ],
  [
    'last drill failed',
    'rollback',
    'failed',
    (s) =>
      s.drills.push(
        rec('DRL-0003', 'drill', 'held', {
          values: { kind: 'rollback', heldOn: '2027-03-01', outcome: 'failed' },
          links: { rollbackPlan: ['RBP-0001'] },
        }),
      ),
    /DRL-0003 .* failed/,
  ],
  [
    'no stop drill in class high',
    'rollback',
    'missing',
    (s) => s.drills.pop(),
    /No verified and successful stop drill of RBP-0001 .* within 6 months/,
    highScene,
  ],
  ['no change ticket', 'change', 'missing', (s) => delete s.change, /has no change ticket/],
  [
    'ticket covers another release',
    'change',
    'failed',
    (s) => (s.change!.links.releases = ['REL-0009']),
    /covers REL-0009, not REL-0001/,
  ],
  [
    'ticket covers no release',
    'change',
    'missing',
    (s) => (s.change!.links.releases = []),
    /does not say which release it covers/,
  ],
  ['ticket refused', 'change', 'failed', (s) => (s.change!.state = 'refused'), /CHG-0001 .* was refused/],
  [
    'ticket approved by its requester',
    'change',
    'missing',
    (s) => (s.change!.values.owner = 'PSN-0003'),
    /nobody other than its requester/,
  ],
  [
    'ticket changed after approval',
    'change',
    'missing',
    (s) => (s.digests['CHG-0001'] = hex(22)),
    /approved CHG-0001 as it was/,
  ],
]);
