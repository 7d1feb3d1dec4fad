import { describe, expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { envelopeScene } from '../testing/envelope.ts';
import { type Refusal, testRefusals } from '../testing/refusals.ts';
import { allowedScene, clean, hex, highScene, RELEASE, rec, runOf, type Scene } from '../testing/scene.ts';

const checkOf = (s: Scene, id: string) => evaluateGate(s).checks.find((c) => c.id === id)!;

describe('impact, monitoring, information for users, confidence, the served model', () => {
  const cases: Refusal[] = [
    [
      'nobody assessed the impact',
      'impact',
      'missing',
      (s) => {
        s.impactAssessments = [];
      },
      /no concluded assessment/,
    ],
    [
      'it is older than twelve months',
      'impact',
      'missing',
      (s) => {
        s.impactAssessments[0]!.values.heldOn = '2026-03-19';
      },
      /within 12 months; there is IMA-0001/,
    ],
    [
      'it concludes that the impact is not acceptable',
      'impact',
      'failed',
      (s) => {
        s.impactAssessments[0]!.values.conclusion = 'notAcceptable';
      },
      /not acceptable/,
    ],
    [
      'one that nobody has approved yet does not outweigh one that says it is not acceptable',
      'impact',
      'failed',
      (s) => {
        const [old] = s.impactAssessments;
        const other = (ref: string, conclusion: 'acceptable' | 'notAcceptable', heldOn: string) => ({
          ...old!,
          ref,
          state: 'concluded' as const,
          values: { ...old!.values, conclusion, heldOn },
        });
        s.impactAssessments = [
          old!,
          other('IMA-0002', 'notAcceptable', '2027-02-03'),
          other('IMA-0003', 'acceptable', '2027-02-04'),
        ];
      },
      /IMA-0002.*not acceptable/,
      highScene,
    ],
    [
      'of two on the same day the one against it counts',
      'impact',
      'failed',
      (s) => {
        const [a] = s.impactAssessments;
        s.impactAssessments = [
          { ...a!, ref: 'IMA-0002', values: { ...a!.values, conclusion: 'notAcceptable' } },
          a!,
        ];
      },
      /IMA-0002.*not acceptable/,
    ],
    [
      'it is planned only',
      'impact',
      'missing',
      (s) => {
        s.impactAssessments[0]!.state = 'planned';
      },
      /no concluded assessment/,
    ],
    [
      'class high: approved as it was',
      'impact',
      'missing',
      (s) => {
        s.digests['IMA-0001'] = hex(77);
      },
      /nobody other than the author/,
      highScene,
    ],
    [
      'no metric is running',
      'monitoring',
      'missing',
      (s) => {
        s.monitors[0]!.state = 'paused';
      },
      /No metric with a limit/,
    ],
    [
      'a metric without a limit watches nothing',
      'monitoring',
      'missing',
      (s) => {
        delete s.monitors[0]!.values.threshold;
      },
      /No metric with a limit/,
    ],
    [
      'its review is overdue',
      'monitoring',
      'missing',
      (s) => {
        s.monitors[0]!.values.reviewBy = '2027-03-19';
      },
      /not looked at since/,
    ],
    [
      'class high: no event log',
      'monitoring',
      'missing',
      (s) => {
        s.monitors = [s.monitors[0]!];
      },
      /No event log/,
      highScene,
    ],
    [
      'class high: no information for users',
      'userInformation',
      'missing',
      (s) => {
        s.documents = [];
      },
      /no information for users/,
      highScene,
    ],
    [
      'class high: it is overdue',
      'userInformation',
      'missing',
      (s) => {
        s.documents[0]!.values.reviewBy = '2027-03-19';
      },
      /was to be reviewed by 2027-03-19/,
      highScene,
    ],
    [
      'class high: it is not published',
      'userInformation',
      'missing',
      (s) => {
        s.documents[0]!.state = 'approved';
      },
      /not published/,
      highScene,
    ],
    [
      'class high: it is of another system',
      'userInformation',
      'missing',
      (s) => {
        s.documents[0]!.links.systems = ['SYS-0009'];
      },
      /no information for users/,
      highScene,
    ],
    [
      'class high: 12 cases prove too little',
      'confidence',
      'missing',
      (s) => {
        s.runs = [runOf('TST-0001', RELEASE, [clean('pii:direct', 30), clean('hijacking')])];
      },
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
      (s) => {
        s.system.values.servedModel = 'acme/large-3';
      },
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
