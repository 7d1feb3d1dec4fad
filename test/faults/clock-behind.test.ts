import { afterAll, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { stored } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { waysToWrite } from '../support/ways-to-write.ts';

/** A clock that was set back: time never runs backwards in an organisation's log, whatever writes. */

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** How far the clock is off (ms); it goes on meanwhile. */
let off = 0;
const clock = { now: () => new Date(Date.now() + off) };
let t: TestInstance;
let ada: Visitor;
let dan: Visitor;
let other: Visitor;
beforeAll(async () => {
  off = -3 * DAY;
  t = await testInstance({ clock });
  const elsewhere = await t.newOrganisation('elsewhere');
  other = await t.person('Olga', ['topManagement', 'aimsManager'], elsewhere);
  // By itself a day that begins leaves an entry too.
  await t.app.sequencer.settle(elsewhere.id);
  await t.quiet();
  off = 0;
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  dan = await t.person('Dan', ['designatedManagement']);
});
afterAll(() => t.close());

const create = (who: Visitor, name = 'A') =>
  who.ask('POST', 'aiSystem', { name, purpose: 'p', owner: who.ref });

/** Times of the log's entries in their order, those that wait at the end. */
async function timesInLog(): Promise<string[]> {
  await t.app.sequencer.settle(t.organisation.id);
  const rows = await t.app.db.asOwner({
    text: `select convert_from(entry, 'UTF8')::jsonb->>'at' as at from leaf where organisation = $1 order by log, index`,
    values: [t.organisation.id],
  });
  return rows.map((r) => r.at as string);
}

async function expectInOrder(): Promise<void> {
  const times = await timesInLog();
  expect(times.length).toBeGreaterThan(10);
  // What came at the same moment may stand in either order.
  let newest = 0;
  const back = times.filter((at) => {
    const here = Date.parse(at);
    newest = Math.max(newest, here);
    return here < newest - 250;
  });
  expect(back).toEqual([]);
}

test.each([
  ['two days', -2 * DAY, /2 days later/],
  ['an hour', -HOUR, /1 hour later/],
])(
  'set back %s: nothing is written, and it is said why; everything is read, and others go on',
  async (_, by, said) => {
    off = 0;
    const before = (await create(ada)).body;
    const rows = await stored(t);
    off = by;
    const refused = await create(ada, 'B');
    expect([refused.status, refused.body.code]).toEqual([503, 'CLOCK_BEHIND']);
    expect(refused.body.detail).toMatch(said);
    expect(refused.body.detail).toContain(`newest entry of the log is of ${before.updatedAt}`);
    expect(refused.body.detail).toContain('Set the clock right');
    const edited = await ada.ask('PATCH', `aiSystem/${before.ref}`, { purpose: 'q' });
    expect(edited.body.code).toBe('CLOCK_BEHIND');
    expect(await stored(t)).toEqual(rows);
    expect((await ada.ask('GET', `aiSystem/${before.ref}`)).body.values.purpose).toBe('p');
    expect((await ada.ask('GET', 'aiSystem')).status).toBe(200);
    const health = await t.stranger.ask('GET', '/healthz');
    expect([health.status, health.body.problem]).toEqual([503, expect.stringMatching(said)]);
    // Three days behind when it was made, it has nothing of later.
    expect((await create(other)).status).toBe(201);
    off = 0;
    expect((await t.stranger.ask('GET', '/healthz')).status).toBe(200);
    expect((await ada.ask('PATCH', `aiSystem/${before.ref}`, { purpose: 'q' })).status).toBe(200);
  },
);

test('every way to write is refused an hour back, and dated by the newest entry five seconds back', async () => {
  off = 0;
  const ways = await waysToWrite(t, ada, dan);
  off = -HOUR;
  const rows = await stored(t);
  for (const [what, act] of ways) {
    const answer = await act();
    expect([what, answer.status, answer.body.code], answer.text).toEqual([what, 503, 'CLOCK_BEHIND']);
  }
  expect(await stored(t)).toEqual(rows);
  off = -5 * SECOND;
  for (const [what, act] of ways) {
    const answer = await act();
    expect([what, answer.status], answer.text).toEqual([what, expect.toBeOneOf([200, 201])]);
  }
  expect(ways.length).toBeGreaterThan(10);
  await expectInOrder();
});

test('a write that follows the newest entry answers the time that its row and its entry have', async () => {
  off = 0;
  const { ref, updatedAt } = (await create(ada)).body;
  off = -5 * SECOND;
  const edited = (await ada.ask('PATCH', `aiSystem/${ref}`, { purpose: 'q' })).body;
  expect(edited.updatedAt).toBe(updatedAt);
  await t.app.sequencer.settle(t.organisation.id);
  const { items } = (await ada.ask('GET', `aiSystem/${ref}/versions`)).body;
  expect(items.map((v: { at: string }) => v.at)).toEqual([updatedAt, updatedAt]);
  const { entry } = (await ada.ask('GET', `aiSystem/${ref}/proof`)).body;
  expect(JSON.parse(Buffer.from(entry, 'base64').toString('utf8')).at).toBe(updatedAt);
});

test('ten at once on a clock that trembles: none is refused, and no version is before the one it follows', async () => {
  off = 0;
  const refs = await Promise.all([...Array(10)].map(async (_, i) => (await create(ada, `W${i}`)).body.ref));
  let seed = 7;
  const trembling = t.app.clock as { now(): Date };
  const plain = trembling.now;
  trembling.now = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return new Date(Date.now() - (seed % 3_000));
  };
  try {
    const answers = await Promise.all(
      refs.map(async (ref) => {
        const out: number[] = [];
        for (let n = 0; n < 4; n++) {
          out.push((await ada.ask('PATCH', `aiSystem/${ref}`, { purpose: `p${n}` })).status);
          out.push((await create(ada, `${ref} ${n}`)).status);
        }
        return out;
      }),
    );
    expect(answers.flat().filter((s) => s !== 200 && s !== 201)).toEqual([]);
    expect(answers.flat()).toHaveLength(80);
  } finally {
    trembling.now = plain;
  }
  const backwards = await t.app.db.asOwner({
    text: `select v.record_id from version v join version w using (organisation, record_id) where w.version = v.version + 1 and w.at < v.at`,
  });
  expect(backwards).toEqual([]);
});

test('entries that wait when the clock is set back get their place, at no earlier time; a server that starts then says so', async () => {
  off = 0;
  await t.app.sequencer.settle(t.organisation.id);
  await given(t, 'aiSystem', { name: 'Waits', purpose: 'p', owner: ada.ref });
  off = -2 * DAY;
  await expectInOrder();
  const [waiting] = await t.app.db.asOwner({
    text: 'select count(*)::int as n from outbox where organisation = $1',
    values: [t.organisation.id],
  });
  expect(waiting!.n).toBe(0);
  const checkpoints = await t.app.db.asOwner({
    text: 'select at from checkpoint where organisation = $1 order by log, size',
    values: [t.organisation.id],
  });
  const times = checkpoints.map((c) => (c.at as Date).toISOString());
  expect(times).toEqual(times.toSorted());
  const started = await t.again(registry);
  try {
    expect(t.said.filter((line) => /^acme: .*2 days later.*Nothing is stored/.test(line))).toHaveLength(1);
    const there = started.as(ada);
    expect((await there.ask('GET', 'aiSystem')).status).toBe(200);
    expect((await create(there)).body.code).toBe('CLOCK_BEHIND');
  } finally {
    await started.close();
  }
});
