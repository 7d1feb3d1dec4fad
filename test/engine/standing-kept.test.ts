import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Register } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { decisionPlace } from '../../src/store/authority/decisions.ts';
import type { Statement } from '../../src/store/db/database.ts';
import { keepStanding } from '../../src/store/standing/keeping.ts';
import { backRows, keptStates } from '../../src/store/standing/standing.ts';
import { standing } from '../support/arrange.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import {
  allKept,
  dayOf,
  decided,
  forgetKept,
  keptNow,
  rewritten,
  standingStatement,
  standingWork,
  type Viewer,
} from '../support/kept-standing.ts';

/** What states stand on is kept behind the log. Whoever reads it gets what computing it all from nothing gives, at every moment. */

let t: TestInstance;
let ada: Visitor;
let viewer: Viewer;
let seed = 0;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'designatedManagement']);
  viewer = { ref: ada.ref, roles: ['topManagement', 'aimsManager', 'designatedManagement'] };
  // Nothing is kept here but when a test says so.
  await t.standings.stop();
  await settled();
});
afterAll(() => t.close());

const explained = (s: Statement): Statement => ({
  text: `explain (analyze, buffers, format json) ${s.text}`,
  values: s.values,
});

const id = () => t.organisation.id;
async function settled(): Promise<void> {
  await t.app.sequencer.settle(id());
  expect(await t.standings.settle(id())).toBe(true);
}

async function put(register: string, state: string, more: Record<string, unknown> = {}): Promise<string> {
  seed += 1;
  const r = registry.get(register);
  return standing(t, r, state, seed, { more: { ...(r.fields.owner ? { owner: ada.ref } : {}), ...more } });
}

/** What my work says of a record, checked against computing it: `undefined` where there is nothing to say. */
async function said(ref: string, today?: string): Promise<unknown> {
  return (await standingWork(t, viewer, today)).find((r) => r.ref === ref)?.standing;
}

/** Told at once, while entries wait; when they have their place; and when what is kept came to them. */
async function saidThroughout(ref: string): Promise<unknown> {
  const first = await said(ref);
  expect((await keptNow(t)).touched).toBeGreaterThan(0);
  await t.app.sequencer.settle(id());
  expect(await said(ref)).toBe(first);
  expect((await keptNow(t)).touched).toBeGreaterThan(0);
  await settled();
  expect(await keptNow(t)).toEqual({ read: true, touched: 0 });
  expect(await said(ref)).toBe(first);
  return first;
}

/** A text of the record that decisions are about. */
const material = (r: Register): string =>
  Object.entries(r.fields).find(([, f]) => f.kind === 'text' && f.material && !f.engine)![0];

interface Back {
  of: string;
  register: string;
  link: string;
  back: string | null;
}
const backs = backRows(registry) as Back[];
const resting = backs.filter((b) => keptStates(registry.get(b.register)).length > 0);

test('what decisions cover, registers that rest on decisions cover straight and by ways back', () => {
  expect(resting.length).toBeGreaterThan(6);
  expect(new Set(resting.map((b) => b.back === null)).size).toBe(2);
});

describe.each(
  resting.map((b) => [`${b.register}.${b.link}${b.back ? ` by ${b.of}.${b.back}` : ''}`, b] as const),
)('a decision by %s', (_, b) => {
  const register = registry.get(b.register);
  const of = registry.get(b.of);
  const through = register.links[b.link]!.to;
  const cover = register.covers.find(
    (c) => c.link === b.link && (c.inverse === undefined) === (b.back === null),
  )!;
  const kind = Object.fromEntries(Object.entries(cover.where ?? {}).map(([f, [first]]) => [f, first]));
  const stateOf = cover.states?.[0] ?? of.states[0]!;
  let subject = '';
  let middle = '';
  let covered = '';

  beforeEach(async () => {
    if (b.back) {
      middle = await put(through, registry.get(through).states[0]!);
      covered = await put(b.of, stateOf, { ...kind, [b.back]: [middle] });
      subject = await put(b.register, keptStates(register)[0]!, { [b.link]: [middle] });
    } else {
      covered = await put(b.of, stateOf);
      subject = await put(b.register, keptStates(register)[0]!, { [b.link]: [covered] });
    }
    await decided(t, subject);
    await settled();
    expect(await said(subject)).toBeUndefined();
  });

  test('is about what is covered, as it is and as long as it is', async () => {
    const name = material(of);
    expect(await rewritten(t, covered, { values: { [name]: 'other' } })).toBe(true);
    expect(await saidThroughout(subject)).toBe('stale');
    await decided(t, subject);
    expect(await saidThroughout(subject)).toBeUndefined();
    // In another state it is not what it was.
    if (cover.states) {
      await rewritten(t, covered, { state: of.states.find((s) => !cover.states!.includes(s))! });
      expect(await saidThroughout(subject)).toBe('stale');
      await rewritten(t, covered, { state: stateOf });
      expect(await saidThroughout(subject)).toBeUndefined();
    }
    for (const [field, among] of Object.entries(cover.where ?? {})) {
      const { options } = of.fields[field]!;
      await rewritten(t, covered, { values: { [field]: options!.find((o) => !among.includes(o))! } });
      expect(await saidThroughout(subject)).toBe('stale');
    }
  });

  test('is about no other, once links lead elsewhere', async () => {
    if (b.back) {
      // Nothing leads from what was covered to the decision any more.
      const other = await put(through, registry.get(through).states[0]!);
      await rewritten(t, covered, { links: { [b.back]: [other] } });
      expect(await saidThroughout(subject)).toBe('stale');
      await rewritten(t, covered, { links: { [b.back]: [] } });
      await rewritten(t, covered, { links: { [b.back]: [other, middle] } });
      expect(await saidThroughout(subject)).toBeUndefined();
      await put(b.of, stateOf, { ...kind, [b.back]: [middle] });
      expect(await saidThroughout(subject)).toBe('stale');
    } else {
      await rewritten(t, subject, { links: { [b.link]: [await put(b.of, stateOf)] } });
      expect(await saidThroughout(subject)).toBe('stale');
    }
  });
});

test('the record itself, and every decision on it, are told at once', async () => {
  const ref = await put('process', 'approved');
  expect(await saidThroughout(ref)).toBe('stale');
  await decided(t, ref, { until: dayOf(t, 20), manner: 'alone' });
  expect(await saidThroughout(ref)).toBe('alone');
  await decided(t, ref, { until: dayOf(t, 10) });
  expect(await saidThroughout(ref)).toBe('current');
  await decided(t, ref);
  expect(await saidThroughout(ref)).toBeUndefined();
  await rewritten(t, ref, { values: { [material(registry.get('process'))]: 'other' } });
  expect(await saidThroughout(ref)).toBe('stale');
  await rewritten(t, ref, { state: 'draft' });
  expect(await saidThroughout(ref)).toBeUndefined();
  await decided(t, ref, { old: true });
  await rewritten(t, ref, { state: 'approved' });
  expect(await saidThroughout(ref)).toBeUndefined();
});

test('days pass, and nothing is written', async () => {
  const ref = await put('process', 'approved');
  await decided(t, ref, { until: dayOf(t, 50) });
  await decided(t, ref, { until: dayOf(t, 90), manner: 'alone' });
  await settled();
  const on: [number, unknown][] = [];
  for (const days of [0, 19, 20, 49, 50, 70, 89, 90, 400]) on.push([days, await said(ref, dayOf(t, days))]);
  expect(on).toEqual([
    [0, undefined],
    [19, undefined],
    [20, undefined],
    [49, undefined],
    [50, 'alone'],
    [70, 'alone'],
    [89, 'alone'],
    [90, 'ended'],
    [400, 'ended'],
  ]);
  expect(await keptNow(t)).toEqual({ read: true, touched: 0 });
});

describe('what is kept is read only where it holds', () => {
  let ref = '';
  beforeEach(async () => {
    ref = await put('process', 'approved');
    await decided(t, ref);
    await settled();
    const before = await allKept(t);
    // Were it read all the same, it would be seen.
    await t.app.db.asOwner({
      text: `update standing k set counts_until = case when counts_until is null then 'infinity' end where organisation = $1`,
      values: [id()],
    });
    expect(await allKept(t)).not.toEqual(before);
  });
  afterEach(async () => {
    await settled();
    const found = await allKept(t);
    await forgetKept(t);
    await settled();
    expect(found).toEqual(await allKept(t));
    expect(await keptNow(t)).toEqual({ read: true, touched: 0 });
    expect(await said(ref)).toBeUndefined();
  });

  test.each([
    ['never found', 'delete from standing_head where organisation = $1'],
    ['found by other rules', `update standing_head set rules = 'others' where organisation = $1`],
    [
      'not all found yet',
      `update standing_head set upto = '00000000-0000-0000-0000-000000000000' where organisation = $1`,
    ],
    ['ahead of a log that was restored', 'update standing_head set size = size + 1 where organisation = $1'],
    ['of a log after this one', 'update standing_head set log = log + 1 where organisation = $1'],
    [
      'of another history of the same length',
      `update standing_head set leaf = sha256(leaf) where organisation = $1`,
    ],
  ])('%s', async (what, text) => {
    expect((await keptNow(t)).read).toBe(true);
    await t.app.db.asOwner({ text, values: [id()] });
    expect((await keptNow(t)).read).toBe(false);
    expect(await said(ref)).toBeUndefined();
    // All is found anew from there on.
    if (what === 'not all found yet') await settled();
  });
});

test('who keeps and is broken off leaves nothing that is not done again', async () => {
  const system = await put('aiSystem', 'proposed');
  const refs: string[] = [];
  for (let i = 0; i < 3; i++) {
    refs.push(await put('risk', 'accepted', { systems: [system] }));
    await decided(t, refs[i]!, { kind: 'accept' });
  }
  await settled();
  const part = await put('component', 'current', { kind: 'model', systems: [system] });
  await t.app.sequencer.settle(id());
  const place = decisionPlace(t.app);
  const steps = (ended?: () => boolean) => (query: Parameters<typeof keepStanding>[0]) =>
    keepStanding(query, t.app.registry, place, ended);
  // Between keeping and commit.
  await expect(
    t.app.db.converse(id(), async (query) => {
      await steps()(query);
      throw new Error('killed');
    }),
  ).rejects.toThrow('killed');
  for (const ref of refs) expect(await said(ref)).toBe('stale');
  // Between two batches: what was kept by then is newer than the head says.
  await t.app.db.converse(
    id(),
    steps(() => true),
  );
  expect((await keptNow(t)).touched).toBeGreaterThan(0);
  for (const ref of refs) expect(await said(ref)).toBe('stale');
  await rewritten(t, part, { links: { systems: [] } });
  for (const ref of refs) expect(await said(ref)).toBeUndefined();
  await settled();
  for (const ref of refs) expect(await said(ref)).toBeUndefined();
});

test('two keep at once: one does, the other leaves it alone, and nothing waits', async () => {
  await put('process', 'approved');
  await t.app.sequencer.settle(id());
  const place = decisionPlace(t.app);
  const keep = (query: Parameters<typeof keepStanding>[0]) => keepStanding(query, t.app.registry, place);
  await t.app.db.converse(id(), async (query) => {
    expect(await keep(query)).toBe('more');
    expect(await t.app.db.converse(id(), keep)).toBe('busy');
    expect(await t.standings.settle(id())).toBe(false);
    // Writers and readers take no part in it.
    const ref = await put('process', 'approved');
    expect(await said(ref)).toBe('stale');
  });
  await settled();
});

test('links that were erased before anybody looked at them: all is found anew', async () => {
  const [one, two] = [await put('aiSystem', 'proposed'), await put('aiSystem', 'proposed')];
  const part = await put('component', 'current', { kind: 'model', systems: [one] });
  const ref = await put('risk', 'accepted', { systems: [one] });
  await decided(t, ref, { kind: 'accept' });
  await settled();
  await rewritten(t, part, { links: { systems: [two] } });
  const erased = await ada.ask('POST', 'erasure', {
    kind: 'parts',
    ref: part,
    versions: [1, 1],
    groups: ['links'],
    basis: 'gdpr.17.1.a',
    reason: 'asked',
    password: PASSWORD,
  });
  expect(erased.status, erased.text).toBe(200);
  expect(await said(ref)).toBe('stale');
  expect((await keptNow(t)).read).toBe(false);
  await settled();
  expect(await said(ref)).toBe('stale');
  expect((await keptNow(t)).read).toBe(true);
});

test('in a new log it goes on where it was', async () => {
  const ref = await put('process', 'approved');
  await decided(t, ref);
  await settled();
  const made = await ada.ask('POST', 'log/new', { because: 'compromised', reason: 'x', password: PASSWORD });
  expect(made.status, made.text).toBe(200);
  expect((await keptNow(t)).read).toBe(true);
  await rewritten(t, ref, { values: { [material(registry.get('process'))]: 'other' } });
  expect(await saidThroughout(ref)).toBe('stale');
  const [head] = await t.app.db.asOwner({
    text: 'select log from standing_head where organisation = $1',
    values: [id()],
  });
  expect(head!.log).toBe(2);
});

test('what is kept is seen within its organisation alone', async () => {
  const beta = await t.newOrganisation('beta');
  await put('process', 'approved');
  await settled();
  await t.app.sequencer.settle(beta.id);
  expect(await t.standings.settle(beta.id)).toBe(true);
  for (const table of ['standing', 'standing_head']) {
    const seen = async (organisation: number) =>
      (await t.app.db.run(organisation, [{ text: `select distinct organisation from ${table}` }]))[0]!.map(
        (r) => r.organisation,
      );
    expect(await seen(id()), table).toEqual([id()]);
    expect(await seen(beta.id), table).toEqual(table === 'standing' ? [] : [beta.id]);
  }
});

test('more entries than anybody waits for: computed as if nothing were kept, until it has come to them', async () => {
  const ref = await put('process', 'approved');
  await decided(t, ref);
  await settled();
  await rewritten(t, ref, { values: { [material(registry.get('process'))]: 'other' } });
  await t.app.db.asOwner({
    text: `insert into outbox (organisation, entry, record_id, version)
      select $1, (select entry from leaf where organisation = $1 and record_id is not null limit 1), gen_random_uuid(), 1 from generate_series(1, 2001)`,
    values: [id()],
  });
  expect((await keptNow(t)).read).toBe(false);
  expect(await said(ref)).toBe('stale');
  await settled();
  expect(await keptNow(t)).toEqual({ read: true, touched: 0 });
  expect(await said(ref)).toBe('stale');
});

test('reading it costs the same however many records rest on decisions that count', async () => {
  const read = async () => {
    await settled();
    // Nothing of what other tests left is told, and what was deleted of entries that waited is in the way of nobody.
    await t.app.db.asOwner({ text: `update standing set counts_until = 'infinity'` });
    await t.app.db.asOwner({ text: 'vacuum outbox, log, standing, standing_head' });
    const [rows] = await t.app.db.as(ada.ref).run(id(), [explained(standingStatement(t, viewer).kept)]);
    const [{ Plan: plan }] = rows![0]!['QUERY PLAN'] as [{ Plan: Record<string, number> }];
    return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
  };
  const before = await read();
  for (let i = 0; i < 40; i++) {
    const ref = await put('process', 'approved');
    await decided(t, ref);
  }
  // Each of them takes some fifteen blocks to compute.
  expect((await read()) - before).toBeLessThan(100);
});
