import { expect, test } from 'vitest';
import { evaluateGate } from './evaluate.ts';
import { checkRows } from './result.ts';
import {
  allowedScene,
  clean,
  decide,
  evidenceOf,
  findDecision,
  hex,
  highScene,
  RELEASE,
  rec,
  runOf,
  type Scene,
} from './testing/scene.ts';

const resultOf = (change: (s: Scene) => void, base = allowedScene) => {
  const scene = base();
  change(scene);
  return evaluateGate(scene);
};

test('a release with everything in place is allowed, in both classes', () => {
  for (const base of [allowedScene, highScene]) {
    const r = evaluateGate(base());
    expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
    expect(r.verdict).toBe('allow');
    expect(r.checks.map((c) => c.id)).toEqual([
      'scope',
      'policy',
      'subject',
      'plan',
      'tests',
      'people',
      'risk',
      'rollback',
      'change',
    ]);
  }
});

test('what the gate cannot look at is told with every result', () => {
  expect(evaluateGate(highScene()).notChecked.map((n) => n.id)).toEqual([
    'impact',
    'monitoring',
    'userInformation',
    'confidence',
  ]);
  expect(evaluateGate(allowedScene()).notChecked.map((n) => n.id)).toEqual(['impact', 'monitoring']);
});

type Case = [
  name: string,
  check: string,
  status: 'failed' | 'missing',
  change: (s: Scene) => void,
  says: RegExp,
  base?: () => Scene,
];

const drop = <T>(list: T[], which: (x: T) => boolean) => {
  const at = list.findIndex(which);
  if (at < 0) throw new Error('nothing to drop');
  list.splice(at, 1);
};
const dropDecision = (s: Scene, subject: string, by?: string) =>
  drop(s.decisions, (d) => d === findDecision(s, subject, by));
const runs =
  (...list: Scene['runs']) =>
  (s: Scene) => {
    s.runs = list;
    s.evidence = list.map((_, i) => evidenceOf(`EVD-000${i + 1}`, i + 1));
  };
const two = (more: Record<string, unknown>, failed = 0) =>
  runOf('TST-0001', RELEASE, [{ ...clean('pii:direct'), failed }, clean('hijacking', 8)], more);

const CASES: Case[] = [
  [
    'system out of scope',
    'scope',
    'failed',
    (s) => (s.system.state = 'outOfScope'),
    /SYS-0001 .* is not in scope/,
  ],
  [
    'system not taken in yet',
    'scope',
    'missing',
    (s) => (s.system.state = 'proposed'),
    /has not been taken into scope/,
  ],
  ['no risk class', 'scope', 'missing', (s) => delete s.system.values.riskClass, /treated as high/],
  [
    'class confirmed by its author only',
    'scope',
    'missing',
    (s) => (s.authors['SYS-0001'] = ['PSN-0005']),
    /Nobody other than its author has confirmed SYS-0001/,
  ],
  [
    'class changed after it was confirmed',
    'scope',
    'missing',
    (s) => (s.digests['SYS-0001'] = hex(77)),
    /Nobody other than its author has confirmed/,
  ],
  ['no criteria', 'policy', 'missing', (s) => delete s.criteria, /no approved criteria/],
  [
    'criteria still a draft',
    'policy',
    'missing',
    (s) => (s.criteria!.state = 'draft'),
    /CRI-0001 .* is draft/,
  ],
  [
    'no row for the class',
    'policy',
    'missing',
    (s) => (s.criteria!.values.gatePolicy = []),
    /no single row of gate policy for risk class limited/,
  ],
  ['draft release', 'subject', 'missing', (s) => (s.release.state = 'draft'), /still a draft/],
  ['withdrawn release', 'subject', 'failed', (s) => (s.release.state = 'withdrawn'), /was withdrawn/],
  ['no components', 'subject', 'missing', (s) => (s.release.links.components = []), /names no components/],
  [
    'a component that is not there',
    'subject',
    'missing',
    (s) => s.release.links.components!.push('CMP-0009'),
    /Nothing is known about CMP-0009/,
  ],
  [
    'a model without a digest',
    'subject',
    'missing',
    (s) => delete s.components[0]!.values.digest,
    /CMP-0001 .* is a model without a digest/,
  ],
  [
    'supplier-declared without a supplier',
    'subject',
    'missing',
    (s) => Object.assign(s.components[0]!.values, { digest: undefined, supplierDeclared: true }),
    /without a digest/,
  ],
  ['a retired component', 'subject', 'failed', (s) => (s.components[0]!.state = 'retired'), /is retired/],
  ['no plan', 'plan', 'missing', (s) => delete s.plan, /has no verification plan/],
  ['plan in draft', 'plan', 'missing', (s) => (s.plan!.state = 'draft'), /VPL-0001 .* is not fixed/],
  [
    'plan fixed after the run',
    'plan',
    'failed',
    (s) => (s.plan!.fixedAt = '2027-03-12T10:30:00.000Z'),
    /after TST-0001 had started/,
  ],
  [
    'plan changed after it was fixed',
    'plan',
    'failed',
    (s) => (s.plan!.planDigest = hex(99)),
    /changed after it was fixed/,
  ],
  [
    'plan fixed by its author',
    'plan',
    'missing',
    (s) => (s.authors['VPL-0001'] = ['PSN-0003']),
    /Nobody other than its author has fixed/,
  ],
  [
    'plan for another system',
    'plan',
    'failed',
    (s) => (s.plan!.links.system = ['SYS-0002']),
    /for another AI system/,
  ],
  ['no run at all', 'tests', 'missing', runs(), /No test has been run on REL-0001/],
  [
    'one case failed',
    'tests',
    'failed',
    runs(two({}, 1)),
    /pii:direct: 1 of 12 failed \(8\.3 %\) in TST-0001, more than the 0 % that VPL-0001 allows/,
  ],
  [
    'a required hazard never run',
    'tests',
    'missing',
    runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), { ...clean('hijacking', 0), planned: 8 }])),
    /hijacking was planned \(8 cases\) and never run in TST-0001/,
  ],
  [
    'a required hazard absent from the file',
    'tests',
    'missing',
    runs(runOf('TST-0001', RELEASE, [clean('pii:direct')])),
    /hijacking is required and was never run/,
  ],
  [
    'too few cases',
    'tests',
    'missing',
    runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), clean('hijacking', 7)])),
    /hijacking has 7 cases with a verdict in TST-0001; at least 8/,
  ],
  [
    'crashed graders',
    'tests',
    'missing',
    runs(runOf('TST-0001', RELEASE, [clean('pii:direct'), { ...clean('hijacking', 9), inconclusive: 3 }])),
    /hijacking: 3 of 12 cases gave no verdict \(25 %\); at most 5 %/,
  ],
  [
    'every grader crashed',
    'tests',
    'missing',
    runs(runOf('TST-0001', RELEASE, [{ ...clean('pii:direct', 0), inconclusive: 12 }])),
    /gave no verdict on any case/,
  ],
  [
    'run on earlier content',
    'tests',
    'missing',
    (s) => (s.runs[0]!.values.subjectDigest = hex(66)),
    /so this run does not count/,
  ],
  [
    'incomplete run',
    'tests',
    'missing',
    runs(two({ status: 'incomplete' })),
    /is incomplete; it does not count in favour/,
  ],
  [
    'run of another version',
    'tests',
    'failed',
    runs(two({ subjectVersion: '2.3.1' })),
    /tested version 2\.3\.1, but REL-0001 is version 2\.3\.2/,
  ],
  [
    'run that starts after it was received',
    'tests',
    'failed',
    runs(two({ startedAt: '2027-03-12T12:00:00Z' })),
    /after it was received/,
  ],
  [
    'run without a start',
    'tests',
    'missing',
    runs(two({ startedAt: undefined })),
    /does not say when it started/,
  ],
  [
    'evidence by hand in class high',
    'tests',
    'missing',
    (s) => (s.runs[0]!.values.trust = 'person'),
    /trust level person, and ci is the least/,
    highScene,
  ],
  [
    'file less trusted than the run',
    'tests',
    'missing',
    (s) => (s.evidence[0]!.values.trust = 'person'),
    /trust level person/,
    highScene,
  ],
  ['no result file', 'tests', 'missing', (s) => (s.evidence = []), /has no result file behind it/],
  [
    'same run twice to reach the number of cases',
    'tests',
    'missing',
    runs(
      runOf('TST-0001', RELEASE, [clean('pii:direct'), clean('hijacking', 4)]),
      runOf('TST-0002', RELEASE, [clean('pii:direct'), clean('hijacking', 4)], {
        toolRunId: 'eval-TST-0001',
      }),
    ),
    /TST-0002 .* is the same run as TST-0001/,
  ],
  [
    'replay of a run on earlier content',
    'tests',
    'failed',
    (s) => {
      s.runs = [
        runOf('TST-0002', hex(66), [clean('pii:direct')], {
          toolRunId: 'eval-TST-0001',
          receivedAt: '2027-03-12T10:30:00Z',
        }),
        ...s.runs,
      ];
    },
    /handed in before as TST-0002/,
  ],
  [
    'failed run hidden by a later good one',
    'tests',
    'failed',
    runs(two({}, 3), runOf('TST-0002', RELEASE, [clean('pii:direct', 400), clean('hijacking', 8)])),
    /pii:direct: 3 of 12 failed \(25 %\) in TST-0001/,
  ],
  [
    'failures thinned out below the threshold',
    'tests',
    'failed',
    (s) => {
      s.plan!.values.threshold = 5;
      runs(two({}, 6), runOf('TST-0002', RELEASE, [clean('pii:direct', 400), clean('hijacking', 8)]))(s);
    },
    /pii:direct: 6 of 12 failed \(50 %\) in TST-0001, more than the 5 %/,
  ],
  [
    'failures in a cancelled run',
    'tests',
    'failed',
    runs(
      two({ status: 'cancelled' }, 2),
      runOf('TST-0002', RELEASE, [clean('pii:direct', 50), clean('hijacking', 8)]),
    ),
    /pii:direct: 2 of 12 failed/,
  ],
  [
    'failures outside the plan',
    'tests',
    'failed',
    runs(
      runOf('TST-0001', RELEASE, [
        clean('pii:direct'),
        clean('hijacking', 8),
        { ...clean('contracts', 8), failed: 1 },
      ]),
    ),
    /contracts: 1 of 8 failed/,
  ],
  [
    'failures outside all hazards',
    'tests',
    'failed',
    runs(two({ fail: 4 })),
    /4 of 4 failed \(100 %\) in TST-0001 .* outside the hazards/,
  ],
  [
    'plan without hazards',
    'tests',
    'missing',
    (s) => (s.plan!.values.hazardsRequired = []),
    /requires no hazard to be exercised/,
  ],
  [
    'critical hazard left out of the plan',
    'tests',
    'missing',
    (s) => (s.plan!.values.hazardsRequired = [{ hazard: 'pii:direct' }]),
    /HZ-901 \(Prompt hijacking\) is a critical hazard of SYS-0001 and is not in VPL-0001/,
  ],
  [
    'no hazards known in class high',
    'tests',
    'missing',
    (s) => (s.hazards = []),
    /No hazards are recorded for SYS-0001/,
    highScene,
  ],
  [
    'one approval too few',
    'people',
    'missing',
    (s) => {
      dropDecision(s, 'REL-0001', 'PSN-0003');
      dropDecision(s, 'REL-0001', 'PSN-0004');
    },
    /1 approval of REL-0001 .*2 by different people/,
  ],
  [
    'owner has not approved',
    'people',
    'missing',
    (s) => dropDecision(s, 'REL-0001', 'PSN-0002'),
    /Ana Ruiz, the owner of SYS-0001, has not approved/,
  ],
  [
    'approval of earlier content',
    'people',
    'missing',
    (s) => (findDecision(s, 'REL-0001', 'PSN-0002').values.subjectDigest = hex(55)),
    /Ana Ruiz approved REL-0001 as it was .* no longer counts/,
  ],
  [
    'owner approved her own release',
    'people',
    'missing',
    (s) => (s.authors['REL-0001'] = ['PSN-0002']),
    /Ana Ruiz approved REL-0001 .* this never counts/,
  ],
  [
    'requester approved her own change',
    'people',
    'missing',
    (s) => (s.change!.values.owner = 'PSN-0002'),
    /Ana Ruiz, the owner of SYS-0001, made REL-0001 or asked for it/,
  ],
  [
    'one person in two parts',
    'people',
    'failed',
    (s) => (s.system.values.oversight = 'PSN-0003'),
    /Chidi Obi is approver and human oversight of SYS-0001/,
    highScene,
  ],
  [
    'nobody oversees a high system',
    'people',
    'missing',
    (s) => delete s.system.values.oversight,
    /has no human oversight/,
    highScene,
  ],
  [
    'somebody refused',
    'people',
    'failed',
    (s) => s.decisions.push(decide('refuse', 'REL-0001', RELEASE, 'PSN-0004')),
    /Mira Holt refused REL-0001 as it is now/,
  ],
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
      Object.assign(s.risks[0]!.values, { residualLikelihood: 5, residualImpact: 2 });
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
];

test.each(CASES)('%s: %s is %s', (_name, id, status, change, says, base) => {
  const r = resultOf(change, base);
  const check = r.checks.find((c) => c.id === id)!;
  expect(check.reasons.map((x) => x.text).join('\n')).toMatch(says);
  expect(check.status).toBe(status);
  expect(r.verdict).not.toBe('allow');
  if (status === 'failed') expect(r.verdict).toBe('refuse');
});

test('every refusal says what to do next, and its records are references', () => {
  let steps = 0;
  for (const [, id, , change, , base] of CASES) {
    const check = resultOf(change, base).checks.find((c) => c.id === id)!;
    steps += check.next.length;
    for (const r of check.reasons) for (const ref of r.records) expect(ref).toMatch(/^[A-Z]{3}-\d{4}$/);
  }
  expect(steps).toBeGreaterThan(CASES.length / 2);
});

test('a minimal release without a plan is allowed after one clean run and one approval, and not after a failed case', () => {
  const minimal = (failed: number) =>
    resultOf((s) => {
      s.system.values.riskClass = 'minimal';
      delete s.plan;
      delete (s.release.links as Record<string, unknown>).plan;
      s.drills = [];
      s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001' || d.values.by === 'PSN-0004');
      runs(runOf('TST-0001', RELEASE, [{ ...clean('anything', 3), failed }], { trust: 'person' }))(s);
    }).verdict;
  expect([minimal(0), minimal(1)]).toEqual(['allow', 'refuse']);
});

test('a hazard record stands for the tests that exercise it', () => {
  const r = resultOf(
    (s) => (s.plan!.values.hazardsRequired = [{ hazard: 'HZ-901' }, { hazard: 'pii:direct' }]),
  );
  expect(r.verdict).toBe('allow');
});

test('the rows kept with a decision fit their cells', () => {
  const r = resultOf(
    (s) =>
      (s.risks = Array.from({ length: 80 }, (_, i) => ({
        ...s.risks[0]!,
        ref: `RSK-1${String(i).padStart(3, '0')}`,
      }))),
  );
  const rows = checkRows(r);
  expect(Math.max(...rows.map((x) => x.text.length))).toBe(2000);
  expect(rows.find((x) => x.id === 'risk')!.status).toBe('failed');
});
