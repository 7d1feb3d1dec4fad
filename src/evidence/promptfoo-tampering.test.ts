import { describe, expect, it } from 'vitest';
import { attack, codes, grading, inspect, plain } from './fixtures/inspected.ts';
import { type JsonMap, makeRun, type Run, type RunOptions, recount } from './fixtures/run.ts';

describe('tampering', () => {
  const cases: [string, string, RunOptions, (run: Run) => void][] = [
    [
      'a better summary',
      'summary-mismatch',
      plain,
      (run) => Object.assign(run.results.stats, { successes: 5, failures: 0 }),
    ],
    [
      'better metrics',
      'metrics-mismatch',
      plain,
      (run) =>
        Object.assign(run.results.prompts[0]?.metrics as JsonMap, { testPassCount: 5, testFailCount: 0 }),
    ],
    [
      'failures removed, all totals rewritten',
      'rows-missing',
      plain,
      (run) => {
        run.results.results = run.results.results.filter((row) => row.success === true);
        recount(run);
      },
    ],
    [
      'hits of a red team removed, rows numbered anew, all totals rewritten',
      'fewer-rows-than-plan',
      attack,
      (run) => {
        run.results.results = run.results.results.filter((row) => row.success === true);
        run.results.results.forEach((row, n) => {
          row.testIdx = n;
        });
        recount(run);
      },
    ],
    [
      'success switched on',
      'row-contradiction',
      plain,
      (run) => {
        Object.assign(run.results.results[1] as JsonMap, { success: true, failureReason: 0, score: 1 });
        recount(run);
      },
    ],
    [
      'success and the result switched on, the assertion forgotten',
      'row-contradiction',
      plain,
      (run) => {
        const row = run.results.results[1] as JsonMap;
        Object.assign(row, { success: true, failureReason: 0 });
        grading(row).pass = true;
        recount(run);
      },
    ],
    [
      'everything switched on but the score of the prompt',
      'score-mismatch',
      plain,
      (run) => {
        const row = run.results.results[1] as JsonMap;
        Object.assign(row, { success: true, failureReason: 0, score: 1 });
        Object.assign(grading(row), { pass: true });
        Object.assign(grading(row).componentResults[0] as JsonMap, { pass: true });
        recount(run);
        Object.assign(run.results.prompts[0]?.metrics as JsonMap, { score: 4 });
      },
    ],
    [
      'a failure replaced by a copy of a pass',
      'row-copied',
      plain,
      (run) => {
        run.results.results[1] = {
          ...structuredClone(run.results.results[0] as JsonMap),
          id: 'new',
          testIdx: 1,
        };
        recount(run);
      },
    ],
    [
      'passes doubled under new numbers',
      'more-rows-than-plan',
      plain,
      (run) => {
        for (let n = 5; n < 30; n++) {
          run.results.results.push({
            ...structuredClone(run.results.results[0] as JsonMap),
            id: `n${n}`,
            testIdx: n,
          });
        }
        recount(run);
      },
    ],
    [
      'a row twice',
      'duplicate-row',
      plain,
      (run) => {
        run.results.results.push(structuredClone(run.results.results[0] as JsonMap));
        recount(run);
      },
    ],
    [
      'labels changed to cover another hazard',
      'label-contradiction',
      attack,
      (run) => {
        for (const row of run.results.results.slice(0, 2)) row.metadata = { pluginId: 'hijacking' };
      },
    ],
    [
      'labels changed everywhere in the rows',
      'hazard-relabelled',
      attack,
      (run) => {
        for (const row of run.results.results) {
          row.metadata = { pluginId: 'contracts' };
          (row.testCase as JsonMap).metadata = { pluginId: 'contracts' };
        }
      },
    ],
    ['an unknown version', 'unsupported-version', plain, (run) => Object.assign(run.results, { version: 4 })],
    ['no version', 'unsupported-version', plain, (run) => Object.assign(run.results, { version: null })],
    [
      'a row that is no object',
      'bad-row',
      plain,
      (run) => run.results.results.push('x' as unknown as JsonMap),
    ],
    [
      'a success that is no boolean',
      'bad-row',
      plain,
      (run) => Object.assign(run.results.results[1] as JsonMap, { success: 'true' }),
    ],
  ];

  it.each(cases)('refuses %s as %s', (_, code, options, tamper) => {
    const run = makeRun(options);
    expect(inspect(run).accepted).toBe(true);
    tamper(run);
    const inspection = inspect(run);
    expect(inspection.accepted).toBe(false);
    expect(codes(inspection, 'refuse')).toContain(code);
  });

  it('counts an error that hides a graded failure as a failure', () => {
    const run = makeRun(plain);
    (run.results.results[1] as JsonMap).failureReason = 2;
    const inspection = inspect(recount(run));
    expect(inspection.counts).toMatchObject({ fail: 1, error: 0 });
    expect(codes(inspection, 'flag')).toContain('error-hides-failure');
  });

  it('flags times that cannot be', () => {
    for (const timestamp of [
      'yesterday',
      '2026-13-01T00:00:00Z',
      '2019-01-01T00:00:00Z',
      12,
      '2026-05-09T08:00:00Z',
    ]) {
      const run = makeRun(plain);
      run.results.timestamp = timestamp;
      const inspection = inspect(run);
      expect(inspection.accepted).toBe(true);
      expect(codes(inspection, 'flag'), String(timestamp)).toContain('bad-timestamp');
    }
  });

  it('keeps no prompt and no output in the inspection', () => {
    const run = makeRun({ tests: [{ vars: { q: 'PRIVATE-QUESTION' } }], outcome: () => 'fail' });
    Object.assign(run.results.results[0] as JsonMap, { response: { output: 'PRIVATE-ANSWER' } });
    expect(JSON.stringify(inspect(run))).not.toContain('PRIVATE');
  });
});
