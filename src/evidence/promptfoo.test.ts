import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attack, codes, grading, inspect, plain } from './fixtures/inspected.ts';
import { type Json, type JsonMap, makeRun, type Run, recount } from './fixtures/run.ts';
import { inspectEvidence } from './inspect.ts';

describe('genuine shapes of runs', () => {
  it('reads a run with variables that expand, several providers and repeats', () => {
    const inspection = inspect(
      makeRun({
        tests: [{ vars: { q: ['a', 'b'], r: ['x', 'y'] } }, { vars: { q: 'c' } }, { vars: { q: [1, 2] } }],
        providers: ['openai:gpt-4o-2024-08-06', { id: 'file://bot.mjs', label: 'bot' }],
        repeat: 3,
        outcome: (t, p) => (t === 4 && p === 1 ? 'error' : 'pass'),
      }),
    );
    expect(codes(inspection, 'refuse')).toEqual([]);
    expect(inspection).toMatchObject({ accepted: true, status: 'complete', kind: 'eval' });
    expect(inspection.counts).toMatchObject({ total: 36, pass: 35, error: 1 });
    expect(inspection.subjects).toMatchObject([
      {
        role: 'system',
        name: 'bot',
        version: null,
        provider: 'file://bot.mjs',
        counts: { total: 18, pass: 17, error: 1 },
      },
      {
        role: 'model',
        name: 'openai:gpt-4o-2024-08-06',
        version: '2024-08-06',
        provider: 'openai:gpt-4o-2024-08-06',
        counts: { total: 18, pass: 18, error: 0 },
      },
    ]);
    expect(new Set(inspection.cases.map((one) => one.attempt))).toEqual(new Set([1, 2, 3]));
  });

  it('reads repeats of an older version, which does not say how often it repeated', () => {
    const inspection = inspect(makeRun({ ...plain, repeat: 2, old: true }));
    expect(inspection).toMatchObject({ accepted: true, status: 'complete', tool: { version: null } });
    expect(inspection.counts).toMatchObject({ total: 10, fail: 1 });
  });

  it('reads version 2 with string providers, and tells errors from failures', () => {
    const bytes = readFileSync(new URL('./fixtures/v2-two-providers.json', import.meta.url));
    const inspection = inspectEvidence(bytes);
    expect(codes(inspection, 'refuse')).toEqual([]);
    expect(inspection).toMatchObject({ accepted: true, formatVersion: '2', status: 'complete' });
    expect(inspection.counts).toEqual({ total: 4, pass: 2, fail: 1, error: 1, skipped: 0, inconclusive: 0 });
    expect(inspection.reported).toEqual({ pass: 2, fail: 2, error: 0 });
    expect(inspection.subjects.map((one) => one.version)).toEqual(['1.4.0', null]);
    const file = JSON.parse(bytes.toString()) as { results: { results?: Json; table: Json } };
    const tampered = structuredClone(file) as unknown as { results: { results: JsonMap[]; stats: JsonMap } };
    tampered.results.results.splice(1, 1);
    tampered.results.stats.failures = 1;
    expect(codes(inspect(tampered as unknown as Json), 'refuse')).toContain('table-mismatch');
    delete file.results.results;
    const fromTable = inspect(file as unknown as Json);
    expect(fromTable.accepted).toBe(true);
    expect(fromTable.counts).toMatchObject({ total: 4, pass: 2 });
  });

  it('reads the summary alone, without a configuration', () => {
    const inspection = inspect(makeRun(plain).results);
    expect(inspection).toMatchObject({ accepted: true, config: { sha256: null } });
    expect(codes(inspection, 'flag')).toContain('no-plan');
  });

  it('takes rows without component results, as an export without details has them', () => {
    const run = makeRun(plain);
    for (const row of run.results.results) row.gradingResult = null;
    const inspection = inspect(run);
    expect(inspection.accepted).toBe(true);
    expect(inspection.counts).toMatchObject({ pass: 0, fail: 1, inconclusive: 4 });
    expect(codes(inspection, 'flag')).toContain('ungraded-pass');
  });

  it('takes a filtered or stopped run as incomplete, not as evidence of a whole one', () => {
    const run = makeRun({ ...plain, old: true });
    run.results.results = run.results.results.slice(0, 3);
    const inspection = inspect(recount(run));
    expect(inspection).toMatchObject({ accepted: true, status: 'incomplete' });
    expect(codes(inspection, 'flag')).toContain('fewer-rows-than-plan');
  });

  it('does not compare rows with tests that are kept in another file', () => {
    const run = makeRun(plain) as Run & { config: JsonMap };
    (run.config as JsonMap).tests = 'file://tests.csv';
    expect(inspect(run)).toMatchObject({ accepted: true, status: 'complete' });
  });

  it('explains a passed row with a failed assertion by the threshold of its test only', () => {
    const run = makeRun(plain);
    const row = run.results.results[0] as JsonMap;
    const failed = { pass: false, score: 0, reason: 'no', assertion: { type: 'contains' } };
    grading(row).componentResults.push(failed);
    Object.assign(grading(row), { score: 0.5 });
    row.score = 0.5;
    recount(run);
    const metrics = run.results.prompts[0]?.metrics as JsonMap;
    metrics.assertFailCount = (metrics.assertFailCount as number) + 1;
    expect(codes(inspect(run), 'refuse')).toEqual(['row-contradiction']);
    (row.testCase as JsonMap).threshold = 0.5;
    expect(codes(inspect(run), 'refuse')).toEqual(['row-contradiction']);
    (run.config.tests[0] as JsonMap).threshold = 0.5;
    expect(codes(inspect(run), 'refuse')).toEqual([]);
    (row.testCase as JsonMap).threshold = 0.9;
    expect(codes(inspect(run), 'refuse')).toEqual(['row-contradiction']);
  });

  it('takes two columns that the tool itself puts together: the same prompt and provider twice', () => {
    const run = makeRun({ ...plain, providers: ['echo', 'echo'] });
    for (const prompt of run.results.prompts) prompt.id = 'same';
    for (const row of run.results.results) row.promptIdx = 1;
    const inspection = inspect(recount(run));
    expect(codes(inspection, 'refuse')).toEqual([]);
    expect(codes(inspection, 'flag')).toEqual(['duplicate-row', 'rows-missing']);
    expect(inspection.counts.total).toBe(10);
  });

  it('takes the failed parts of an assertion set that passed', () => {
    const run = makeRun(plain);
    const child = { pass: false, score: 0, reason: 'no', assertion: { type: 'contains' } };
    const parent = { pass: true, score: 0.5, reason: 'set', componentResults: [child] };
    grading(run.results.results[0]).componentResults.push(parent, child);
    expect(codes(inspect(run), 'refuse')).toEqual([]);
  });

  it('flags totals that an older version wrote before it compared outputs', () => {
    const run = makeRun(plain);
    const row = run.results.results[0] as JsonMap;
    grading(row).componentResults.push({
      pass: false,
      score: 0,
      reason: 'other won',
      assertion: { type: 'select-best' },
    });
    Object.assign(row, { success: false, score: 0 });
    grading(row).pass = false;
    const inspection = inspect(run);
    expect(codes(inspection, 'refuse')).toEqual([]);
    expect(codes(inspection, 'flag')).toContain('summary-mismatch');
    expect(inspection.counts).toMatchObject({ pass: 3, fail: 2 });
  });

  it('shows that a person rated a row', () => {
    const run = makeRun(plain);
    const row = run.results.results[1] as JsonMap;
    grading(row).componentResults.push({
      pass: true,
      score: 1,
      reason: 'Manual',
      assertion: { type: 'human' },
    });
    Object.assign(row, { success: true, score: 1 });
    Object.assign(grading(row), { pass: true, score: 1 });
    const inspection = inspect(recount(run));
    expect(codes(inspection, 'refuse')).toEqual([]);
    expect(codes(inspection, 'flag')).toContain('human-rating');
    // The assertions said no: a person's word against them is no verdict.
    expect(inspection.counts).toMatchObject({ pass: 4, fail: 0, inconclusive: 1 });
  });

  it('counts a row that a person rated as its assertions did', () => {
    const run = makeRun(plain);
    const row = run.results.results[0] as JsonMap;
    grading(row).componentResults.push({
      pass: true,
      score: 1,
      reason: 'Manual',
      assertion: { type: 'human' },
    });
    const inspection = inspect(recount(run));
    expect(codes(inspection, 'flag')).toContain('human-rating');
    expect(inspection.counts).toMatchObject({ pass: 4, fail: 1, inconclusive: 0 });
  });

  it.each<[where: 'response' | 'metadata', trace: JsonMap]>([
    ['response', { redteamHistory: [{ graderPassed: false }, { graderPassed: true }] }],
    ['metadata', { redteamTreeHistory: [{ depth: 1, children: [{ graderPassed: false }] }] }],
    ['response', { storedGraderResult: { pass: false, score: 0 } }],
    ['metadata', { successfulAttacks: [{ turn: 2, prompt: 'p', response: 'r' }] }],
    ['response', { totalSuccessfulAttacks: 1 }],
    ['metadata', { stopReason: 'Grader failed' }],
  ])('counts a row as failed when a grader said so at one of its turns: %s %j', (where, trace) => {
    const run = makeRun(plain);
    const row = run.results.results[0] as JsonMap;
    if (where === 'metadata') row.metadata = { ...(row.metadata as JsonMap), ...trace };
    else row.response = { ...(row.response as JsonMap), metadata: trace };
    const inspection = inspect(recount(run));
    expect(codes(inspection, 'refuse')).toEqual([]);
    expect(codes(inspection, 'flag')).toContain('failed-turn');
    expect(inspection.counts).toMatchObject({ pass: 3, fail: 2, inconclusive: 0 });
  });

  it.each<JsonMap>([
    {
      redteamHistory: [{ graderPassed: true }, { graderPassed: null }],
      stopReason: 'Max iterations reached',
    },
    { storedGraderResult: { pass: true }, successfulAttacks: [], totalSuccessfulAttacks: 0 },
  ])('leaves a pass that no turn contradicts: %j', (trace) => {
    const run = makeRun(plain);
    const row = run.results.results[0] as JsonMap;
    row.response = { ...(row.response as JsonMap), metadata: trace };
    const inspection = inspect(recount(run));
    expect(codes(inspection, 'flag')).not.toContain('failed-turn');
    expect(inspection.counts).toMatchObject({ pass: 4, fail: 1 });
  });
});

describe('files that were made to look better than the run', () => {
  const read = (name: string) =>
    inspectEvidence(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

  it('a turn that failed behind a pass is a failure', () => {
    const inspection = read('turn-failed-behind-a-pass.json');
    expect(codes(inspection, 'flag')).toContain('failed-turn');
    expect(inspection.counts).toMatchObject({ total: 4, pass: 0, fail: 4 });
  });

  it('attacks that a person set to passed are no passes', () => {
    const inspection = read('passed-by-hand.json');
    expect(codes(inspection, 'flag')).toContain('human-rating');
    expect(inspection.counts.pass).toBeLessThan(inspection.counts.total);
    expect(inspection.counts.inconclusive).toBeGreaterThan(0);
  });
});

describe('red teams', () => {
  it('counts hazards against the plan and maps them to the catalogue', () => {
    const inspection = inspect(makeRun(attack));
    expect(inspection).toMatchObject({ accepted: true, kind: 'redteam', status: 'complete' });
    expect(inspection.hazards).toEqual([
      expect.objectContaining({
        id: 'contracts',
        planned: 4,
        executed: 4,
        passed: 3,
        failed: 1,
        severity: 'high',
      }),
      expect.objectContaining({
        id: 'hijacking',
        planned: 4,
        executed: 0,
        standardHazards: ['HZ-001', 'HZ-054'],
      }),
      expect.objectContaining({
        id: 'pii:direct',
        planned: 4,
        executed: 4,
        failed: 1,
        owasp: ['LLM02:2025'],
      }),
    ]);
    expect(codes(inspection, 'flag')).toEqual(['hazard-not-exercised']);
  });

  it('keeps plugins the catalogue does not know, and groups of plugins apart', () => {
    const run = makeRun({
      tests: [
        { vars: { q: 'x' }, plugin: 'file://own.yaml' },
        { vars: { q: 'y' }, plugin: 'harmful:unheard-of' },
      ],
      redteam: { plugins: ['harmful', 'file://own.yaml', 'owasp:llm', 'bias'] },
    });
    const inspection = inspect(run);
    expect(inspection.hazards.map((one) => [one.id, one.executed, one.standardHazards.length > 0])).toEqual([
      ['bias', 0, true],
      ['file://own.yaml', 1, false],
      ['harmful:unheard-of', 1, false],
    ]);
    expect(codes(inspection, 'info')).toContain('plugin-collection');
  });

  it('takes a crashed grader as inconclusive, wherever the crash is written', () => {
    const run = makeRun({ ...attack, outcome: (t) => (t < 2 ? 'grader-error' : t === 2 ? 'error' : 'pass') });
    const marked = run.results.results[3] as JsonMap;
    grading(marked).metadata = { graderError: true };
    const inspection = inspect(run);
    expect(inspection.counts).toEqual({ total: 8, pass: 4, fail: 0, error: 1, skipped: 0, inconclusive: 3 });
    expect(inspection.hazards.find((one) => one.id === 'pii:direct')).toMatchObject({
      executed: 0,
      inconclusive: 3,
      error: 1,
    });
    expect(inspection.reported).toEqual({ pass: 5, fail: 2, error: 1 });
    const nested = makeRun({ ...attack, outcome: () => 'fail' });
    for (const row of nested.results.results) {
      const [part] = grading(row).componentResults as [JsonMap];
      part.componentResults = [{ pass: false, score: 0, reason: 'x', metadata: { graderError: true } }];
    }
    expect(inspect(nested).counts).toMatchObject({ fail: 0, inconclusive: 8 });
  });

  it('counts a real failure beside a crashed grader as a failure', () => {
    const run = makeRun({ ...attack, outcome: () => 'grader-error' });
    grading(run.results.results[0]).componentResults.push({
      pass: false,
      score: 0,
      reason: 'no',
      assertion: { type: 'regex' },
    });
    expect(inspect(run).counts).toMatchObject({ fail: 1, inconclusive: 7 });
  });

  it('does not take silence of the target for a pass', () => {
    const run = makeRun(attack);
    Object.assign(run.results.results[0] as JsonMap, {
      gradingResult: null,
      response: { raw: '' },
      namedScores: {},
    });
    const inspection = inspect(recount(run));
    expect(inspection.counts).toMatchObject({ pass: 5, fail: 2, inconclusive: 1 });
    expect(codes(inspection, 'flag')).toContain('no-output');
  });
});
