import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presentRule } from '../../src/register/covering.ts';
import { registry } from '../../src/registers/index.ts';
import { coverDigestSql, coveredStatement } from '../../src/store/authority/covers.ts';
import { coverDigest, coverRows } from '../../src/store/authority/steps.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import { given, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { testDatabase, testPool } from '../support/postgres.ts';

/** What a link says of its two ends, and what is read from it alone. */

let t: TestInstance;
let ada: Visitor;
let cy: Visitor;
let system: string;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  cy = await t.person('Cy', ['contributor']);
  system = (await given(t, 'aiSystem', { name: 'S', purpose: 'p', owner: ada.ref })).ref;
});
afterAll(() => t.close());

const risk = async (title: string, systems: string[]) =>
  (await given(t, 'risk', { title, scenario: 's', owner: ada.ref, systems })).ref;

test('a link says the register and number it comes from and the reference it names, however it was set', async () => {
  const other = (await given(t, 'aiSystem', { name: 'T', purpose: 'p', owner: ada.ref })).ref;
  const ref = await risk('A', [system]);
  await given(t, 'component', { name: 'm', kind: 'model', systems: [system, other] });
  expect((await ada.ask('PATCH', `risk/${ref}`, { systems: [other, system] })).status).toBe(200);
  const rows = await t.app.db.asOwner({
    text: `select f.ref, l.name, l.from_register = f.register and l.from_number = f.number and l.to_ref = o.ref as said
      from link l join record f using (organisation) join record o using (organisation) where f.id = l.from_id and o.id = l.to_id`,
  });
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.filter((r) => r.said !== true)).toEqual([]);
});

test('links of an older data folder are filled in, organisation by organisation', async () => {
  const files = readdirSync(join(ROOT, 'migrations')).sort();
  const at = files.findIndex((f) => f.startsWith('0012'));
  const folder = mkdtempSync(join(tmpdir(), 'aims-older-'));
  const database = await testDatabase();
  const pool = testPool(database.connection);
  try {
    for (const f of files.slice(0, at)) symlinkSync(join(ROOT, 'migrations', f), join(folder, f));
    await migrate(pool, folder);
    // The same references in two organisations, each with its own identities.
    await pool.query(`insert into organisation (slug, name, created_at) select 'org' || n, 'Org', now() from generate_series(1, 2) n;
      insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, created_at, created_by, updated_at,
          updated_by, search)
        select o.id, gen_random_uuid(), x.register, n, x.prefix || n, 'open', 1, 't', '{}', '{}', now(), 'engine', now(), 'engine', ''
        from organisation o, (values ('risk', 'RSK-'), ('aiSystem', 'SYS-')) x(register, prefix), generate_series(1, 30) n;
      insert into link (organisation, from_id, name, to_id) select f.organisation, f.id, 'systems', o.id from record f
        join record o on o.organisation = f.organisation and o.register = 'aiSystem' and o.number <= f.number where f.register = 'risk'`);
    await migrate(pool, join(ROOT, 'migrations'));
    const { rows } = await pool.query(
      `select count(*)::int as n, count(*) filter (where l.from_register = 'risk' and l.from_number = f.number and l.to_ref = o.ref)::int as said
        from link l join record f on f.organisation = l.organisation and f.id = l.from_id join record o on o.organisation = l.organisation and o.id = l.to_id`,
    );
    expect(rows).toEqual([{ n: 930, said: 930 }]);
  } finally {
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('ways back: the newest are shown, all are counted, and what one may not read is neither', async () => {
  const own = (await given(t, 'aiSystem', { name: 'Own', purpose: 'p', owner: ada.ref })).ref;
  const risks: string[] = [];
  for (let i = 0; i < 22; i++) risks.push(await risk(`R${i}`, [own]));
  // One says "component" by a link of the same name.
  await given(t, 'component', { name: 'm', kind: 'model', systems: [own] });
  const concern = { title: 'On it', content: 'c', owner: cy.ref, systems: [own] };
  await given(t, 'concern', concern);
  await given(t, 'concern', { ...concern, about: [ada.ref] });
  const back = (await ada.ask('GET', `aiSystem/${own}`)).body.inverses;
  expect(back.risks).toMatchObject({ total: 22, more: true });
  expect(back.risks.items.map((i: { ref: string }) => i.ref)).toEqual(risks.slice(2).reverse());
  expect(back.components.total).toBe(1);
  // Two are about the system; one of them is about whoever asks.
  expect(back.concerns).toMatchObject({ total: 1, more: false });
  const closed = (await cy.ask('GET', `aiSystem/${own}`)).body.inverses;
  expect(closed.concerns?.total ?? 0).toBe(0);
  expect(closed.risks.total).toBe(22);
});

test('a part that two systems share counts alike wherever it is asked what a decision covers', async () => {
  const two = (await given(t, 'aiSystem', { name: 'Two', purpose: 'p', owner: ada.ref })).ref;
  await given(t, 'component', { name: 'shared', kind: 'model', systems: [system, two] });
  await given(t, 'component', { name: 'a prompt', kind: 'prompt', systems: [two] });
  const refs = [
    await risk('Both', [system, two]),
    (await given(t, 'riskAssessment', { title: 'RA', owner: ada.ref, systems: [system, two] })).ref,
  ];
  for (const ref of refs) {
    const register = registry.ofRef(ref)!;
    const [rows] = await t.app.db.run(t.organisation.id, [
      {
        text: `select ${coverDigestSql(registry, register, 'r')} as one, ${coverDigest('$2', String(presentRule(register)))} as any from record r where r.ref = $1`,
        values: [ref, JSON.stringify(coverRows(registry))],
      },
    ]);
    expect(rows![0]!.one).toMatch(/^sha256:/);
    expect(rows![0]!.any, ref).toBe(rows![0]!.one);
  }
});

interface Plan {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Rows of `record` that a plan fetched, kept or not. */
const fetched = (p: Plan): number =>
  (p['Relation Name'] === 'record'
    ? (p['Actual Rows'] + (p['Rows Removed by Filter'] ?? 0)) * p['Actual Loops']
    : 0) + (p.Plans ?? []).reduce((n, x) => n + fetched(x), 0);

test('what decisions cover is read without a look at the thousands that name the same system', async () => {
  const big = (await given(t, 'aiSystem', { name: 'Big', purpose: 'p', owner: ada.ref })).ref;
  const ref = await risk('One of many', [big]);
  for (let i = 0; i < 5; i++) await given(t, 'component', { name: `m${i}`, kind: 'model', systems: [big] });
  await t.app.db.asOwner({
    text: `with s as (select id, organisation, ref from record where organisation = $1 and ref = $2),
      made as (insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, created_at, created_by,
          updated_at, updated_by, search, material)
        select $1, gen_random_uuid(), 'risk', 50000 + n, 'RSK-' || (50000 + n), 'open', 1, 't', '{}', '{}', now(), 'engine', now(), 'engine', '', 'x'
        from generate_series(1, 2000) n returning id, number)
      insert into link (organisation, from_id, name, to_id, from_register, from_number, to_ref)
        select $1, m.id, 'systems', s.id, 'risk', m.number, s.ref from made m, s`,
    values: [t.organisation.id, big],
  });
  await t.app.db.asOwner({ text: 'analyze record, link' });
  const register = registry.get('risk');
  const covered = coveredStatement(registry, [{ register, refs: [ref] }])!;
  const [rows] = await t.app.db.run(t.organisation.id, [covered]);
  expect(rows).toHaveLength(5);
  for (const text of [
    covered.text,
    `select ${coverDigestSql(registry, register, 'r')} from record r where r.ref = any($1)`,
  ]) {
    const [plans] = await t.app.db.run(t.organisation.id, [
      { text: `explain (analyze, format json) ${text}`, values: covered.values },
    ]);
    const [{ Plan: plan }] = plans![0]!['QUERY PLAN'] as [{ Plan: Plan }];
    // The risk itself and what it covers, however often one is looked at: not a hundredth of what names the system.
    expect(fetched(plan)).toBeGreaterThan(5);
    expect(fetched(plan)).toBeLessThan(20);
  }
});
