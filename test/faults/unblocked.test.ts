import { performance } from 'node:perf_hooks';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Operation } from '../../src/api/operation.ts';
import { sampled } from '../support/depth.ts';
import type { Answer, TestInstance, Visitor } from '../support/instance.ts';
import { testInstance } from '../support/instance.ts';

/**
 * No request keeps others waiting: every address that takes a body, a file or parameters is sent what costs most to read, and a probe on the
 * thread that answers says how long it could not run. The bound is wide, for machines are slow: the fault that this is about took 76 seconds.
 */
const BOUND = 2_000;

let t: TestInstance;
let ada: Visitor;
let operations: Operation[];
let longest = 0;
let probe: NodeJS.Timeout;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  operations = t.server.operations;
  let last = performance.now();
  probe = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 5);
});
afterAll(async () => {
  clearInterval(probe);
  await t.close();
});

const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const sheet = (rows: string) =>
  Buffer.from(
    zipSync({
      '[Content_Types].xml': Buffer.from('<Types/>'),
      '_rels/.rels': Buffer.from(
        '<Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
      ),
      'xl/workbook.xml': Buffer.from('<workbook><sheets><sheet name="a" r:id="2"/></sheets></workbook>'),
      'xl/_rels/workbook.xml.rels': Buffer.from(
        '<Relationships><Relationship Id="2" Type="x/worksheet" Target="s.xml"/></Relationships>',
      ),
      'xl/s.xml': Buffer.from(`<worksheet><sheetData>${rows}</sheetData></worksheet>`),
    }),
  );

/** Files that cost more to read than they have bytes. Each is made when it is sent. */
const FILES: Readonly<Record<string, () => Buffer>> = {
  '200,000 headings': () => Buffer.from(`${many(200_000, (i) => `h${i}`).join()}\n`),
  '500 long headings': () =>
    Buffer.from(`${many(500, (i) => `risk owner treatment ${i} `.repeat(12)).join()}\n1\n`),
  'one heading without an end': () => Buffer.from(`${'risk owner '.repeat(50_000)}\n1\n`),
  'quotes that never end': () => Buffer.from(`title\n${'"a""b;'.repeat(60_000)}`),
  'separators alone': () => Buffer.from(`title\n${';,\t'.repeat(150_000)}\n`),
  'many short rows': () => Buffer.from(`title\n${'x\n'.repeat(60_000)}`),
  'deep nesting': () => Buffer.from('['.repeat(60_000)),
  'objects in objects': () => Buffer.from('{"a":'.repeat(30_000)),
  '50,000 members': () =>
    Buffer.from(JSON.stringify([Object.fromEntries(many(50_000, (i) => [`k${i}`, i]))])),
  'rows of unknown members': () =>
    Buffer.from(JSON.stringify(many(1_500, () => Object.fromEntries(many(60, (i) => [`k${i}`, i]))))),
  'a sheet of 200,000 columns': () => sheet(`<row r="1">${'<c><v>1</v></c>'.repeat(200_000)}</row>`),
  'a sheet that unpacks to much': () =>
    sheet(`<row r="1"><c t="inlineStr"><is><t>${' '.repeat(8_000_000)}</t></is></c></row>`),
  'aliases of aliases': () =>
    Buffer.from(
      `---\na: &a0 [x,x,x,x,x,x,x,x,x]\n${many(30, (i) => `b${i}: &a${i + 1} [${many(9, () => `*a${i}`).join()}]`).join('\n')}\n---\n# x\n`,
    ),
  'a card of brackets': () => Buffer.from(`# x\n${'[![('.repeat(200_000)}`),
  'a card of table lines': () => Buffer.from(`# x\n${`|${' '.repeat(500)}|\n`.repeat(3_000)}`),
  'a bill of many components': () =>
    Buffer.from(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        components: many(8_000, (i) => ({ type: 'library', 'bom-ref': `r${i}`, name: `n${i}` })),
        dependencies: many(8_000, (i) => ({ ref: `r${i}`, dependsOn: [`r${i + 1}`, 'r0'] })),
      }),
    ),
  'a run of many cases': () =>
    Buffer.from(
      JSON.stringify({
        evalId: 'eval-x',
        results: {
          version: 3,
          results: many(3_000, (i) => ({
            success: true,
            vars: { q: `v${i}` },
            metadata: { pluginId: `p${i}` },
          })),
        },
        config: { redteam: { plugins: many(3_000, (i) => ({ id: `p${i}` })) } },
      }),
    ),
};

/** Bodies that cost most to check, by the kind of member that they are given to; a quarter of what a body may be: what grows faster than its size shows. */
const TEXT = JSON.stringify(`${'a@'.repeat(40_000)}${'"";\\ '.repeat(10_000)}${'1.'.repeat(12_000)}!`);
const LIST = JSON.stringify(many(20_000, (i) => `R-${i.toString(36)}`));
const ROWS = JSON.stringify(many(4_000, () => ({ a: null, b: [], c: {} })));
const MAP = JSON.stringify(Object.fromEntries(many(20_000, (i) => [i.toString(36), 0])));

/** Fills members that the operation takes, one of each kind, and members that it does not know. */
function bodiesOf(op: Operation): string[] {
  const schema = typeof op.input === 'function' ? op.input() : op.input;
  const known =
    schema instanceof z.ZodObject
      ? Object.keys(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {})
      : [];
  const kinds = new Map<string, string>();
  for (const name of known) {
    const member =
      schema instanceof z.ZodObject
        ? JSON.stringify(z.toJSONSchema(schema.shape[name], { io: 'input', unrepresentable: 'any' }))
        : '';
    const kind = /"type":"array"/.test(member)
      ? /"type":"object"/.test(member)
        ? 'rows'
        : 'list'
      : /"type":"object"/.test(member)
        ? 'map'
        : 'text';
    if (!kinds.has(kind))
      kinds.set(kind, `{${JSON.stringify(name)}:${{ rows: ROWS, list: LIST, map: MAP, text: TEXT }[kind]}}`);
  }
  return [MAP, ...kinds.values()];
}

const pathOf = (op: Operation) =>
  op.path
    .replace(':org', 'acme')
    .replace(':register', 'risk')
    .replace(/:(\w+)/g, (_, name) => (name === 'ref' ? `${op.register?.prefix ?? 'RSK'}-0001` : '1'));

const slow: string[] = [];
/** Sends a request, and notes when the thread that answers could not do anything else for long. */
async function sent(what: string, send: () => Promise<Answer>): Promise<Answer> {
  await new Promise((done) => setTimeout(done, 1));
  longest = 0;
  const answer = await send();
  await new Promise((done) => setTimeout(done, 1));
  if (longest > BOUND) slow.push(`${what}: ${Math.round(longest)} ms`);
  expect(answer.status, `${what}: ${answer.text.slice(0, 300)}`).not.toBe(500);
  return answer;
}

describe('files', () => {
  const TABLES = Object.keys(FILES).filter((name) => !/card|bill|run|aliases/.test(name));
  /** One address of each way of reading, with the files that cost it most. */
  const WAYS: Readonly<Record<string, readonly string[]>> = {
    'concern.importInspect': TABLES,
    'risk.import': ['500 long headings', 'rows of unknown members'],
    'component.propose': Object.keys(FILES).filter((name) => /card|bill|aliases|deep|members/.test(name)),
    'evidence.inspect': ['a run of many cases', 'deep nesting', '50,000 members', 'objects in objects'],
    'monitor.readings.add': [
      '200,000 headings',
      'many short rows',
      'quotes that never end',
      '50,000 members',
    ],
    'document.acknowledgements.import': ['many short rows', 'quotes that never end'],
  };
  const taking = () => operations.filter((op) => op.body === 'file' || op.body === 'bytes');
  const send = (op: Operation, name: string) => {
    const bytes = FILES[name]!();
    const json = [91, 123].includes(bytes[0]!) && op.query?.format !== undefined;
    return sent(`${op.id} with ${name}`, () =>
      ada.ask('POST', `${pathOf(op)}${json ? '?format=json' : ''}`, bytes),
    );
  };

  test('every way of reading is sent what costs it most', async () => {
    const found = taking().filter((op) => WAYS[op.id]);
    expect(found.map((op) => op.id).sort()).toEqual(Object.keys(WAYS).sort());
    for (const op of found) for (const name of WAYS[op.id]!) await send(op, name);
    expect(slow).toEqual([]);
  }, 240_000);

  test('every address that takes a file is sent one', async () => {
    const names = ['500 long headings', 'deep nesting', 'many short rows'];
    const all = taking();
    expect(all.length).toBeGreaterThan(60);
    // What derives from declarations is read by the same lines.
    const some = [
      ...all.filter((op) => !op.register),
      ...sampled(
        all.filter((op) => op.register),
        3,
      ),
    ];
    for (const [i, op] of some.entries()) await send(op, names[i % names.length]!);
    expect(some.length).toBeGreaterThan(20);
    expect(slow).toEqual([]);
  }, 240_000);

  test('a file with more columns than are read is refused with what is read', async () => {
    for (const path of ['concern/import/inspect', 'risk/import?dryRun=true']) {
      const { status, body } = await ada.ask('POST', path, FILES['200,000 headings']!());
      expect([status, body.code, body.detail]).toEqual([
        413,
        'TOO_LARGE',
        'The file has 200000 columns; at most 500 are read. Leave out those that are not needed, or split it.',
      ]);
    }
  });

  test('many files at once leave room for others', async () => {
    const run = FILES['a run of many cases']!();
    longest = 0;
    const uploads = many(20, () => ada.ask('POST', 'evidence/inspect?fileName=run.json', run));
    let running = true;
    const all = Promise.all(uploads).finally(() => {
      running = false;
    });
    let healthy = 0;
    while (running) {
      expect((await t.stranger.ask('GET', '/healthz')).status).toBe(200);
      healthy += 1;
    }
    expect((await all).map((answer) => answer.status)).toEqual(new Array(20).fill(200));
    // Asked in between, again and again: not once after all of them.
    expect(healthy).toBeGreaterThan(20);
    expect(longest).toBeLessThan(BOUND);
  });
});

test('bodies of JSON', async () => {
  const all = operations.filter((op) => op.method !== 'GET' && (op.body ?? 'json') === 'json');
  const taking = [
    ...all.filter((op) => !op.register),
    ...sampled(
      all.filter((op) => op.register),
      3,
    ),
  ];
  let bodies = 0;
  let read = 0;
  for (const [i, op] of taking.entries()) {
    const all = bodiesOf(op);
    // What derives from declarations is checked by the same code in every register: each such address gets one of the kinds in turn.
    for (const body of op.register ? [all[i % all.length]!] : all) {
      bodies += 1;
      const { status } = await sent(`${op.id} ${body.slice(0, 40)}`, () =>
        ada.ask(op.method, pathOf(op), body, { 'content-type': 'application/json' }),
      );
      // Most are read as a whole, and then refused for what they say; some addresses take less.
      if (status !== 413) read += 1;
    }
  }
  expect(bodies).toBeGreaterThan(100);
  expect(read).toBeGreaterThan(bodies * 0.9);
  expect(slow).toEqual([]);
}, 240_000);

test('parameters', async () => {
  const value = encodeURIComponent(`${'a,"'.repeat(500)}~\\%_`);
  let asked = 0;
  for (const [i, op] of operations.filter((o) => o.method === 'GET').entries()) {
    const names = [...Object.keys(op.query ?? {}), ...(op.filters ? [op.register?.title ?? 'title'] : [])];
    for (const name of op.register ? names.slice(i % names.length).slice(0, 1) : names) {
      asked += 1;
      await sent(`${op.id}?${name}`, () => ada.ask('GET', `${pathOf(op)}?${name}=${value}`));
    }
  }
  expect(asked).toBeGreaterThan(100);
  expect(slow).toEqual([]);
}, 240_000);
