import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../base/canonical.ts';
import { bytesOf, type JsonMap, makeRun } from './fixtures/run.ts';
import { couldNotBeRead, inspectEvidence, inspectionJson } from './inspect.ts';

const SHARED = join(process.cwd(), '../shared');
const shared = existsSync(SHARED);
if (!shared) console.log('skipped: no shared files');

const read = (path: string) => readFileSync(join(SHARED, path));
const text = (value: string) => new TextEncoder().encode(value);

/** Rows of a table of tab-separated values, the header left out. */
function tsv(path: string): string[][] {
  const lines = read(path).toString().trim().split('\n').slice(1);
  return lines.map((line) => line.split('\t'));
}

const refusal = (bytes: Uint8Array) =>
  inspectEvidence(bytes).findings.find((finding) => finding.severity === 'refuse');

describe('files that are no evidence', () => {
  it.each([
    ['', 'empty-file'],
    ['{"results": {"results": [', 'truncated'],
    ['<testsuites/>', 'not-json'],
    ['evalId: x', 'not-json'],
    ['{"a":1}\n{"a":2}\n', 'not-json'],
    ['[1,2]', 'unknown-format'],
    ['"text"', 'unknown-format'],
    ['{"version":"2.1.0","runs":[]}', 'unknown-format'],
    ['{"results":{"results":{}}}', 'unknown-format'],
    ['{"results":{"results":[],"__proto__":{}}}', 'forbidden-key'],
    [`{"results":${'['.repeat(1000)}`, 'too-deep'],
    ['{"results":{"results":[1e999]}}', 'non-finite-number'],
  ])('refuses %j as %s', (content, code) => {
    const inspection = inspectEvidence(text(content));
    expect(inspection).toMatchObject({ accepted: false, format: null, sha256: sha256Hex(content) });
    expect(inspection.findings[0]).toMatchObject({ code, severity: 'refuse' });
    expect(couldNotBeRead(inspection)).toBe(true);
  });

  it('names the line and column of what is no JSON, and the limit that was passed', () => {
    expect(refusal(text('{\n "a": 01}'))?.location).toBe('line 2, column 8');
    const inspection = inspectEvidence(text('{"results":{"results":[]}}'), { maxBytes: 10 });
    expect(inspection.findings[0]?.code).toBe('too-large');
  });

  it('tells a file that was read and refused from one that could not be read', () => {
    const run = makeRun({ tests: [{ vars: { q: 'a' } }] });
    run.results.stats.successes = 9;
    const inspection = inspectEvidence(bytesOf(run));
    expect(inspection.accepted).toBe(false);
    expect(couldNotBeRead(inspection)).toBe(false);
  });

  it('gives the public form with its members in order', () => {
    const json = inspectionJson(inspectEvidence(text('{"results":{"results":[],"timestamp":null}}')));
    expect(Object.keys(json).slice(0, 8)).toEqual(
      'format formatVersion tool counts reported hazards subjects findings'.split(' '),
    );
    expect(json).toMatchObject({
      accepted: true,
      format: 'promptfoo.results',
      formatVersion: null,
      reported: null,
    });
    expect(json.findings.map((finding) => finding.code)).toContain('nothing-ran');
  });
});

describe('robustness', () => {
  it('never throws and never fails inside, whatever the types of the members are', () => {
    const odd = fc.oneof(
      fc.constantFrom(null, true, 0, -1, 1.5, 1e300, '', 'x', '2024', [], {}, [null], { id: 1 }, [[]]),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const run = makeRun({ tests: [{ vars: { q: ['a', 'b'] }, plugin: 'policy' }], providers: ['a', 'b'] });
    const places = pointers(run);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(places.length - 1), odd), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const copy = structuredClone(run);
          for (const [n, value] of changes)
            put(copy, places[n] as string[], structuredClone(value) as JsonMap);
          const inspection = inspectEvidence(bytesOf(copy));
          expect(inspection.findings.map((finding) => finding.code)).not.toContain('unreadable');
          expect(inspection.counts.total).toBe(inspection.cases.length);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** The paths of all members of a value. */
function pointers(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, member]) => pointers(member, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function put(root: object, path: string[], value: unknown): void {
  let at = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) return;
    at = next as Record<string, unknown>;
  }
  at[path.at(-1) as string] = value;
}

describe.runIf(shared)('real files', () => {
  const oracle = shared ? tsv('samples/EXPECTED.tsv').filter(([file]) => file?.startsWith('promptfoo/')) : [];
  const genuine = shared
    ? readdirSync(join(SHARED, 'samples/promptfoo')).filter((name) => name.endsWith('.json'))
    : [];

  it('has an oracle to compare with', () => {
    expect(oracle.length).toBeGreaterThanOrEqual(5);
    expect(genuine.length).toBeGreaterThanOrEqual(5);
  });

  it.each(oracle)(
    'agrees with the oracle on %s',
    (file, format, reported, recounted, _, subject, started, note) => {
      const inspection = inspectEvidence(read(`samples/${file}`));
      expect(inspection.findings.filter((finding) => finding.severity === 'refuse')).toEqual([]);
      const counts = JSON.parse(recounted ?? 'null') as { pass: number; fail: number; error: number };
      const crashed = Number(/graderErrors=(\d+)/.exec(note ?? '')?.[1]);
      expect(inspection.counts).toEqual({
        total: counts.pass + counts.fail + counts.error,
        pass: counts.pass,
        fail: counts.fail - crashed,
        error: counts.error,
        skipped: 0,
        inconclusive: crashed,
      });
      expect(inspection.reported).toEqual(JSON.parse(reported ?? 'null'));
      expect(`promptfoo v${inspection.formatVersion ?? 'None'}`).toBe(format);
      if (subject) expect(inspection.subjects.map((one) => one.provider).join(',')).toBe(subject);
      if (started?.startsWith('20')) expect(inspection.startedAt).toBe(started);
      const plugins = /plugins=(\{.*\})/.exec(note ?? '')?.[1];
      if (plugins === undefined) return;
      const expected = JSON.parse(plugins.replaceAll("'", '"')) as Record<string, number>;
      const rows = inspection.hazards.filter((one) => one.executed + one.inconclusive + one.error > 0);
      expect(
        Object.fromEntries(rows.map((one) => [one.id, one.executed + one.inconclusive + one.error])),
      ).toEqual(expected);
    },
  );

  it.each(shared ? tsv('hostile/INDEX.tsv').filter(([file]) => file?.startsWith('promptfoo/')) : [])(
    'does with %s (%s) what is required: %s',
    (file, _, required) => {
      const inspection = inspectEvidence(read(`hostile/${file}`));
      const codes = inspection.findings.map((finding) => finding.code);
      expect(inspection.accepted).toBe(!required?.startsWith('refuse'));
      const expected: Record<string, string[]> = {
        'promptfoo/stats-lie.json': ['summary-mismatch'],
        'promptfoo/failures-removed-stats-fixed.json': [
          'named-scores-mismatch',
          'rows-missing',
          'fewer-rows-than-plan',
        ],
        'promptfoo/no-plugin-ids.json': ['hazard-labels-missing', 'hazard-not-exercised'],
        'promptfoo/version-99.json': ['unsupported-version'],
        'promptfoo/duplicate-keys.json': ['duplicate-key'],
        'promptfoo/inf-score.json': ['non-finite-number'],
        'promptfoo/empty-results.json': ['nothing-ran'],
        'promptfoo/bom-utf16.json': ['encoding'],
      };
      expect(codes).toEqual(expect.arrayContaining(expected[file ?? ''] ?? ['an expectation for this file']));
      if (file?.endsWith('no-plugin-ids.json')) {
        expect(inspection.kind).toBe('eval');
        expect(inspection.hazards.every((one) => one.executed === 0)).toBe(true);
      }
      if (inspection.counts.total === 0) expect(inspection.status).toBe('incomplete');
    },
  );

  it.each(genuine)('refuses %s cut at every fiftieth', (name) => {
    const bytes = read(`samples/promptfoo/${name}`);
    for (let part = 1; part < 50; part++) {
      const end = Math.floor((bytes.length * part) / 50);
      const inspection = inspectEvidence(bytes.subarray(0, end));
      expect(inspection.accepted, `cut at ${end}`).toBe(false);
      expect(inspection.findings[0]?.code, `cut at ${end}`).toMatch(/^(truncated|empty-file)$/);
    }
  });

  it('never throws and never fails inside when a byte is changed', () => {
    const bytes = read('samples/promptfoo/eval-basic.0.121.20.json');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = byte;
        const codes = inspectEvidence(changed).findings.map((finding) => finding.code);
        expect(codes).not.toContain('unreadable');
      }),
      { numRuns: 400 },
    );
  });

  it('keeps no prompt and no output of a genuine file', () => {
    const inspection = JSON.stringify(inspectEvidence(read('samples/promptfoo/redteam.0.121.20.json')));
    expect(inspection).not.toContain('SECRET-1234');
    expect(inspection).not.toContain('Ignore previous instructions');
  });
});
