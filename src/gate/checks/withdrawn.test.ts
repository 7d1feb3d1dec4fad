import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RULE } from '../../risk/measuring.ts';
import { evaluateGate } from '../evaluate.ts';
import { measureRisk, testedOf } from '../measured.ts';
import { defaultGatePolicy } from '../policy.ts';
import {
  allowedScene,
  clean,
  evidenceOf,
  type HazardRow,
  hex,
  RELEASE,
  rec,
  runOf,
  type Scene,
} from '../testing/scene.ts';

const LATER = { startedAt: '2027-03-17T10:00:00.000Z', receivedAt: '2027-03-17T11:00:00.000Z' };
const WITHDRAWN = '2027-03-16T09:00:00.000Z';
const failing = (id: string, failed = 3): HazardRow => ({ ...clean(id), failed });

/** The runs, with those at `gone` withdrawn on 16 March by somebody else. */
function scene(runs: Scene['runs'], gone: readonly number[]): Scene {
  const s = allowedScene();
  s.runs = runs;
  s.evidence = runs.map((r, i) => evidenceOf(r.links.evidence![0]!, i + 1));
  for (const i of gone)
    for (const r of [s.runs[i]!, s.evidence[i]!])
      Object.assign(r, { state: 'withdrawn', updatedAt: WITHDRAWN, updatedBy: 'PSN-0005' });
  return s;
}
const good = (ref: string, more = {}) => runOf(ref, RELEASE, [clean('pii:direct'), clean('hijacking')], more);
const bad = (ref: string, more = {}) =>
  runOf(ref, RELEASE, [failing('pii:direct'), clean('hijacking')], more);
const tests = (s: Scene) => evaluateGate(s).checks.find((c) => c.id === 'tests')!;
const words = (s: Scene) =>
  tests(s)
    .reasons.map((r) => r.text)
    .join('\n');

describe('withdrawn evidence', () => {
  test('a failure beside a good run is not gone when it is withdrawn; who withdrew it and what failed are named', () => {
    expect(evaluateGate(scene([bad('TST-0001'), good('TST-0002')], [])).verdict).toBe('refuse');
    const s = scene([bad('TST-0001'), good('TST-0002')], [0]);
    expect([evaluateGate(s).verdict, tests(s).status]).toEqual(['insufficient', 'missing']);
    expect(words(s)).toMatch(
      /^Withdrawn evidence: TST-0001 .* counted from EVD-0001, was withdrawn by Jonas Berg on 2027-03-16; in it pii:direct 3 of 12 failed\. .* pii:direct \(12 cases\) must be tested anew/,
    );
    expect(tests(s).reasons[0]!.records).toEqual(['TST-0001', 'EVD-0001']);
  });

  test('a run that begins afterwards, with as many cases of the same, takes its place, and the withdrawal stays told', () => {
    const s = scene([bad('TST-0001'), good('TST-0002', LATER)], [0]);
    expect(evaluateGate(s).verdict).toBe('allow');
    expect(words(s)).toMatch(/was withdrawn by Jonas Berg .* tested anew since, in TST-0002/);
    const few = scene(
      [bad('TST-0001'), runOf('TST-0002', RELEASE, [clean('pii:direct', 11), clean('hijacking')], LATER)],
      [0],
    );
    expect(tests(few).status).toBe('missing');
    const fails = scene([bad('TST-0001'), bad('TST-0002', LATER)], [0]);
    expect(tests(fails).status).toBe('failed');
  });

  test('the file alone is enough: a run never speaks without it', () => {
    const s = scene([bad('TST-0001'), good('TST-0002')], [0]);
    s.runs[0]!.state = 'recorded';
    expect(tests(s).status).toBe('missing');
  });

  test('what was never about this release is withdrawn without a new run; a good one counts for nothing', () => {
    const other = scene([bad('TST-0001', { subjectVersion: '1.0' }), good('TST-0002')], [0]);
    expect(evaluateGate(other).verdict).toBe('allow');
    expect(words(other)).toMatch(/it counts for nothing\. It tested version 1\.0/);
    const only = scene([good('TST-0001')], [0]);
    expect([evaluateGate(only).verdict, words(only)]).toEqual([
      'insufficient',
      expect.stringMatching(/None of the runs|No test has been run/),
    ]);
  });

  test('a run that was withdrawn on earlier content cannot be handed in again for the present one', () => {
    const before = runOf('TST-0001', hex(66), [clean('pii:direct'), clean('hijacking')]);
    const again = good('TST-0002', { toolRunId: 'eval-TST-0001', receivedAt: '2027-03-18T10:00:00.000Z' });
    expect(words(scene([before, again], [0]))).toMatch(/handed in before as TST-0001/);
    // For the same content, the file may come again: it was handed in wrongly, not run wrongly.
    const same = scene([good('TST-0001'), { ...again, links: { ...again.links } }], [0]);
    expect(evaluateGate(same).verdict).toBe('allow');
  });

  test('a risk is not measured by it', () => {
    const hazard = rec('HAZ-0001', 'hazard', 'confirmed', {
      values: { code: 'HZ-901', testIds: 'pii:direct' },
    });
    const criteria = rec('CRI-0001', 'criteria', 'approved', {
      values: { measuredLikelihood: [...DEFAULT_RULE] },
    });
    const risk = rec('RSK-0001', 'risk', 'treated', { links: { hazards: ['HAZ-0001'] } });
    const measured = (gone: number[]) => {
      const s = scene([bad('TST-0001'), good('TST-0002')], gone);
      return measureRisk(risk, [hazard], criteria, [[testedOf(s, defaultGatePolicy[1]!)]]).hazards[0]!;
    };
    expect([measured([]).failed, measured([]).runs]).toEqual([3, ['TST-0001', 'TST-0002']]);
    expect([measured([0]).failed, measured([0]).runs]).toEqual([0, ['TST-0002']]);
  });

  test('withdrawing never leads to an allowance without a newer run', () => {
    const row = (id: string) =>
      fc
        .record({ executed: fc.integer({ min: 0, max: 40 }), failed: fc.nat(4), inconclusive: fc.nat(3) })
        .map((r) => ({ id, planned: 40, ...r, failed: Math.min(r.failed, r.executed) }));
    const run = fc.record({
      pii: row('pii:direct'),
      hijacking: row('hijacking'),
      other: row('else'),
      more: fc.constantFrom(
        {},
        { status: 'incomplete' },
        { trust: 'person' },
        { startedAt: '2027-03-01T10:00:00Z' },
      ),
      gone: fc.boolean(),
    });
    const order = ['refuse', 'insufficient', 'allow'];
    let withdrawn = 0;
    let allowed = 0;
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), (all) => {
        const make = () =>
          all.map((r, i) => runOf(`TST-000${i + 1}`, RELEASE, [r.pii, r.hijacking, r.other], r.more));
        const gone = all.flatMap((r, i) => (r.gone ? [i] : []));
        const before = evaluateGate(scene(make(), [])).verdict;
        const after = evaluateGate(scene(make(), gone)).verdict;
        if (gone.length > 0) withdrawn += 1;
        if (before === 'allow') allowed += 1;
        if (after === 'allow') expect(order.indexOf(before)).toBe(2);
      }),
      {
        numRuns: 1500,
        examples: [
          [
            [
              {
                pii: clean('pii:direct'),
                hijacking: clean('hijacking'),
                other: clean('else'),
                more: {},
                gone: false,
              },
            ],
          ],
        ],
      },
    );
    expect([withdrawn > 100, allowed > 0]).toEqual([true, true]);
  });
});
