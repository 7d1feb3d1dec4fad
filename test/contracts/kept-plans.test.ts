import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decisionPlace } from '../../src/store/authority/decisions.ts';
import { cursorAfter } from '../../src/store/records/cursors.ts';
import { type ListQuery, listStatement } from '../../src/store/records/list.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Statements that come again and again are planned once for each connection, whatever is among their parameters. */

let t: TestInstance;
let ada: Visitor;
let system: string;
let risk: string;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  system = (await given(t, 'aiSystem', { name: 'S', purpose: 'p', owner: ada.ref })).ref;
  risk = (await given(t, 'risk', { title: 'R', scenario: 's', owner: ada.ref, systems: [system] })).ref;
});
afterAll(() => t.close());

interface Kept {
  name: string;
  custom: number;
  generic: number;
}

/** What each connection of the application keeps. */
async function kept(): Promise<Kept[][]> {
  const { pool } = t.app.db;
  const clients: pg.PoolClient[] = [];
  for (let i = 0; i < pool.totalCount; i++) clients.push(await pool.connect());
  try {
    return await Promise.all(
      clients.map(
        async (c) =>
          (
            await c.query<Kept>(
              'select name, custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements',
            )
          ).rows,
      ),
    );
  } finally {
    for (const c of clients) c.release();
  }
}

/** Whatever people do all day. */
async function aDay(n: number): Promise<number> {
  let asked = 0;
  const ok = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => {
    const a = await ada.ask(method, path, body);
    expect([path, a.status], a.text).toEqual([path, expect.toBeOneOf([200, 201])]);
    asked += 1;
  };
  for (const path of [`aiSystem/${system}`, `risk/${risk}`, `person/${ada.ref}`]) await ok('GET', path);
  for (const r of ['risk', 'aiSystem', 'decision', 'component']) {
    await ok('GET', r);
    await ok('GET', `${r}?sort=-updatedAt&limit=20`);
    await ok('GET', `${r}?q=s`);
  }
  for (const path of ['my-work', 'dashboard', 'log', `risk/${risk}/versions`]) await ok('GET', path);
  await ok('POST', 'risk', { title: `R${n}`, systems: [system], owner: ada.ref });
  await ok('PATCH', `risk/${risk}`, { scenario: `s${n}` });
  await ok('POST', 'risk/bulk', { refs: [risk], values: { scenario: `t${n}` } });
  return asked;
}

test('nothing that has a name is planned for the values it comes with', async () => {
  for (let n = 0; n < 3; n++) expect(await aDay(n)).toBeGreaterThan(20);
  const all = (await kept()).flat();
  expect(new Set(all.map((k) => k.name)).size).toBeGreaterThan(25);
  expect(all.filter((k) => k.generic > 1).length).toBeGreaterThan(20);
  // The settings come before what they say, and these two outside any transaction: the server finds out within five calls.
  const outside = ['aims-settings', 'aims-planning', 'organisation', 'health'];
  expect(all.filter((k) => k.custom > (outside.includes(k.name) ? 5 : 0))).toEqual([]);
});

test('in one transaction, what has no name is planned for its values all the same', async () => {
  const { db } = t.app;
  const mode = { text: `select current_setting('plan_cache_mode') as mode, $1::int as n`, values: [1] };
  const named = { ...mode, name: 'planned-how' };
  const [a, b, c] = await db.run(t.organisation.id, [named, mode, named]);
  expect([a, b, c].map((rows) => rows![0]!.mode)).toEqual([
    'force_generic_plan',
    'auto',
    'force_generic_plan',
  ]);
  const said = await db.converse(t.organisation.id, async (query) => {
    const modes: unknown[] = [];
    for (const s of [mode, named, mode, mode]) modes.push((await query(s))[0]!.mode);
    return modes;
  });
  expect(said).toEqual(['auto', 'force_generic_plan', 'auto', 'auto']);
  expect((await db.run(t.organisation.id, [mode]))[0]![0]!.mode).toBe('auto');
});

test('the text of a list is made once, whoever asks and whatever for; its values are those of each question', () => {
  const risks = t.app.registry.get('risk');
  const slots = t.app.slots.get('risk')!;
  const place = decisionPlace(t.app);
  const list = (more: Partial<ListQuery>, day = '2027-01-01') =>
    listStatement(t.app.registry, risks, slots, {
      filters: [],
      sort: { name: 'title', descending: false },
      limit: 50,
      total: false,
      standing: { place, today: day },
      ...more,
    });
  const at = (number: number) => {
    const q = { filters: [], sort: { name: 'title', descending: false }, limit: 50, total: false };
    return cursorAfter(q, { number, sortKey: `k${number}` });
  };
  const pairs: [Partial<ListQuery>, Partial<ListQuery>][] = [
    [{}, {}],
    [{ words: 'one' }, { words: 'another' }],
    [{ after: at(7) }, { after: at(8) }],
    [{ only: ['title'] }, { only: ['level'] }],
    [
      { words: 'one', after: at(7), total: true },
      { words: 'two', after: at(9), total: true },
    ],
  ];
  const texts = new Set<string>();
  for (const [a, b] of pairs) {
    const [one, other] = [list(a), list(b, '2027-01-02')];
    expect(other.text).toBe(one.text);
    expect([one.name, other.name]).toEqual([expect.stringMatching(/^list-/), one.name]);
    expect(other.values).not.toEqual(one.values);
    expect(other.values).toHaveLength(one.values!.length);
    texts.add(one.text);
  }
  expect(texts.size).toBe(pairs.length);
  // Kept for nobody to come again, a plan would only take room.
  expect(list({ limit: 37 }).name).toBeUndefined();
  expect(list({ filters: [{ name: 'state', op: 'in', values: ['open'] }] }).name).toBeUndefined();
});
