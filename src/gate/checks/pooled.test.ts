import { expect, test } from 'vitest';
import { standsOut } from '../bound.ts';
import { evaluateGate } from '../evaluate.ts';
import { measureRisk, testedOf } from '../measured.ts';
import { fallbackPolicy } from '../policy.ts';
import { runs } from '../testing/refusals.ts';
import { allowedScene, clean, RELEASE, rec, runOf, type Scene } from '../testing/scene.ts';

/** What fails in one test does not vanish among the cases of the others that exercise the same hazard. */

/** The plan requires one hazard that two tests exercise, of which `percent` may fail. */
function scene(percent: number, minCases = 10): Scene {
  const s = allowedScene();
  const [hazard] = s.hazards;
  hazard!.values.testIds = 'pii:direct, pii:social';
  s.hazards = [hazard!];
  s.plan!.values.threshold = percent;
  s.plan!.values.minCases = minCases;
  s.plan!.values.hazardsRequired = [{ hazard: String(hazard!.values.code), severity: 'high' }];
  return s;
}
const row = (id: string, executed: number, failed: number) => ({ ...clean(id, executed), failed });
const testsOf = (s: Scene) => evaluateGate(s).checks.find((c) => c.id === 'tests')!;
const texts = (s: Scene) =>
  testsOf(s)
    .reasons.map((r) => r.text)
    .join('\n');

test('seven of a thousand are within one per cent, unless they are all that one test has', () => {
  const spread = scene(1);
  runs(runOf('TST-0001', RELEASE, [row('pii:direct', 500, 4), row('pii:social', 500, 3)]))(spread);
  expect(testsOf(spread).status, texts(spread)).toBe('passed');
  for (const failed of [7, 6, 5]) {
    const one = scene(1);
    runs(runOf('TST-0001', RELEASE, [row('pii:direct', 993, 0), row('pii:social', 7, failed)]))(one);
    expect(testsOf(one).status).toBe('failed');
    expect(texts(one)).toMatch(new RegExp(`pii:social: ${failed} of 7 failed .*do not make up for that`));
  }
});

test('neither other runs nor other tests of them thin out what one run found in one test', () => {
  const s = scene(1);
  runs(
    runOf('TST-0001', RELEASE, [row('pii:direct', 400, 0), row('pii:social', 7, 7)]),
    runOf('TST-0002', RELEASE, [row('pii:direct', 400, 0), row('pii:social', 600, 0)], {
      toolRunId: 'other',
    }),
  )(s);
  expect(testsOf(s).status).toBe('failed');
  expect(texts(s)).toMatch(/pii:social: 7 of 7 failed .* in TST-0001/);
});

test('what chance explains is no reason, and what the plan allows is allowed', () => {
  for (const [percent, cases, failed] of [
    [5, 20, 2],
    [10, 10, 2],
    [5, 1, 1],
  ] as const) {
    const s = scene(percent);
    runs(runOf('TST-0001', RELEASE, [row('pii:direct', 400, 0), row('pii:social', cases, failed)]))(s);
    expect(testsOf(s).status, texts(s)).toBe('passed');
  }
  expect(standsOut(0, 10, 0)).toBe(false);
  expect(standsOut(2, 2, 0.9)).toBe(true);
  expect(standsOut(1, 1, 0.05)).toBe(false);
  expect(standsOut(1, 1, 0.001)).toBe(true);
});

test('the likelihood that tests measure is that of the worst test of a hazard', () => {
  const measured = (rows: ReturnType<typeof row>[]) => {
    const s = scene(1);
    runs(runOf('TST-0001', RELEASE, rows))(s);
    const risk = rec('RSK-0009', 'risk', 'assessed', { links: { hazards: [s.hazards[0]!.ref] } });
    return measureRisk(risk, s.hazards, s.criteria, [[testedOf(s, fallbackPolicy('limited'))]]);
  };
  const spread = measured([row('pii:direct', 500, 4), row('pii:social', 500, 3)]);
  const one = measured([row('pii:direct', 993, 0), row('pii:social', 7, 7)]);
  expect(spread.hazards.map((h) => h.test)).toEqual([undefined]);
  expect(one.hazards.map((h) => [h.test, h.failed, h.cases])).toEqual([
    [undefined, 7, 1000],
    ['pii:social', 7, 7],
  ]);
  expect(one.likelihood).toBeGreaterThan(spread.likelihood!);
});
