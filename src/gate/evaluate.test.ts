import { expect, test } from 'vitest';
import { evaluateGate } from './evaluate.ts';
import { checkRows, verdictOf } from './result.ts';
import { runs } from './testing/refusals.ts';
import { allowedScene, clean, highScene, RELEASE, runOf, type Scene } from './testing/scene.ts';

const resultOf = (change: (s: Scene) => void) => {
  const scene = allowedScene();
  change(scene);
  return evaluateGate(scene);
};

test('a release with everything in place is allowed, in both classes', () => {
  for (const base of [allowedScene, highScene]) {
    const r = evaluateGate(base());
    expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
    expect(r.verdict).toBe('allow');
    const high = base === highScene;
    expect(r.basis).toBe('approvals');
    expect(r.checks.map((c) => c.id)).toEqual([
      'scope',
      'policy',
      'subject',
      'served',
      'plan',
      'tests',
      ...(high ? ['confidence'] : []),
      'people',
      'risk',
      'impact',
      'rollback',
      'monitoring',
      ...(high ? ['userInformation'] : []),
      'change',
      'reviews',
    ]);
  }
});

test('the verdict: one failed check refuses, a missing one is not enough, and no checks at all allow nothing', () => {
  const check = (status: 'passed' | 'failed' | 'missing') => ({
    id: 'x',
    title: 'x',
    titleMessage: 'x',
    status,
    reasons: [],
    next: [],
  });
  expect(verdictOf([check('passed'), check('missing'), check('failed')])).toBe('refuse');
  expect(verdictOf([check('passed'), check('missing')])).toBe('insufficient');
  expect(verdictOf([check('passed')])).toBe('allow');
  expect(verdictOf([])).toBe('insufficient');
});

test('what the gate cannot look at is told with every result', () => {
  for (const base of [allowedScene, highScene])
    expect(evaluateGate(base()).notChecked.map((n) => n.id)).toEqual(['deployment']);
});

test('criteria that are not approved have no say: neither their policy nor their appetite is used', () => {
  const r = resultOf((s) => {
    s.criteria!.state = 'draft';
    s.criteria!.values.appetite = 25;
  });
  expect(r.policy).toMatchObject({ ref: 'default', version: 0 });
  expect(r.checks.find((c) => c.id === 'risk')!.status).toBe('missing');
});

test('a minimal release without a plan is allowed after one clean run and one approval, and not after a failed case', () => {
  const minimal = (failed: number) =>
    resultOf((s) => {
      s.system.values.riskClass = 'minimal';
      delete s.plan;
      s.release.links.plan = [];
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
  const r = resultOf((s) => {
    s.risks = Array.from({ length: 80 }, (_, i) => ({
      ...s.risks[0]!,
      ref: `RSK-1${String(i).padStart(3, '0')}`,
    }));
  });
  const rows = checkRows(r);
  expect(Math.max(...rows.map((x) => x.text.length))).toBe(2000);
  expect(rows.find((x) => x.id === 'risk')!.status).toBe('failed');
});
