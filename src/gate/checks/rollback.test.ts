import { expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { defaultGatePolicy } from '../policy.ts';
import { testRefusals } from '../testing/refusals.ts';
import { allowedScene, decide, hex, highScene, rec, type Scene } from '../testing/scene.ts';

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
    /took 16 min; RBP-0001 allows 15 min/,
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

/** The allowed release, where criteria ask for a drill of telling people; without one of rollback where `months` is 0. */
function toldScene(months = 12): Scene {
  const s = allowedScene();
  s.criteria!.values.gatePolicy = defaultGatePolicy.map((p) => ({
    ...p,
    drillMonths: months,
    communicationDrill: true,
  }));
  return s;
}

function held(s: Scene, more: Record<string, unknown> = {}, state = 'verified'): Scene {
  const drill = rec('DRL-0009', 'drill', state, {
    values: {
      kind: 'communication',
      owner: 'PSN-0004',
      heldOn: '2027-02-01',
      duration: 'PT10M',
      outcome: 'succeeded',
      ...more,
    },
    links: { rollbackPlan: ['RBP-0001'] },
  });
  s.drills.push(drill);
  s.digests['DRL-0009'] = hex(19, 'b');
  s.decisions.push(decide('approve', 'DRL-0009', hex(19, 'b'), 'PSN-0003'));
  return s;
}

test('a drill of telling people is judged like the others, and only where the criteria ask for it', () => {
  const judged = (s: Scene) => {
    const { verdict, checks } = evaluateGate(s);
    const { status, reasons } = checks.find((c) => c.id === 'rollback')!;
    return [verdict, status, reasons.map((r) => r.text).join(' ')];
  };
  const none = /No verified and successful communication drill of RBP-0001 .* as it is now within 12 months/;
  const said = (pattern: RegExp) => expect.stringMatching(pattern);
  const cases: [Scene, string, string, RegExp][] = [
    [allowedScene(), 'allow', 'passed', /^(?!.*communication)/],
    [toldScene(), 'insufficient', 'missing', none],
    // Within a year, also where no rollback drill is asked for.
    [toldScene(0), 'insufficient', 'missing', none],
    [
      held(toldScene()),
      'allow',
      'passed',
      /DRL-0009 .*: telling people was rehearsed on 2027-02-01 in 10 min/,
    ],
    [held(toldScene(), { heldOn: '2026-03-19' }), 'insufficient', 'missing', /is older than 12 months/],
    [held(toldScene(), {}, 'held'), 'insufficient', 'missing', /has not been verified/],
    [held(toldScene(), { owner: 'PSN-0003' }), 'insufficient', 'missing', none],
    [held(toldScene(), { duration: 'PT16M' }), 'refuse', 'failed', /took 16 min; RBP-0001 allows 15 min/],
    [held(toldScene(), { outcome: 'failed' }), 'refuse', 'failed', /held on 2027-02-01, failed/],
    [held(toldScene(), { kind: 'rollback' }), 'insufficient', 'missing', none],
  ];
  for (const [scene, verdict, status, says] of cases)
    expect(judged(scene)).toEqual([verdict, status, said(says)]);
});
