import { describe, expect, test } from 'vitest';
import { RISK_CLASSES } from '../../registers/ai-system.ts';
import { evaluateGate } from '../evaluate.ts';
import type { RiskClass } from '../policy.ts';
import { allowedScene, clean, decide, hex, RELEASE, rec, runOf, type Scene } from '../testing/scene.ts';

function clearanceScene(riskClass: RiskClass): Scene {
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

const checkOf = (s: Scene, id: string) => evaluateGate(s).checks.find((c) => c.id === id)!;
const saying = (s: Scene, id: string) =>
  checkOf(s, id)
    .reasons.map((r) => r.text)
    .join('\n');

describe('use clearance', () => {
  test.each(RISK_CLASSES)('class %s: judged by its own checks, and says what cannot be done', (riskClass) => {
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
  });

  const swapped = (s: Scene, since: string) => {
    s.system.values.servedModel = 'acme/assist-5';
    s.servedSince = since;
  };
  const cases: [RiskClass, string, string, 'failed' | 'missing' | 'passed', (s: Scene) => void, RegExp][] = [
    [
      'limited',
      'the supplier is only proposed',
      'supplier',
      'missing',
      (s) => {
        s.suppliers[0]!.state = 'proposed';
      },
      /not approved/,
    ],
    [
      'limited',
      'the supplier was approved as it was',
      'supplier',
      'missing',
      (s) => {
        s.digests['SUP-0001'] = hex(1);
      },
      /not approved as it is described now/,
    ],
    [
      'limited',
      'its review is overdue',
      'supplier',
      'missing',
      (s) => {
        s.suppliers[0]!.values.nextReview = '2027-03-19';
      },
      /was due on 2027-03-19/,
    ],
    [
      'limited',
      'the relation has ended',
      'supplier',
      'failed',
      (s) => {
        s.suppliers[0]!.state = 'ended';
      },
      /has ended/,
    ],
    [
      'limited',
      'no supplier is named',
      'supplier',
      'missing',
      (s) => {
        s.release.links = { system: ['SYS-0001'] };
      },
      /names no vendor/,
    ],
    [
      'limited',
      'nobody watches',
      'use',
      'missing',
      (s) => {
        delete s.release.values.overseer;
      },
      /nobody who watches/,
    ],
    [
      'limited',
      'who watched has left',
      'use',
      'missing',
      (s) => {
        s.people['PSN-0004']!.state = 'departed';
      },
      /has left/,
    ],
    [
      'limited',
      'no end',
      'use',
      'missing',
      (s) => {
        delete s.release.values.useUntil;
      },
      /has no end/,
    ],
    [
      'limited',
      'more than twelve months',
      'use',
      'failed',
      (s) => {
        s.release.values.useUntil = '2028-03-21';
      },
      /12 months, until 2028-03-20/,
    ],
    [
      'limited',
      'the end has come',
      'use',
      'failed',
      (s) => {
        s.release.values.useUntil = '2027-03-20';
      },
      /ended on/,
    ],
    [
      'limited',
      'no data classes',
      'use',
      'missing',
      (s) => {
        delete s.release.values.dataClasses;
      },
      /which data/,
    ],
    [
      'limited',
      'nobody approved',
      'people',
      'missing',
      (s) => {
        s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001');
      },
      /needed/,
    ],
    [
      'limited',
      'no impact assessment',
      'impact',
      'missing',
      (s) => {
        s.impactAssessments = [];
      },
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
