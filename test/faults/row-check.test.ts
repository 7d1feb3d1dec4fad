import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareRows } from '../../src/app/passes/row-check.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { expectWholeLog } from '../support/whole-log.ts';

/** Records of which row and newest version differ: found whatever differs, told, and mended by a new version alone. */

let t: TestInstance;
let ada: Visitor;
let bo: Visitor;
let id: number;
let systems: string[];
beforeAll(async () => {
  t = await testInstance();
  id = t.organisation.id;
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  bo = await t.person('Bo', ['contributor']);
  systems = [];
  for (const name of ['One', 'Two', 'Three'])
    systems.push((await given(t, 'aiSystem', { name, purpose: 'x', owner: ada.ref })).ref);
});
afterAll(() => t.close());

const owner = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });
const differences = async () => (await ada.ask('GET', 'rows/differences')).body;
const mend = (ref: string, keep: string, who = ada, reason = 'a fault of before') =>
  who.ask('POST', 'rows/mend', { ref, keep, reason });
const risk = async () =>
  (
    await given(t, 'risk', {
      title: 'R',
      owner: ada.ref,
      scenario: 'x',
      treatmentPlan: 'p',
      systems: [systems[0]],
    })
  ).ref;
const linkTo = (ref: string, system: string) =>
  owner(
    `insert into link (organisation, from_id, name, to_id, from_register, from_number, to_ref)
      select f.organisation, f.id, 'systems', s.id, f.register, f.number, s.ref from record f, record s
      where f.organisation = $1 and s.organisation = $1 and f.ref = $2 and s.ref = $3`,
    [id, ref, system],
  );
const set = (column: string) => (ref: string) =>
  owner(`update record set ${column} where organisation = $1 and ref = $2`, [id, ref]);

/** What somebody at the tables does to a row, what is found, and which way it can be mended. */
const SPOILED: readonly [
  what: string,
  spoil: (ref: string) => Promise<unknown>,
  differs: string[],
  keeps: string[],
][] = [
  ['a link more than the version says', (ref) => linkTo(ref, systems[1]!), ['systems'], ['row', 'version']],
  [
    'a link less',
    (ref) => owner('delete from link l using record r where l.from_id = r.id and r.ref = $1', [ref]),
    ['systems'],
    ['row', 'version'],
  ],
  ['another value', set(`"values" = "values" || '{"scenario":"y"}'`), ['scenario'], ['row', 'version']],
  ['a value less', set(`"values" = "values" - 'treatmentPlan'`), ['treatmentPlan'], ['row', 'version']],
  [
    'a value more',
    set(`"values" = "values" || '{"reviewBy":"2031-01-01"}'`),
    ['reviewBy'],
    ['row', 'version'],
  ],
  ['another owner in its column', set(`owner = 'PER-0002'`), ['owner'], ['row', 'version']],
  ['hidden from somebody', set(`hidden_from = '{PER-0002}'`), ['hidden from'], ['row', 'version']],
  ['another state', set(`state = 'closed'`), ['state'], ['version']],
];

test('records that nobody spoiled agree, page by page', async () => {
  await risk();
  const [{ n }] = (await owner('select count(*)::int as n from record where organisation = $1', [id])) as [
    { n: number },
  ];
  for (const page of [1, 2, 200]) {
    const looked = await compareRows(t.app, id, { page });
    expect([looked.records, looked.total, looked.found]).toEqual([n, 0, []]);
  }
  expect((await ada.ask('GET', 'my-work')).body.differing).toBeUndefined();
});

test('whatever differs is found, told to whoever keeps the log, and mended by a new version that says why', async () => {
  let mended = 0;
  for (const [what, spoil, differs, keeps] of SPOILED)
    for (const keep of keeps) {
      const ref = await risk();
      const before = (await ada.ask('GET', `risk/${ref}`)).body;
      await spoil(ref);
      const found = await differences();
      expect([found.total, found.items], what).toEqual([
        1,
        [{ ref, register: 'risk', title: 'R', version: 1, differs }],
      ]);
      expect((await ada.ask('GET', 'my-work')).body.differing, what).toEqual(found);
      expect((await bo.ask('GET', 'my-work')).body.differing, what).toBeUndefined();
      if (!keeps.includes('row'))
        expect((await mend(ref, 'row')).body.message, what).toBe('rowCheck.byStepsAlone');
      const done = await mend(ref, keep);
      expect([done.status, done.body.record?.version], `${what}: ${done.text}`).toEqual([200, 2]);
      expect((await differences()).total, what).toBe(0);
      expect((await ada.ask('GET', 'my-work')).body.differing, what).toBeUndefined();
      const after = (await ada.ask('GET', `risk/${ref}`)).body;
      if (keep === 'version')
        expect([after.values, after.links, after.state], what).toEqual([
          before.values,
          before.links,
          before.state,
        ]);
      const { items } = (await ada.ask('GET', `risk/${ref}/versions`)).body;
      expect([items[0].reason, items[0].act, items.length], what).toEqual(['a fault of before', 'edit', 2]);
      mended += 1;
    }
  expect(mended).toBeGreaterThan(12);
  await t.app.sequencer.settle(id);
  await expectWholeLog(t);
});

test('nobody else may ask or mend, nothing that agrees is mended, and a row that counts another version is told alone', async () => {
  const ref = await risk();
  expect((await bo.ask('GET', 'rows/differences')).status).toBe(403);
  expect((await mend(ref, 'row', bo)).status).toBe(403);
  expect((await mend(ref, 'row')).body.message).toBe('rowCheck.agrees');
  expect((await mend('RSK-9999', 'row')).status).toBe(404);
  await set('version = 7')(ref);
  expect((await differences()).items).toMatchObject([{ ref, differs: ['version'] }]);
  for (const keep of ['row', 'version'])
    expect((await mend(ref, keep)).body.message).toBe('rowCheck.noVersion');
  await set('version = 1')(ref);
});

test('what was erased of a version is no difference, and the periodic look tells the output', async () => {
  const ref = await risk();
  await ada.ask('PATCH', `risk/${ref}`, { scenario: 'z', $reason: 'because' });
  await t.app.sequencer.settle(id);
  const body = { kind: 'parts', ref, versions: [2, 2], groups: ['reason'], basis: 'gdpr.17.1.a' };
  await ada.ask('POST', 'erasure', { ...body, reason: 'asked to', password: 'a long enough password' });
  expect((await differences()).total).toBe(0);
  await linkTo(ref, systems[2]!);
  await t.app.rows.look(t.app);
  expect(t.said.at(-1)).toBe('acme: 1 records say otherwise than their newest version; see: aims rows check');
  expect((await ada.ask('GET', 'my-work')).body.differing.total).toBe(1);
});

test('a record that is hidden from whoever asks is counted and not named, and others mend it', async () => {
  const before = (await differences()).total;
  const content = { title: 'C', content: 'x', about: [ada.ref] };
  const { ref } = await given(t, 'concern', content);
  await owner(
    `update record set "values" = "values" || '{"title":"D"}' where organisation = $1 and ref = $2`,
    [id, ref],
  );
  const found = await differences();
  expect(found.total).toBe(before + 1);
  expect(JSON.stringify(found)).not.toContain(ref);
  expect((await mend(ref, 'version')).status).toBe(404);
  const cy = await t.person('Cy', ['topManagement', 'aimsManager']);
  expect((await cy.ask('GET', 'rows/differences')).body.items.map((i: { ref: string }) => i.ref)).toContain(
    ref,
  );
  expect((await mend(ref, 'version', cy)).status).toBe(200);
  expect((await differences()).total).toBe(before);
});
