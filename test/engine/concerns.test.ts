import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeHash, newCode } from '../../src/app/govern/concern-codes.ts';
import { ConcernRelease } from '../../src/app/govern/concern-release.ts';
import { INTERVAL } from '../../src/app/govern/concerns.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { stored } from '../support/arrange.ts';
import { type Answer, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Any = any;

const clock = fixedClock(new Date().toISOString());
let t: TestInstance;
let manager: Visitor;
let raiser: Visitor;
beforeAll(async () => {
  t = await testInstance({ clock });
  // The job of the instance itself must not come between.
  await t.concerns.stop();
  manager = await t.person('Mia Manager', ['aimsManager']);
  raiser = await t.person('Rae Raiser', ['contributor']);
});
afterAll(() => t.close());

const TELLTALE = { 'user-agent': 'telltale-browser/1.0', 'x-forwarded-for': '203.0.113.77' };
const raise = (title: string, content = 'It answers worse to some.'): Promise<Answer> =>
  t.stranger.ask('POST', 'concerns', { title, content }, TELLTALE);
const follow = (code: string) => t.stranger.ask('POST', 'concerns/follow', { code }, TELLTALE);
const write = (code: string, text: string) =>
  t.stranger.ask('POST', 'concerns/message', { code, text }, TELLTALE);
const intervalEnds = () => clock.advance(INTERVAL);
const release = () => new ConcernRelease(t.app).work();
const all = async () =>
  (await manager.ask('GET', 'concern?sort=number&limit=200')).body.items as Record<string, Any>[];

describe('the door', () => {
  test('is closed until somebody of the organisation opens it; closed and absent say the same', async () => {
    expect((await t.stranger.ask('GET', 'concerns/door')).body).toEqual({ open: false });
    const shut = await raise('Too early');
    const absent = await t.stranger.ask('POST', '/api/v1/nowhere/concerns', { title: 'x', content: 'y' });
    expect([shut.status, shut.body.code]).toEqual([404, 'NOT_FOUND']);
    expect([absent.status, absent.body.detail]).toEqual([404, shut.body.detail]);
    const denied = await raiser.ask('POST', 'concerns/door', { open: true });
    expect([denied.status, denied.body.code]).toEqual([403, 'NOT_ALLOWED']);
    expect(denied.body.detail).toContain('AIMS manager');
    const opened = await manager.ask('POST', 'concerns/door', { open: true, reason: 'A.3.3' });
    expect(opened.status, opened.text).toBe(200);
    expect((await manager.ask('GET', `logChange/${opened.body.logChange}`)).body.values.kind).toBe(
      'concernsOpened',
    );
    expect((await t.stranger.ask('GET', 'concerns/door')).body).toEqual({ open: true, organisation: 'acme' });
    expect((await manager.ask('POST', 'concerns/door', { open: true })).body.code).toBe('CONFLICT');
  });
});

describe('without a name', () => {
  const codes: string[] = [];

  test('what was said is durable when the code is answered, and in no register before its interval is over', async () => {
    const before = await stored(t);
    for (const title of ['First of three', 'Second of three', 'Third of three']) {
      const a = await raise(title);
      expect(a.status, a.text).toBe(200);
      expect(Object.keys(a.body).sort()).toEqual(['code', 'enteredAfter']);
      codes.push(a.body.code);
      clock.advance(1_000);
    }
    await release();
    expect(await stored(t)).toEqual(before);
    expect((await follow(codes[0]!)).body).toMatchObject({
      state: 'waiting',
      title: 'First of three',
      messages: [],
    });
    const [row] = await t.app.db.asOwner({ text: 'select count(*)::int as n from waiting_word' });
    expect(row!.n).toBe(3);
  });

  test('they are entered together: one time, no person, no order; once, whoever does it', async () => {
    intervalEnds();
    const before = await stored(t);
    // Two processes at the same moment: one enters, the other leaves nothing.
    const done = await Promise.allSettled([release(), release()]);
    expect(done.filter((d) => d.status === 'fulfilled').length).toBeGreaterThan(0);
    await release();
    const after = await stored(t);
    expect(after.records! - before.records!).toBe(3);
    expect(after.leaves! - before.leaves!).toBe(3);
    const made = await all();
    expect(made.map((c) => c.title).sort()).toEqual(['First of three', 'Second of three', 'Third of three']);
    expect(new Set(made.map((c) => c.createdAt)).size).toBe(1);
    expect(made.map((c) => [c.createdBy, c.values.anonymous, c.values.from])).toEqual(
      Array(3).fill(['anonymous', true, undefined]),
    );
    const [v] = (await manager.ask('GET', `concern/${made[0]!.ref}/versions`)).body.items;
    expect([v.actor.ref, v.as]).toEqual(['anonymous', 'anonymous']);
    const [order] = await t.app.db.asOwner({
      text: `select array_agg(c.code_hash order by r.number) = array_agg(c.code_hash order by c.code_hash) as random
        from concern_code c join record r on r.id = c.concern`,
    });
    expect(order!.random).toBe(true);
    expect((await t.app.db.asOwner({ text: 'select 1 from waiting_word' })).length).toBe(0);
  });

  test('nothing of whoever wrote is in any table', async () => {
    const tables = await t.app.db.asOwner({
      text: `select table_schema as s, table_name as n from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
    });
    let looked = 0;
    for (const { s, n } of tables) {
      const [found] = await t.app.db.asOwner({
        text: `select count(*)::int as n from "${String(s)}"."${String(n)}" x where x::text like '%telltale%' or x::text like '%203.0.113.77%'`,
      });
      expect(found!.n, String(n)).toBe(0);
      looked += 1;
    }
    expect(looked).toBeGreaterThan(20);
    const [code] = await t.app.db.asOwner({
      text: `select count(*)::int as n from concern_code where code_hash = $1`,
      values: [codes[0]],
    });
    expect(code!.n).toBe(0);
  });

  test('both sides write; what comes without a name waits again; the answer is read by the code', async () => {
    const ref = (await all()).find((c) => c.title === 'Second of three')!.ref;
    const code = codes[1]!;
    const reply = await manager.ask('POST', `concern/${ref}/reply`, { text: 'Which answers do you mean?' });
    expect(reply.status, reply.text).toBe(200);
    expect((await follow(code.toLowerCase().replaceAll('-', ' '))).body.messages).toEqual([
      { from: 'handler', text: 'Which answers do you mean?' },
    ]);
    expect((await write(code, 'Those about loans.')).status).toBe(200);
    expect((await write(code, 'And about rent.')).status).toBe(200);
    expect((await follow(code)).body.messages.map((m: Any) => [m.text, m.waiting])).toEqual([
      ['Which answers do you mean?', undefined],
      ['Those about loans.', true],
      ['And about rent.', true],
    ]);
    expect((await manager.ask('GET', `concern/${ref}`)).body.values.messages).toHaveLength(1);
    intervalEnds();
    await release();
    const page = (await manager.ask('GET', `concern/${ref}`)).body;
    expect(page.values.messages.map((m: Any) => m.from)).toEqual(['handler', 'raiser', 'raiser']);
    expect(page.updatedBy).toBe('anonymous');
    await manager.ask('PATCH', `concern/${ref}`, { answer: 'A draft.' });
    expect((await follow(code)).body.answer).toBeUndefined();
    const examine = await manager.ask('POST', `concern/${ref}/examine`, { values: { owner: manager.ref } });
    expect(examine.status, examine.text).toBe(200);
    const answered = await manager.ask('POST', `concern/${ref}/answer`, {
      values: { examination: 'We looked at 40 answers.', answer: 'You were right; it is mended.' },
    });
    expect(answered.status, answered.text).toBe(200);
    expect((await follow(code)).body).toMatchObject({
      state: 'answered',
      answer: 'You were right; it is mended.',
    });
  });

  test('somebody who handles it at the same moment makes the batch wait, not be lost', async () => {
    const made = await all();
    const ref = made.find((c) => c.title === 'Third of three')!.ref;
    expect((await write(codes[2]!, 'One more thing.')).status).toBe(200);
    intervalEnds();
    const job = new ConcernRelease({
      ...t.app,
      sequencer: Object.assign(Object.create(t.app.sequencer), { demandOpen: () => undefined }),
      db: new Proxy(t.app.db, {
        get(db, name) {
          if (name !== 'run') return Reflect.get(db, name, db);
          return async (o: number, s: { text: string }[]) => {
            // Between reading and writing, somebody else changes the record.
            if (s.some((x) => x.text.includes('write_records')))
              await manager.ask('POST', `concern/${ref}/reply`, { text: 'Meanwhile.' });
            return db.run(o, s);
          };
        },
      }),
    });
    await expect(job.work()).rejects.toThrow(/changed by somebody else/);
    expect((await follow(codes[2]!)).body.messages.at(-1)).toMatchObject({
      text: 'One more thing.',
      waiting: true,
    });
    await release();
    expect((await follow(codes[2]!)).body.messages.map((m: Any) => m.text)).toEqual([
      'Meanwhile.',
      'One more thing.',
    ]);
  });

  test('hostile words are refused by name and leave nothing', async () => {
    const before = await t.app.db.asOwner({ text: 'select count(*)::int as n from waiting_word' });
    const cases: [unknown, string][] = [
      [{ title: ' ', content: 'x' }, '/title'],
      [{ title: 'two\nlines', content: 'x' }, '/title'],
      [{ title: 'x'.repeat(201), content: 'x' }, '/title'],
      [{ title: 'x', content: 'x'.repeat(20_001) }, '/content'],
      [{ title: 'x', content: 'nul \u0000' }, '/content'],
      [{ title: 'x', content: 'half \ud800' }, '/content'],
      [{ title: 'x', content: 'x', about: ['PSN-0001'] }, '/about'],
      [{ title: 'x', content: 'x', owner: 'PSN-0001' }, '/owner'],
      [{}, '/title'],
    ];
    for (const [body, path] of cases) {
      const a = await t.stranger.ask('POST', 'concerns', body);
      expect(
        [a.status, a.body.problems?.[0]?.path],
        `${JSON.stringify(body).slice(0, 60)}: ${a.text}`,
      ).toEqual([
        a.body.code === 'BAD_JSON' ? 400 : 422,
        a.body.code === 'BAD_JSON' ? a.body.problems?.[0]?.path : path,
      ]);
    }
    expect(
      (await t.stranger.ask('POST', 'concerns', { title: 'x', content: 'é'.repeat(90_000) })).status,
    ).toBe(413);
    expect((await write(codes[0]!, 'x'.repeat(2_001))).status).toBe(422);
    expect(await t.app.db.asOwner({ text: 'select count(*)::int as n from waiting_word' })).toEqual(before);
  });

  test('a wrong code says the same everywhere, whatever it is', async () => {
    const answers = [];
    for (const code of ['', 'x', codes[0]!.slice(1), newCode(systemRandom), "' or 1=1 --", 'Ü'.repeat(26)]) {
      for (const a of [await follow(code), await write(code, 'x')]) answers.push([a.status, a.body.detail]);
    }
    const elsewhere = await t.stranger.ask('POST', '/api/v1/nowhere/concerns/follow', { code: codes[0] });
    answers.push([elsewhere.status, elsewhere.body.detail]);
    expect(new Set(answers.map((a) => JSON.stringify(a))).size).toBe(1);
    expect(answers[0]![0]).toBe(404);
  });

  test('a code of another organisation opens nothing here', async () => {
    const other = await t.newOrganisation('globex');
    const a = await t.stranger.ask('POST', `/api/v1/${other.slug}/concerns/follow`, { code: codes[0] });
    expect(a.status).toBe(404);
  });

  test('the door takes only so many in an hour, whoever they come from', async () => {
    let refused = 0;
    for (let i = 0; i < 70; i++) if ((await raise(`Flood ${i}`)).status === 429) refused += 1;
    expect(refused).toBeGreaterThan(0);
    // Those who follow one are not shut out with it.
    expect((await follow(codes[0]!)).status).toBe(200);
    clock.advance(3_600_001);
    expect((await raise('After the flood')).status).toBe(200);
    intervalEnds();
    await release();
    expect((await all()).some((c) => c.title === 'After the flood')).toBe(true);
  });
});

describe('with a name', () => {
  test('whoever raised it follows it by a code, although they may not read the register', async () => {
    const made = await raiser.ask('POST', 'concern', { title: 'By name', content: 'Look at this.' });
    expect(made.status, made.text).toBe(201);
    expect((await raiser.ask('GET', `concern/${made.body.ref}`)).status).toBe(403);
    const a = await raiser.ask('POST', `concern/${made.body.ref}/code`);
    expect(a.status, a.text).toBe(200);
    expect((await follow(a.body.code)).body).toMatchObject({ state: 'received', title: 'By name' });
    const other = await t.person('Otto Other', ['contributor']);
    const denied = await other.ask('POST', `concern/${made.body.ref}/code`);
    const absent = await other.ask('POST', 'concern/CON-9999/code');
    expect([denied.status, absent.status]).toEqual([404, 404]);
    expect((await manager.ask('POST', `concern/${made.body.ref}/code`)).body.code).toBe('NOT_ALLOWED');
    await manager.ask('POST', `concern/${made.body.ref}/reply`, { text: 'Thank you.' });
    expect((await follow(a.body.code)).body.messages).toEqual([{ from: 'handler', text: 'Thank you.' }]);
  });

  test('nobody raises or reshapes one about themselves, nor handles one that is about them', async () => {
    const own = await raiser.ask('POST', 'concern', { title: 'x', content: 'y', about: [raiser.ref] });
    expect([own.status, own.body.code], own.text).toEqual([403, 'OWN_WORK']);
    const made = await raiser.ask('POST', 'concern', { title: 'Z', content: 'y' });
    const self = await manager.ask('PATCH', `concern/${made.body.ref}`, { about: [manager.ref] });
    expect([self.status, self.body.code], self.text).toEqual([403, 'OWN_WORK']);
    const handler = await manager.ask('PATCH', `concern/${made.body.ref}`, {
      about: [raiser.ref],
      owner: raiser.ref,
    });
    expect([handler.status, handler.body.problems[0].path], handler.text).toEqual([422, '/owner']);
  });
});

test('a code is read again as it may be written down', () => {
  const code = newCode(systemRandom);
  const hash = codeHash(code);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(codeHash(code.toLowerCase().replaceAll('-', ''))).toBe(hash);
  expect(codeHash(code.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(hash);
  expect(codeHash(`${code}A`)).toBeUndefined();
});
