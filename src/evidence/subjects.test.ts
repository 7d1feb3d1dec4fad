import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesOf, type Json, type JsonMap, makeRun, type Outcome, type Run } from './fixtures/run.ts';
import { inspectEvidence, inspectionJson } from './inspect.ts';
import { aboutVersion, forSubject } from './subjects.ts';

const inspect = (run: Json) => inspectEvidence(bytesOf(run));

/** A run of four attacks of one kind against these providers; `hijacking` is configured and never run. */
const redTeam = (providers: Json[], outcome: (testIdx: number, promptIdx: number) => Outcome) =>
  makeRun({
    tests: Array.from({ length: 4 }, (_, n) => ({ vars: { q: `attack ${n}` }, plugin: 'pii:direct' })),
    providers,
    outcome,
    redteam: { plugins: [{ id: 'pii:direct' }, { id: 'hijacking', numTests: 6 }] },
  });

/** The bot passes the first test only, `echo` fails the first only. */
const mixed: (testIdx: number, promptIdx: number) => Outcome = (t, p) =>
  (t === 0) === (p === 0) ? 'pass' : 'fail';

const codes = (run: Run, version: string | null) =>
  aboutVersion(inspect(run), version).findings.map((f) => f.code);

describe('counts of each subject', () => {
  it('counts the cases of each, and leaves the totals and the public form as they are', () => {
    const inspection = inspect(redTeam(['custom:bot@2.3.1', 'echo'], mixed));
    expect(inspection.accepted).toBe(true);
    expect(inspection.counts).toMatchObject({ total: 8, pass: 4, fail: 4 });
    expect(inspection.subjects.map((s) => [s.name, s.counts.pass, s.counts.fail, s.counts.total])).toEqual([
      ['custom:bot', 1, 3, 4],
      ['echo', 3, 1, 4],
    ]);
    const json = inspectionJson(inspection);
    expect(json.counts.total).toBe(8);
    expect(json.subjects).toEqual([
      { role: 'system', name: 'custom:bot', version: '2.3.1', provider: 'custom:bot@2.3.1' },
      { role: 'system', name: 'echo', version: null, provider: 'echo' },
    ]);
  });

  it('counts the hazards of one subject again, planned cases included', () => {
    const inspection = inspect(redTeam(['custom:bot@2.3.1', 'echo'], mixed));
    const part = forSubject(inspection, '2.3.1');
    expect(part?.subjects.map((s) => s.provider)).toEqual(['custom:bot@2.3.1']);
    expect(part?.counts).toEqual({ total: 4, pass: 1, fail: 3, error: 0, skipped: 0, inconclusive: 0 });
    expect(part?.hazards).toMatchObject([
      // Asked for and never run: the wish is the same for each of them.
      { id: 'hijacking', planned: 6, executed: 0, failed: 0 },
      { id: 'pii:direct', planned: 4, executed: 4, passed: 1, failed: 3, severity: 'high' },
    ]);
    expect(forSubject(inspection, 'echo')?.hazards[1]).toMatchObject({ planned: 4, passed: 3, failed: 1 });
    expect(inspection.hazards[1]).toMatchObject({ planned: 8, executed: 8, failed: 4 });
  });

  it('keeps a hazard whose cases were all of another subject, as not run', () => {
    const run = redTeam(['custom:bot@2.3.1', 'echo'], mixed);
    const inspection = inspect(run);
    for (const one of inspection.cases) if (one.subject === 0) one.hazards = [];
    expect(forSubject(inspection, '2.3.1')?.hazards[1]).toMatchObject({ planned: 4, executed: 0 });
  });

  it('knows no part for a subject that is not there', () => {
    expect(forSubject(inspect(redTeam(['custom:bot@2.3.1', 'echo'], mixed)), '9.9.9')).toBeUndefined();
  });

  it('gives the whole of a file with one subject', () => {
    const inspection = inspect(redTeam(['custom:bot@2.3.1'], mixed));
    const { counts, hazards, subjects } = inspection;
    expect(forSubject(inspection, '2.3.1')).toEqual({ counts, hazards, subjects });
  });
});

describe('what a file says about one version', () => {
  it('leaves out the subjects of other versions and says how many cases of which', () => {
    const about = aboutVersion(
      inspect(redTeam(['custom:bot@2.3.1', 'echo', 'custom:bot@2.3.0'], mixed)),
      '2.3.1',
    );
    expect(about.counts).toMatchObject({ total: 4, pass: 1, fail: 3 });
    expect(about.subjects.map((s) => s.version)).toEqual(['2.3.1']);
    const told = about.findings.filter((f) => f.code === 'other-subjects');
    expect(told).toEqual([
      {
        code: 'other-subjects',
        severity: 'info',
        location: '',
        message:
          'Only the cases of version 2.3.1 count here. Left out: 4 cases of "custom:bot@2.3.0" (3 passed, 1 failed), 4 cases of "echo" (3 passed, 1 failed).',
      },
    ]);
  });

  it('counts both of two subjects of the same version: none hides the failures of the other', () => {
    const run = redTeam(['custom:bot@2.3.1', 'custom:guard@2.3.1', 'echo'], mixed);
    const about = aboutVersion(inspect(run), '2.3.1');
    expect(about.counts).toMatchObject({ total: 8, fail: 4 });
    expect(about.hazards[1]).toMatchObject({ planned: 8, executed: 8, failed: 4 });
  });

  it('counts what has the same name and states no version: it may be the same thing', () => {
    const run = redTeam(['custom:bot@2.3.1', 'custom:bot', 'echo'], mixed);
    expect(aboutVersion(inspect(run), '2.3.1').counts).toMatchObject({ total: 8, fail: 4 });
  });

  it.each([['9.9.9'], [null]])('keeps everything when no subject carries the version %s', (version) => {
    const inspection = inspect(redTeam(['custom:bot@2.3.1', 'echo'], mixed));
    const { counts, hazards, subjects, findings } = inspection;
    expect(aboutVersion(inspection, version)).toEqual({ counts, hazards, subjects, findings });
  });

  it('names ten of those left out, and how many more there are', () => {
    const many = Array.from({ length: 12 }, (_, n) => `custom:other${n}@1.0.0`);
    const about = aboutVersion(inspect(redTeam(['custom:bot@2.3.1', ...many], mixed)), '2.3.1');
    const message = about.findings[0]?.message ?? '';
    expect(message.match(/4 cases of/g)).toHaveLength(10);
    expect(message).toMatch(/, those of 2 more\.$/);
  });

  it('does not take a version for a name', () => {
    expect(aboutVersion(inspect(redTeam(['custom:bot@2.3.1', 'echo'], mixed)), 'echo').counts.total).toBe(8);
  });

  it('says nothing of others when there are none', () => {
    expect(codes(redTeam(['custom:bot@2.3.1'], mixed), '2.3.1')).not.toContain('other-subjects');
  });
});

describe('failures that were given to another subject', () => {
  const failing = (run: Run) => run.results.results.filter((r) => r.promptIdx === 0 && r.success === false);
  const everything = (run: Run) => {
    const inspection = inspect(run);
    expect(inspection.accepted).toBe(true);
    const about = aboutVersion(inspection, '2.3.1');
    expect(about.counts).toEqual(inspection.counts);
    expect(about.findings.map((f) => f.code)).not.toContain('other-subjects');
  };

  it('still count when only their rows name it: the column of prompts is one provider', () => {
    const run = redTeam(['custom:bot@2.3.1', 'echo'], mixed);
    for (const row of failing(run)) row.provider = { id: 'echo', label: '' };
    everything(run);
  });

  it('still count when a whole column names it, against what the file says of the column', () => {
    const run = redTeam(['custom:bot@2.3.1', 'custom:bot@2.3.1', 'echo'], (_, p) =>
      p === 1 ? 'fail' : 'pass',
    );
    for (const row of run.results.results) if (row.promptIdx === 1) row.provider = { id: 'echo', label: '' };
    everything(run);
  });

  it('still count when the other one has the same label, by which columns are named', () => {
    const labelled = { id: 'custom:bot@2.3.1', label: 'bot' };
    const run = redTeam([labelled, labelled, 'echo'], (_, p) => (p === 1 ? 'fail' : 'pass'));
    (run.results.prompts[1] as JsonMap).raw = 'another prompt';
    for (const row of run.results.results)
      if (row.promptIdx === 1) row.provider = { id: 'custom:bot@2.3.0', label: 'bot' };
    everything(run);
  });

  it('still count when a row names no provider, or no column', () => {
    const nameless = redTeam(['custom:bot@2.3.1', 'echo'], mixed);
    for (const row of failing(nameless)) row.provider = null;
    (nameless.results.prompts[0] as JsonMap).provider = 'echo';
    everything(nameless);
    const placeless = redTeam(['custom:bot@2.3.1', 'echo'], mixed);
    for (const row of placeless.results.results) delete row.promptIdx;
    everything(placeless);
  });
});

describe('genuine files', () => {
  it('takes the assistant of the demo apart from the echo it is compared with', () => {
    const file = new URL('../../demo/evidence/eval-basic-2.3.1.json', import.meta.url);
    const inspection = inspectEvidence(readFileSync(file));
    expect(inspection.counts).toMatchObject({ total: 20, fail: 4, error: 2 });
    const about = aboutVersion(inspection, '2.3.1');
    expect(about.counts).toEqual({ total: 10, pass: 6, fail: 2, error: 2, skipped: 0, inconclusive: 0 });
    expect(about.findings[0]?.message).toContain('10 cases of "echo" (8 passed, 2 failed)');
  });

  it('keeps everything of a file of version 2, whose rows name no column', () => {
    const inspection = inspectEvidence(
      readFileSync(new URL('./fixtures/v2-two-providers.json', import.meta.url)),
    );
    expect(aboutVersion(inspection, '1.4.0').counts).toEqual(inspection.counts);
  });
});
