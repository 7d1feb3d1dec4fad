import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readComponents } from './index.ts';

const SHARED = join(import.meta.dirname, '../../../../shared');
const read = (text: string, name = 'card.md') => readComponents(Buffer.from(text), name);
const bom = (more: object) => JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...more });
const codes = (r: ReturnType<typeof readComponents>) => r.findings.map((f) => `${f.severity} ${f.code}`);

test('a bill of materials: models, datasets, software, services, what is inside, and where each comes from', () => {
  const r = read(
    bom({
      metadata: { component: { type: 'application', name: 'Chat', 'bom-ref': 'app', version: '2' } },
      components: [
        {
          type: 'machine-learning-model',
          'bom-ref': 'm',
          group: 'acme',
          name: 'tuned',
          purl: 'pkg:huggingface/acme/tuned@abc123',
          hashes: [
            { alg: 'MD5', content: 'a'.repeat(32) },
            { alg: 'SHA-256', content: 'AB'.repeat(32) },
          ],
          licenses: [{ license: { id: 'MIT' } }, { expression: 'Apache-2.0 OR MIT' }],
          pedigree: { ancestors: [{ 'bom-ref': 'base', type: 'machine-learning-model', name: 'base' }] },
          modelCard: {
            modelParameters: {
              datasets: [
                { ref: 'd' },
                { type: 'dataset', name: 'inline', contents: { url: 'https://x.example/d' } },
              ],
            },
            quantitativeAnalysis: { performanceMetrics: [{ type: 'F1', value: '0.9', slice: 'de' }] },
          },
          components: [{ type: 'library', name: 'inside', version: '1' }],
        },
        {
          type: 'data',
          'bom-ref': 'd',
          name: 'corpus',
          hashes: [{ alg: 'SHA-256', content: 'https://github.com/x/issues/80' }],
        },
      ],
      services: [{ name: 'api', provider: { name: 'Host' }, endpoints: ['https://api.example/v1'] }],
    }),
  );
  expect(r.accepted).toBe(true);
  expect(r.components.map((c) => [c.name, c.kind, c.version])).toEqual([
    ['Chat', 'tool', '2'],
    ['acme/tuned', 'model', 'abc123'],
    ['corpus', 'dataset', null],
    ['inside', 'tool', '1'],
    ['api', 'tool', null],
    ['inline', 'dataset', null],
    ['base', 'model', null],
  ]);
  const tuned = r.components[1]!;
  expect(tuned).toMatchObject({
    digest: `sha256:${'ab'.repeat(32)}`,
    source: 'https://huggingface.co/acme/tuned',
    licence: 'MIT, Apache-2.0 OR MIT',
    quality: 'As the bill of materials states it:\n- F1: 0.9 (de)',
  });
  expect(tuned.derivedFrom.map((k) => r.components.find((c) => c.key === k)?.name)).toEqual([
    'corpus',
    'inline',
    'base',
  ]);
  expect(codes(r).sort()).toEqual(['flag not-a-digest', 'info other-digest']);
  expect(r.components[2]!.digest).toBeNull();
});

test('a card: itself, its base model and datasets, what it claims', () => {
  const r = read(
    '\uFEFF---\r\nlicense: other\r\nlicense_name: house\r\nbase_model: org/base\r\ndatasets: [org/data, squad]\r\nmodel-index:\r\n- name: mine\r\n  results:\r\n  - task: {type: qa}\r\n    dataset: {type: squad, name: SQuAD}\r\n    metrics: [{type: f1, value: 0.8}, {type: em, value: .nan}]\r\n---\r\n# Model Card for Mine\r\n\r\n## Training Data\r\nNews of 2025.\r\n\r\n## Bias, Risks, and Limitations\r\nNot for minors.\r\n',
  );
  expect([r.accepted, r.format, codes(r)]).toEqual([true, 'model-card', ['flag not-a-number']]);
  expect(r.components[0]).toMatchObject({
    name: 'mine',
    kind: 'model',
    licence: 'house',
    rights: 'Not for minors.',
    quality: 'As the card states it:\n- f1: 0.8 (qa, SQuAD)\n- em: no number (qa, SQuAD)',
    derivedFrom: ['model:org/base', 'dataset:org/data', 'dataset:squad'],
  });
  expect(r.components[0]!.provenance).toContain('News of 2025.');
  expect(r.components[2]!.source).toBe('https://huggingface.co/datasets/org/data');
});

test('metadata in a language that could run is refused and does not run', () => {
  const r = read('---js\n{ license: (globalThis.__ran = 1, "mit") }\n---\n# x\n');
  expect([r.accepted, codes(r), r.components]).toEqual([false, ['refuse front-matter'], []]);
  expect((globalThis as Record<string, unknown>).__ran).toBeUndefined();
});

const REFUSED: [string, string, string][] = [
  ['endless brackets', `---\na: ${'['.repeat(100_000)}\n---\n`, 'too-deep'],
  ['endless dashes', `---\n${'- '.repeat(50_000)}x\n---\n`, 'too-deep'],
  [
    'aliases that multiply',
    '---\na: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n---\n',
    'not-yaml',
  ],
  ['a name that stands twice', '---\nlicense: mit\nlicense: gpl\n---\n', 'not-yaml'],
  ['metadata without an end', '---\nlicense: mit\n', 'front-matter'],
  ['metadata that is a list', '---\n- a\n---\n', 'not-yaml'],
  ['too much metadata', `---\na: ${'x'.repeat(300_000)}\n---\n`, 'too-large'],
  ['nothing', ' \n', 'empty-file'],
  ['another JSON', '{"a":1}', 'unknown-format'],
  ['a later major version', '{"bomFormat":"CycloneDX","specVersion":"2.0"}', 'unknown-version'],
  ['no components', '{"bomFormat":"CycloneDX","specVersion":"1.6"}', 'no-components'],
  ['XML', '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>', 'unknown-format'],
  [
    'a hundred thousand components',
    bom({ components: Array.from({ length: 100_000 }, (_, i) => ({ type: 'data', name: `n${i}` })) }),
    'too-many-components',
  ],
  ['a name of JSON that stands twice', '{"bomFormat":"CycloneDX","bomFormat":"x"}', 'not-json'],
  [
    'a name that reaches prototypes',
    '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"__proto__":{"name":"x"}}]}',
    'not-json',
  ],
];
test.each(REFUSED)('%s is refused', (_, text, code) => {
  const r = read(text);
  expect([r.accepted, r.components, r.findings[0]!.severity, r.findings[0]!.code]).toEqual([
    false,
    [],
    'refuse',
    code,
  ]);
});

test('circles are opened, what points nowhere is told, however long the chain', () => {
  const n = 3_000;
  const r = read(
    bom({
      components: Array.from({ length: n }, (_, i) => ({
        type: 'machine-learning-model',
        'bom-ref': `r${i}`,
        name: `n${i}`,
        modelCard: {
          modelParameters: { datasets: [{ ref: `r${(i + 1) % n}` }, { ref: i === 5 ? 'nowhere' : `r${i}` }] },
        },
      })),
    }),
  );
  expect(r.accepted).toBe(true);
  expect(r.components.flatMap((c) => c.derivedFrom)).toHaveLength(n - 1);
  expect(new Set(codes(r))).toEqual(new Set(['flag circular', 'flag unknown-reference']));
});

test('whatever the file, the answer holds: no throw, keys unique, texts that a record takes, links that lead somewhere', () => {
  const names = fc.constantFrom(
    'name',
    'type',
    'bom-ref',
    'version',
    'hashes',
    'components',
    'licenses',
    'modelCard',
    'pedigree',
    'ancestors',
    'modelParameters',
    'datasets',
    'ref',
    'alg',
    'content',
    'data',
    'supplier',
    'purl',
    'externalReferences',
    'url',
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.constantFrom('r1', 'r2', 'SHA-256', 'data', 'a'.repeat(64)),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(names, tie('value'), { maxKeys: 6 }),
  })).object;
  const yaml = fc.array(
    fc.tuple(
      fc.constantFrom('license', 'datasets', 'base_model', 'model-index', 'tags', 'language'),
      fc.string({ maxLength: 20 }),
    ),
    { maxLength: 5 },
  );
  const files = fc.oneof(
    fc.array(json, { maxLength: 5 }).map((components) => bom({ components })),
    yaml.map((pairs) => `---\n${pairs.map(([k, v]) => `${k}: ${v}`).join('\n')}\n---\n# T\n`),
    fc.string({ unit: 'binary' }).map((s) => s.toWellFormed()),
  );
  fc.assert(
    fc.property(files, (text) => {
      const r = read(text);
      const keys = r.components.map((c) => c.key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const c of r.components) {
        expect(c.name.trim()).not.toBe('');
        expect(c.name.length).toBeLessThanOrEqual(160);
        expect((c.version ?? '').length).toBeLessThanOrEqual(120);
        expect(c.digest ?? 'sha256:').toMatch(/^sha(256|384|512):/);
        for (const k of c.derivedFrom) expect(keys).toContain(k);
      }
    }),
    { numRuns: 500 },
  );
});

describe.skipIf(!existsSync(join(SHARED, 'samples/cyclonedx')))(
  'genuine files (skipped: no shared files)',
  () => {
    const files = ['cyclonedx', 'model-cards'].flatMap((d) =>
      existsSync(join(SHARED, 'samples', d))
        ? readdirSync(join(SHARED, 'samples', d))
            .filter((f) => !f.startsWith('_'))
            .map((f) => join(SHARED, 'samples', d, f))
        : [],
    );
    test('all but the template, whose placeholders are no YAML, are read; cut ones are read or refused', () => {
      expect(files.length).toBeGreaterThan(5);
      for (const file of files) {
        const bytes = readFileSync(file);
        const r = readComponents(bytes, file);
        expect(r.accepted, file).toBe(!file.includes('template'));
        for (let i = 1; i < 50; i++)
          readComponents(bytes.subarray(0, Math.floor((bytes.length * i) / 50)), file);
      }
    });
  },
);
