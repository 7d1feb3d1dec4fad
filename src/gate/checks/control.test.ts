import { describe, expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { type Refusal, testRefusals } from '../testing/refusals.ts';
import {
  allowedScene,
  clean,
  decide,
  findDecision,
  hex,
  highScene,
  RELEASE,
  rec,
  runOf,
  type Scene,
} from '../testing/scene.ts';
import { emergencyEnd, reviewBy } from './emergency.ts';

const digestOf = (n: number) => hex(n, 'c');

const checkOf = (s: Scene, id: string) => evaluateGate(s).checks.find((c) => c.id === id)!;
const saying = (s: Scene, id: string) =>
  checkOf(s, id)
    .reasons.map((r) => r.text)
    .join('\n');

/** The release differs from the one in use by a new prompt, and cites an envelope that was approved for prompts. */
function envelopeScene(base: () => Scene = allowedScene): Scene {
  const s = base();
  const prompt = (n: number) =>
    rec(`CMP-000${n}`, 'component', 'current', {
      values: { kind: 'prompt', digest: digestOf(n) },
      links: { systems: ['SYS-0001'] },
    });
  s.components = [s.components[0]!, prompt(3)];
  s.release.links = { ...s.release.links, components: ['CMP-0001', 'CMP-0003'] };
  s.inUse = {
    release: rec('REL-0009', 'release', 'shipped', { title: '2.3.1' }),
    components: [s.components[0]!, prompt(2)],
    allowance: rec('GAT-0009', 'gateDecision', 'recorded', {
      values: { verdict: 'allow', subjectDigest: hex(9, 'a') },
    }),
    digest: hex(9, 'a'),
  };
  s.change!.values = { owner: 'PSN-0001', kind: 'envelope', envelopeKinds: ['prompt'], endsOn: '2027-04-10' };
  s.change!.links = { systems: ['SYS-0001'], plan: ['VPL-0001'] };
  s.systemThen = structuredClone(s.system.values);
  // Nobody has approved the release itself.
  s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001');
  return s;
}

function clearanceScene(riskClass: string): Scene {
  const s = allowedScene();
  s.system.values = { ...s.system.values, riskClass, servedModel: 'acme/assist-4' };
  s.release.values = {
    title: 'Assist',
    releaseVersion: '4',
    kind: 'useClearance',
    purpose: 'suggestions in the editor',
    dataClasses: 'source code without secrets',
    overseer: 'PSN-0004',
    useUntil: '2028-03-01',
    clearedModel: 'Acme/assist-4',
  };
  s.release.links = { system: ['SYS-0001'], supplier: ['SUP-0001'] };
  s.suppliers = [
    rec('SUP-0001', 'supplier', 'approved', {
      values: { owner: 'PSN-0002', assessedOn: '2027-01-05', nextReview: '2027-07-05' },
    }),
  ];
  s.digests['SUP-0001'] = hex(20, 'b');
  s.decisions.push(decide('approve', 'SUP-0001', hex(20, 'b'), 'PSN-0005'));
  s.components = [];
  s.runs = [];
  s.rollbackPlan = undefined;
  s.change = undefined;
  s.plan = undefined;
  return s;
}

function emergencyScene(): Scene {
  const s = allowedScene();
  s.change!.values = {
    owner: 'PSN-0001',
    kind: 'emergency',
    releaseDigest: RELEASE,
    rollback: 'back to 2.2.0',
  };
  s.change!.links = { systems: ['SYS-0001'], releases: ['REL-0001'], incident: ['INC-0001'] };
  s.incident = rec('INC-0001', 'incident', 'handling');
  findDecision(s, 'CHG-0001').createdAt = '2027-03-19T12:00:00.000Z';
  s.emergencies = [s.change!];
  s.runs = [];
  s.drills = [];
  s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001');
  return s;
}

describe('impact, monitoring, information for users, confidence, the served model', () => {
  const cases: Refusal[] = [
    [
      'nobody assessed the impact',
      'impact',
      'missing',
      (s) => void (s.impactAssessments = []),
      /no concluded assessment/,
    ],
    [
      'it is older than twelve months',
      'impact',
      'missing',
      (s) => void (s.impactAssessments[0]!.values.heldOn = '2026-03-19'),
      /within 12 months; there is IMA-0001/,
    ],
    [
      'it concludes that the impact is not acceptable',
      'impact',
      'failed',
      (s) => void (s.impactAssessments[0]!.values.conclusion = 'notAcceptable'),
      /not acceptable/,
    ],
    [
      'it is planned only',
      'impact',
      'missing',
      (s) => void (s.impactAssessments[0]!.state = 'planned'),
      /no concluded assessment/,
    ],
    [
      'class high: approved as it was',
      'impact',
      'missing',
      (s) => void (s.digests['IMA-0001'] = hex(77)),
      /nobody other than the author/,
      highScene,
    ],
    [
      'no metric is running',
      'monitoring',
      'missing',
      (s) => void (s.monitors[0]!.state = 'paused'),
      /No metric with a limit/,
    ],
    [
      'a metric without a limit watches nothing',
      'monitoring',
      'missing',
      (s) => void delete s.monitors[0]!.values.threshold,
      /No metric with a limit/,
    ],
    [
      'its review is overdue',
      'monitoring',
      'missing',
      (s) => void (s.monitors[0]!.values.reviewBy = '2027-03-19'),
      /not looked at since/,
    ],
    [
      'class high: no event log',
      'monitoring',
      'missing',
      (s) => void (s.monitors = [s.monitors[0]!]),
      /No event log/,
      highScene,
    ],
    [
      'class high: no information for users',
      'userInformation',
      'missing',
      (s) => void (s.documents = []),
      /no information for users/,
      highScene,
    ],
    [
      'class high: it is overdue',
      'userInformation',
      'missing',
      (s) => void (s.documents[0]!.values.reviewBy = '2027-03-19'),
      /was to be reviewed by 2027-03-19/,
      highScene,
    ],
    [
      'class high: it is not published',
      'userInformation',
      'missing',
      (s) => void (s.documents[0]!.state = 'approved'),
      /not published/,
      highScene,
    ],
    [
      'class high: it is of another system',
      'userInformation',
      'missing',
      (s) => void (s.documents[0]!.links.systems = ['SYS-0009']),
      /no information for users/,
      highScene,
    ],
    [
      'class high: 12 cases prove too little',
      'confidence',
      'missing',
      (s) => void (s.runs = [runOf('TST-0001', RELEASE, [clean('pii:direct', 30), clean('hijacking')])]),
      /hijacking: 0 of 12 failed; with 95 % confidence at most 22.1 %/,
      highScene,
    ],
    [
      'another model answers than the approved one',
      'served',
      'failed',
      (s) => {
        s.system.values.servedModel = 'acme/large-3';
        s.components[0]!.values.servedAs = 'acme/large-2';
      },
      /served by acme\/large-3; approved is acme\/large-2/,
    ],
    [
      'the model does not say its name',
      'served',
      'missing',
      (s) => void (s.system.values.servedModel = 'acme/large-3'),
      /does not say under which name/,
    ],
  ];
  testRefusals(cases);

  test('a class asks for no more than its row: minimal needs a screening and a person', () => {
    const s = allowedScene();
    s.system.values.riskClass = 'minimal';
    s.monitors = [];
    s.documents = [];
    s.impactAssessments[0]!.state = 'planned';
    expect([checkOf(s, 'impact').status, checkOf(s, 'monitoring').status]).toEqual(['passed', 'passed']);
    expect(evaluateGate(s).checks.some((c) => c.id === 'userInformation' || c.id === 'confidence')).toBe(
      false,
    );
    delete s.impactAssessments[0]!.values.affected;
    expect(checkOf(s, 'impact').status).toBe('missing');
  });

  test('the model of the release in use is approved as well: a release that brings another comes before it serves', () => {
    const s = envelopeScene();
    s.system.values.servedModel = 'ACME/Large-1';
    s.components[0]!.values.servedAs = 'acme/large-2';
    s.inUse!.components = [
      rec('CMP-0005', 'component', 'retired', { values: { kind: 'model', servedAs: 'acme/large-1' } }),
    ];
    expect(checkOf(s, 'served').status).toBe('passed');
    s.inUse!.digest = hex(1);
    expect(checkOf(s, 'served').status).toBe('failed');
  });

  test('criteria of before these columns take the defaults of the class', () => {
    const s = allowedScene();
    for (const row of s.criteria!.values.gatePolicy as Record<string, unknown>[])
      for (const name of ['impact', 'impactMonths', 'monitoring', 'userInformation', 'maxUpperBound'])
        delete row[name];
    expect(evaluateGate(s).verdict).toBe('allow');
    s.monitors = [];
    expect(evaluateGate(s).verdict).toBe('insufficient');
  });
});

describe('envelopes', () => {
  test('inside, only tests decide: no approval of the release, and the envelope is named', () => {
    const s = envelopeScene();
    const r = evaluateGate(s);
    expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
    expect([r.verdict, r.basis]).toEqual(['allow', 'envelope']);
    expect(saying(s, 'people')).toMatch(/approved the envelope CHG-0001/);
    s.runs = [runOf('TST-0001', RELEASE, [{ ...clean('pii:direct'), failed: 1 }, clean('hijacking', 8)])];
    expect(evaluateGate(s).verdict).toBe('refuse');
  });

  type Outside = [
    name: string,
    change: (s: Scene) => void,
    status: 'failed' | 'missing',
    says: RegExp,
    base?: () => Scene,
  ];
  const component = (kind: string, more = {}) =>
    rec('CMP-0008', 'component', 'current', {
      values: { kind, digest: digestOf(8) },
      links: { systems: ['SYS-0001'], ...more },
    });
  const bring = (s: Scene, kind: string, more = {}) => {
    s.components.push(component(kind, more));
    s.release.links.components!.push('CMP-0008');
  };
  const outside: Outside[] = [
    ...['model', 'tool', 'agent', 'dataset'].map(
      (kind): Outside => [
        `a new ${kind}`,
        (s) => bring(s, kind),
        'failed',
        new RegExp(`is new since REL-0009; it is a ${kind}`),
      ],
    ),
    [
      'a new tool, though tools may change',
      (s) => {
        bring(s, 'tool');
        s.change!.values.envelopeKinds = ['prompt', 'tool'];
      },
      'failed',
      /is a new tool, not a further version/,
    ],
    [
      'a model that is left out',
      (s) => {
        s.release.links.components = ['CMP-0003'];
      },
      'failed',
      /is left out since REL-0009; it is a model/,
    ],
    [
      'another purpose',
      (s) => void (s.system.values.purpose = 'something else'),
      'failed',
      /intended purpose .* is another/,
    ],
    [
      'another audience',
      (s) => void (s.system.values.audience = 'children'),
      'failed',
      /audience .* is another/,
    ],
    ['it ended', (s) => void (s.change!.values.endsOn = '2027-03-20'), 'missing', /ended on 2027-03-20/],
    ['it has no end', (s) => void delete s.change!.values.endsOn, 'missing', /has no end/],
    [
      'it lasts longer than 90 days',
      (s) => void (s.change!.values.endsOn = '2027-06-14'),
      'missing',
      /90 days from its approval, until 2027-06-13/,
    ],
    [
      'it was changed since it was approved',
      (s) => void (s.digests['CHG-0001'] = hex(66)),
      'missing',
      /not in force/,
    ],
    ['it was refused', (s) => void (s.change!.state = 'refused'), 'missing', /its state is refused/],
    [
      'its requester approved it',
      (s) => void (s.change!.values.owner = 'PSN-0003'),
      'missing',
      /not in force/,
    ],
    [
      'no plan',
      (s) => void (s.change!.links = { systems: ['SYS-0001'] }),
      'missing',
      /names no verification plan/,
    ],
    ['another plan', (s) => void (s.change!.links.plan = ['VPL-0002']), 'failed', /asks for VPL-0002/],
    [
      'another system',
      (s) => void (s.change!.links.systems = ['SYS-0002']),
      'failed',
      /envelope for SYS-0002/,
    ],
    ['nothing was let through before', (s) => void (s.inUse = undefined), 'missing', /let through before/],
    [
      'what is in use was edited',
      (s) => void (s.inUse!.digest = hex(3)),
      'failed',
      /no longer what the gate let through/,
    ],
    [
      'class high: 30 days',
      (s) => void (s.change!.values.endsOn = '2027-04-15'),
      'missing',
      /30 days from its approval, until 2027-04-14/,
      highScene,
    ],
    [
      'class high: prompts only',
      (s) => {
        bring(s, 'tool', { derivedFrom: ['CMP-0007'] });
        s.inUse!.components = [
          ...s.inUse!.components,
          rec('CMP-0007', 'component', 'current', { values: { kind: 'tool' } }),
        ];
        s.change!.values.envelopeKinds = ['prompt', 'tool'];
      },
      'failed',
      /prompts only/,
      highScene,
    ],
  ];
  test.each(outside)('outside: %s', (_name, change, status, says, base) => {
    const s = envelopeScene(base);
    change(s);
    const r = evaluateGate(s);
    expect(saying(s, 'change')).toMatch(says);
    expect(checkOf(s, 'change').status).toBe(status);
    expect([r.verdict === 'allow', r.basis]).toEqual([false, 'approvals']);
    // Then it needs the approvals of any other release.
    expect(checkOf(s, 'people').status).toBe('missing');
  });

  test('a further version of a tool in use is inside, where the envelope says so', () => {
    const s = envelopeScene();
    bring(s, 'tool', { derivedFrom: ['CMP-0007'] });
    s.inUse!.components = [
      ...s.inUse!.components,
      rec('CMP-0007', 'component', 'current', { values: { kind: 'tool' } }),
    ];
    s.change!.values.envelopeKinds = ['prompt', 'tool'];
    expect(evaluateGate(s).verdict).toBe('allow');
  });

  test('who objects to a release inside an envelope stops it', () => {
    const s = envelopeScene();
    s.decisions.push(decide('refuse', 'REL-0001', RELEASE, 'PSN-0004'));
    expect(evaluateGate(s).verdict).toBe('refuse');
  });
});

describe('use clearance', () => {
  test.each(['minimal', 'limited', 'high'])(
    'class %s: judged by its own checks, and says what cannot be done',
    (riskClass) => {
      const s = clearanceScene(riskClass);
      const r = evaluateGate(s);
      expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
      expect([r.verdict, r.basis, r.notChecked.map((n) => n.id)]).toEqual([
        'allow',
        'useClearance',
        ['vendorRun'],
      ]);
      expect(r.checks.some((c) => ['rollback', 'subject', 'tests', 'change'].includes(c.id))).toBe(false);
      expect(saying(s, 'use')).toMatch(/we cannot stop/);
    },
  );

  const swapped = (s: Scene, since: string) => {
    s.system.values.servedModel = 'acme/assist-5';
    s.servedSince = since;
  };
  const cases: [string, string, string, 'failed' | 'missing' | 'passed', (s: Scene) => void, RegExp][] = [
    [
      'limited',
      'the supplier is only proposed',
      'supplier',
      'missing',
      (s) => void (s.suppliers[0]!.state = 'proposed'),
      /not approved/,
    ],
    [
      'limited',
      'the supplier was approved as it was',
      'supplier',
      'missing',
      (s) => void (s.digests['SUP-0001'] = hex(1)),
      /not approved as it is described now/,
    ],
    [
      'limited',
      'its review is overdue',
      'supplier',
      'missing',
      (s) => void (s.suppliers[0]!.values.nextReview = '2027-03-19'),
      /was due on 2027-03-19/,
    ],
    [
      'limited',
      'the relation has ended',
      'supplier',
      'failed',
      (s) => void (s.suppliers[0]!.state = 'ended'),
      /has ended/,
    ],
    [
      'limited',
      'no supplier is named',
      'supplier',
      'missing',
      (s) => void (s.release.links = { system: ['SYS-0001'] }),
      /names no vendor/,
    ],
    [
      'limited',
      'nobody watches',
      'use',
      'missing',
      (s) => void delete s.release.values.overseer,
      /nobody who watches/,
    ],
    [
      'limited',
      'who watched has left',
      'use',
      'missing',
      (s) => void (s.people['PSN-0004']!.state = 'departed'),
      /has left/,
    ],
    ['limited', 'no end', 'use', 'missing', (s) => void delete s.release.values.useUntil, /has no end/],
    [
      'limited',
      'more than twelve months',
      'use',
      'failed',
      (s) => void (s.release.values.useUntil = '2028-03-21'),
      /12 months, until 2028-03-20/,
    ],
    [
      'limited',
      'the end has come',
      'use',
      'failed',
      (s) => void (s.release.values.useUntil = '2027-03-20'),
      /ended on/,
    ],
    [
      'limited',
      'no data classes',
      'use',
      'missing',
      (s) => void delete s.release.values.dataClasses,
      /which data/,
    ],
    [
      'limited',
      'nobody approved',
      'people',
      'missing',
      (s) => void (s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001')),
      /needed/,
    ],
    [
      'limited',
      'no impact assessment',
      'impact',
      'missing',
      (s) => void (s.impactAssessments = []),
      /no concluded/,
    ],
    [
      'minimal',
      'the vendor changed the model: a note',
      'vendorModel',
      'passed',
      (s) => swapped(s, '2026-01-01T00:00:00Z'),
      /this note is enough/,
    ],
    [
      'limited',
      'the vendor changed the model: 30 days',
      'vendorModel',
      'passed',
      (s) => swapped(s, '2027-02-18T09:00:00Z'),
      /tested again by 2027-03-20/,
    ],
    [
      'limited',
      'thirty days are over',
      'vendorModel',
      'failed',
      (s) => swapped(s, '2027-02-17T09:00:00Z'),
      /was to be tested again by 2027-03-19/,
    ],
    [
      'high',
      'no new use before a test',
      'vendorModel',
      'failed',
      (s) => swapped(s, '2027-03-19T09:00:00Z'),
      /no new use/,
    ],
    [
      'high',
      'one in use has 5 days',
      'vendorModel',
      'passed',
      (s) => {
        swapped(s, '2027-03-15T09:00:00Z');
        s.release.state = 'shipped';
      },
      /tested again by 2027-03-20/,
    ],
    [
      'high',
      'then they are over',
      'vendorModel',
      'failed',
      (s) => {
        swapped(s, '2027-03-14T09:00:00Z');
        s.release.state = 'shipped';
      },
      /was to be tested again/,
    ],
    [
      'high',
      'a test since then settles it',
      'vendorModel',
      'passed',
      (s) => {
        swapped(s, '2027-03-01T09:00:00Z');
        s.runs = [runOf('TST-0001', RELEASE, [clean('x')])];
      },
      /TST-0001 .* tested it since/,
    ],
    [
      'high',
      'a failed test does not',
      'vendorModel',
      'failed',
      (s) => {
        swapped(s, '2027-03-01T09:00:00Z');
        s.runs = [runOf('TST-0001', RELEASE, [{ ...clean('x'), failed: 1 }])];
      },
      /was to be tested again/,
    ],
  ];
  test.each(cases)('%s: %s', (riskClass, _name, id, status, change, says) => {
    const s = clearanceScene(riskClass);
    change(s);
    expect(saying(s, id)).toMatch(says);
    expect(checkOf(s, id).status).toBe(status);
    expect(evaluateGate(s).verdict === 'allow').toBe(status === 'passed');
  });
});

describe('emergencies', () => {
  test('one person lets one digest through, for 72 hours, and nothing else is asked', () => {
    const s = emergencyScene();
    const r = evaluateGate(s);
    expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
    expect([r.verdict, r.basis, r.notChecked.map((n) => n.id)]).toEqual([
      'allow',
      'emergency',
      ['emergency'],
    ]);
    expect(saying(s, 'emergency')).toMatch(
      /decided alone .* until 2027-03-22T12:00:00.000Z, to be reviewed by another by 2027-03-26/,
    );
  });

  const cases: [string, 'failed' | 'missing', (s: Scene) => void, RegExp][] = [
    [
      'it is for another digest',
      'failed',
      (s) => void (s.change!.values.releaseDigest = hex(5)),
      /one content and no other/,
    ],
    ['no incident', 'missing', (s) => void (s.incident = undefined), /names no incident/],
    ['no way back', 'missing', (s) => void delete s.change!.values.rollback, /names no way back/],
    ['its requester decided', 'missing', (s) => void (s.change!.values.owner = 'PSN-0003'), /Nobody on call/],
    [
      '72 hours are over',
      'failed',
      (s) => void (findDecision(s, 'CHG-0001').createdAt = '2027-03-17T12:00:00.000Z'),
      /the 72 hours were over at 2027-03-20T12:00/,
    ],
    ['another system', 'failed', (s) => void (s.change!.links.systems = ['SYS-0002']), /another AI system/],
  ];
  test.each(cases)('refused: %s', (_name, status, change, says) => {
    const s = emergencyScene();
    change(s);
    expect(saying(s, 'emergency')).toMatch(says);
    expect(checkOf(s, 'emergency').status).toBe(status);
    expect(evaluateGate(s).verdict).not.toBe('allow');
  });

  test('one that nobody reviewed in time holds up every further release, an emergency included', () => {
    for (const base of [allowedScene, emergencyScene]) {
      const s = base();
      const old = rec('CHG-0005', 'change', 'implemented', {
        values: { kind: 'emergency' },
        links: { systems: ['SYS-0001'] },
      });
      s.emergencies = [...s.emergencies, old];
      s.decisions.push(decide('approve', 'CHG-0005', hex(1), 'PSN-0003', {}, '2027-03-15T12:00:00.000Z'));
      expect(evaluateGate(s).verdict, 'due on 2027-03-22').toBe('allow');
      s.now = '2027-03-22T11:00:00.000Z';
      expect(checkOf(s, 'reviews').status).toBe('passed');
      s.now = '2027-03-23T00:00:00.000Z';
      expect(checkOf(s, 'reviews').status).toBe('failed');
      expect(saying(s, 'reviews')).toMatch(/CHG-0005 .* was to be reviewed by 2027-03-22/);
      expect(evaluateGate(s).verdict).toBe('refuse');
    }
  });

  test('five working days leave out Saturdays and Sundays', () => {
    expect(reviewBy('2027-03-15T23:59:59.000Z')).toBe('2027-03-22'); // a Monday
    expect(reviewBy('2027-03-19T10:00:00.000Z')).toBe('2027-03-26'); // a Friday
    expect(reviewBy('2027-03-20T10:00:00.000Z')).toBe('2027-03-26'); // a Saturday
    expect(emergencyEnd('2027-03-19T10:00:00.000Z')).toBe('2027-03-22T10:00:00.000Z');
  });
});
