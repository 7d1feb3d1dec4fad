import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Context } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Instance } from '../../src/instance.ts';
import { number, optional } from '../../src/register/field.ts';
import { registerMarkdown } from '../../src/register/reference.ts';
import { Registry } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { sampleInput } from '../support/arrange.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/**
 * The promise: a field is one line in a declaration, and everything else follows. Here the declaration of a register gets
 * one field more (and two names in its table: the new one, and one of a field that records already have).
 */
const before = registry.get('risk');
const after = {
  ...before,
  fields: {
    ...before.fields,
    exposure: optional(number('Exposure', { min: 0, max: 100, unit: '%', help: 'Share of users.' })),
  },
  columns: [...before.columns, 'exposure', 'impactSociety'],
};
const changed = new Registry(registry.all.map((r) => (r.name === before.name ? after : r)));

let t: TestInstance;
let old: Visitor;
let updated: Instance & { as(who: Visitor): Visitor };
let ada: Visitor;
let body: Record<string, unknown>;
const earlier: { ref: string; impact: number | undefined }[] = [];

beforeAll(async () => {
  t = await testInstance();
  old = await t.person('Ada', ['topManagement', 'aimsManager']);
  body = await sampleInput(t, before, 1);
  for (const impact of [4, 1, undefined, 5, 2]) {
    const made = await old.ask('POST', 'risk', { ...body, title: `Impact ${impact}`, impactSociety: impact });
    earlier.push({ ref: made.body.ref, impact });
  }
  const refused = await old.ask('POST', 'risk', { ...body, exposure: 5 });
  expect([refused.status, refused.body.problems[0].path]).toEqual([422, '/exposure']);
  updated = await t.again(changed);
  ada = updated.as(old);
});
afterAll(async () => {
  await updated.close();
  await t.close();
});

const refs = (a: { body: { items: { ref: string }[] } }) => a.body.items.map((i) => i.ref);
const byImpact = () => [...earlier].sort((a, b) => (a.impact ?? 9) - (b.impact ?? 9)).map((e) => e.ref);

test('records made before are there, and can be sorted and filtered by the new columns', async () => {
  expect(refs(await ada.ask('GET', 'risk?sort=impactSociety'))).toEqual(byImpact());
  expect(refs(await ada.ask('GET', 'risk?sort=-impactSociety'))).toEqual(byImpact().reverse());
  expect(refs(await ada.ask('GET', 'risk?sort=exposure'))).toEqual(earlier.map((e) => e.ref));
  expect(refs(await ada.ask('GET', 'risk?impactSociety.gte=4&impactSociety.lte=5')).sort()).toEqual([
    earlier[0]!.ref,
    earlier[3]!.ref,
  ]);
  const paged: string[] = [];
  for (let next = ''; ; ) {
    const page = await ada.ask('GET', `risk?sort=impactSociety&limit=2${next}`);
    paged.push(...refs(page));
    if (!page.body.next) break;
    next = `&after=${encodeURIComponent(page.body.next)}`;
  }
  expect(paged).toEqual(byImpact());
});

test('the interface takes it, checks it, keeps its history and proves it', async () => {
  const made = await ada.ask('POST', 'risk', { ...body, title: 'With it', exposure: 40 });
  expect([made.status, made.body.values.exposure], made.text).toEqual([201, 40]);
  const wrong = await ada.ask('POST', 'risk', { ...body, exposure: 101 });
  expect([wrong.status, wrong.body.problems[0].path]).toEqual([422, '/exposure']);
  const edited = await ada.ask('PATCH', `risk/${earlier[0]!.ref}`, { exposure: 7 });
  expect([edited.status, edited.body.values.exposure]).toEqual([200, 7]);
  expect((await ada.ask('GET', `risk/${earlier[0]!.ref}`)).body.values.exposure).toBe(7);
  expect(refs(await ada.ask('GET', 'risk?sort=exposure&limit=2'))).toEqual([earlier[0]!.ref, made.body.ref]);
  expect(refs(await ada.ask('GET', 'risk?exposure.gte=10'))).toEqual([made.body.ref]);
  const versions = await ada.ask('GET', `risk/${earlier[0]!.ref}/versions`);
  expect(versions.body.items[0].changed).toEqual(['exposure']);
  const proof = await ada.ask('GET', `risk/${made.body.ref}/proof`);
  expect(JSON.stringify(proof.body.disclosed)).toContain('"exposure":40');
});

test('it is in export, import, template and the description of the interface', async () => {
  const csv = (await ada.ask('GET', 'risk/export?format=csv')).text;
  const head = csv.split('\n')[0]!.split(',');
  expect(head).toContain('exposure');
  expect((await ada.ask('GET', 'risk/template.csv')).text).toContain('exposure');
  const row = await ada.ask('POST', 'risk/import?format=csv', `ref,exposure\n${earlier[1]!.ref},12\n`);
  expect(row.body, row.text).toMatchObject({ rows: 1, updated: 1 });
  const bad = await ada.ask('POST', 'risk/import?format=csv', `ref,exposure\n${earlier[1]!.ref},lots\n`);
  expect([bad.status, bad.body.problems[0].path]).toEqual([422, 'line 2, column exposure']);
  expect(
    JSON.parse((await ada.ask('GET', 'risk/export?format=json')).text).find(
      (r: { ref: string }) => r.ref === earlier[1]!.ref,
    ).exposure,
  ).toBe(12);
  const api = (await ada.ask('GET', '/api/v1/openapi.json')).body;
  expect(JSON.stringify(api.components.schemas.RiskInput.properties.exposure)).toContain('"Exposure"');
  expect(api.components.schemas.RiskInput.required).not.toContain('exposure');
  expect(api.components.schemas.RiskChange.properties).toHaveProperty('exposure');
});

test('it is in what forms and tables, command line and reference pages are made from', async () => {
  const meta = (await ada.ask('GET', 'meta')).body.registers.find((r: { name: string }) => r.name === 'risk');
  expect(meta.fields.find((f: { name: string }) => f.name === 'exposure')).toMatchObject({
    kind: 'number',
    label: 'Exposure',
    unit: '%',
    help: 'Share of users.',
    required: false,
  });
  expect(meta.columns.find((c: { name: string }) => c.name === 'exposure')).toMatchObject({
    kind: 'number',
    sortable: true,
    filterable: true,
  });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const io = {
    stdin: new PassThrough().end(),
    stdout: nowhere,
    stderr: nowhere,
    env: {},
    cwd: '/',
    home: '/',
  };
  const commands = buildProgram(new Context(io, changed), []).commands.find(
    (c) => c.name() === 'risk',
  )!.commands;
  const withOption = commands
    .filter((c) => c.options.some((option) => option.long === '--exposure'))
    .map((c) => c.name());
  expect(withOption).toEqual(expect.arrayContaining(['add', 'edit']));
  expect(registerMarkdown(changed, after)).toContain('Exposure');
});

test('the instance without the field still works beside the one with it', async () => {
  const seen = await old.ask('GET', `risk?sort=level&limit=50`);
  expect(seen.body.items.length).toBe(earlier.length + 1);
  const edited = await old.ask('PATCH', `risk/${earlier[4]!.ref}`, { title: 'Edited by the older one' });
  expect([edited.status, edited.body.title], edited.text).toEqual([200, 'Edited by the older one']);
});
