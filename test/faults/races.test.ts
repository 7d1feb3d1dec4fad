import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer } from '../../src/api/server.ts';
import { type Answer, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** So many at the same moment. */
const AT_ONCE = 8;
const race = <T>(one: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, i) => one(i)));
const codes = (answers: Answer[]) => answers.map((a) => a.status).sort();
const won = (answers: Answer[]) => answers.filter((a) => a.status < 300);

let t: TestInstance;
let ada: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
});
afterAll(() => t.close());

const count = async (text: string, values: unknown[] = []) =>
  (await t.app.db.asOwner({ text: `select count(*)::int as n ${text}`, values }))[0]!.n as number;

test.each([
  ['under names of their own', (i: number) => `Firm ${i}`],
  ['under one name', () => 'One Firm'],
])(
  'the link of the first run, used by many at once %s, makes one organisation with one member',
  async (_how, name) => {
    const fresh = await testInstance();
    try {
      const server = await createServer({
        app: fresh.app,
        version: 'test',
        firstRunToken: (token) => token === 'the token',
      });
      const before = (await fresh.app.db.asOwner({ text: 'select count(*)::int as n from organisation' }))[0]!
        .n as number;
      const setup = (i: number) =>
        server.inject({
          method: 'POST',
          url: '/api/v1/setup',
          payload: {
            token: 'the token',
            name: `P ${i}`,
            email: `p${i}@firm.example`,
            password: PASSWORD,
            organisation: name(i),
          },
        });
      const answers = await race(setup);
      const status = answers.map((a) => a.statusCode).sort();
      expect(status, answers.map((a) => a.body).join('\n')).toEqual([201, ...Array(AT_ONCE - 1).fill(409)]);
      const [after] = await fresh.app.db.asOwner({
        text: `select (select count(*)::int from organisation) as organisations, (select count(*)::int from membership) as members,
        (select count(*)::int from record where register = 'person') as people`,
      });
      expect(after).toEqual({ organisations: before + 1, members: 1, people: 1 });
      expect((await setup(99)).statusCode).toBe(409);
      await server.close();
    } finally {
      await fresh.close();
    }
  },
);

test('a first run that was broken off goes on with its organisation, and begins no other', async () => {
  const fresh = await testInstance();
  try {
    const server = await createServer({ app: fresh.app, version: 'test', firstRunToken: () => true });
    const body = {
      token: 'x',
      name: 'P',
      email: 'p@firm.example',
      password: PASSWORD,
      organisation: 'Begun',
    };
    const identity = fresh.app.identity;
    const membership = identity.membership;
    Object.assign(identity, { membership: () => ({ text: 'select 1 / 0', values: [] }) });
    const ask = (payload: object) => server.inject({ method: 'POST', url: '/api/v1/setup', payload });
    expect((await ask(body)).statusCode).toBeGreaterThanOrEqual(400);
    Object.assign(identity, { membership });
    const other = await ask({ ...body, organisation: 'Another' });
    expect([other.statusCode, other.json().code, other.json().detail]).toEqual([
      409,
      'CONFLICT',
      expect.stringContaining('begun'),
    ]);
    expect((await ask(body)).statusCode).toBe(201);
    const slugs = await fresh.app.db.asOwner({ text: 'select slug from organisation order by slug' });
    expect(slugs.map((r) => r.slug)).toEqual(['acme', 'begun']);
    await server.close();
  } finally {
    await fresh.close();
  }
});

test('an invitation is accepted once', async () => {
  const bob = await ada.ask('POST', 'person', { name: 'Bob', email: 'bob@acme.example', roles: ['reader'] });
  const invited = await ada.ask('POST', `person/${bob.body.ref}/invite`, {});
  const token = /token=(\S+)/.exec(invited.body.invitation.link)![1];
  const answers = await race(() =>
    t.stranger.ask('POST', '/api/v1/invitations/accept', { token, password: PASSWORD }),
  );
  expect(won(answers).length, answers.map((a) => a.text).join('\n')).toBe(1);
  for (const a of answers) expect(a.status).toBeLessThan(500);
  expect(await count('from membership where person_ref = $1', [bob.body.ref])).toBe(1);
  expect(
    await count(
      `from version v join record r on r.id = v.record_id where r.ref = $1 and v.transition = 'join'`,
      [bob.body.ref],
    ),
  ).toBe(1);
});

test('of many invitations of one person at once, one link works', async () => {
  const cid = await ada.ask('POST', 'person', { name: 'Cid', email: 'cid@acme.example', roles: ['reader'] });
  const answers = await race(() => ada.ask('POST', `person/${cid.body.ref}/invite`, {}));
  for (const a of answers) expect(a.status, a.text).toBeLessThan(500);
  expect(await count('from invitation where person_ref = $1 and used_at is null', [cid.body.ref])).toBe(1);
});

test('an idempotency key writes once, and everybody gets the same answer', async () => {
  const body = { name: 'Once', purpose: 'Answers', owner: ada.ref };
  const answers = await race(() => ada.ask('POST', 'aiSystem', body, { 'idempotency-key': 'once' }));
  for (const a of answers) expect(a.status, a.text).toBeLessThan(300);
  expect(new Set(answers.map((a) => a.body.ref)).size).toBe(1);
  expect(await count(`from record where title = 'Once'`)).toBe(1);
});

test('a unique value is taken once', async () => {
  const unique = t.app.registry.all.filter((r) => r.name === 'person');
  expect(unique.length).toBe(1);
  const answers = await race((i) =>
    ada.ask('POST', 'person', { name: `D ${i}`, email: 'same@acme.example' }),
  );
  for (const a of answers) expect(a.status, a.text).toBeLessThan(500);
  expect(codes(answers).filter((s) => s < 300).length).toBe(1);
});

test('an edit of one version wins once', async () => {
  const made = await ada.ask('POST', 'aiSystem', { name: 'Edited', purpose: 'Answers', owner: ada.ref });
  const answers = await race((i) =>
    ada.ask('PATCH', `aiSystem/${made.body.ref}`, { purpose: `P ${i}` }, { 'if-match': '"1"' }),
  );
  expect(codes(answers)).toEqual([200, ...Array(AT_ONCE - 1).fill(412)]);
});

test('top management never leaves altogether', async () => {
  const fresh = await testInstance();
  try {
    const managers: Visitor[] = [];
    for (let i = 0; i < 4; i++)
      managers.push(await fresh.person(`Manager ${i}`, ['topManagement', 'aimsManager']));
    // Each lets the next one go, all at once.
    const answers = await Promise.all(
      managers.map((m, i) => m.ask('POST', `person/${managers[(i + 1) % managers.length]!.ref}/depart`, {})),
    );
    expect(won(answers).length).toBeGreaterThan(0);
    for (const a of answers) expect(a.status, a.text).toBeLessThan(500);
    const [left] = await fresh.app.db.asOwner({
      text: `select count(*)::int as n from record where register = 'person' and state = 'active' and "values"->'roles' ? 'topManagement'`,
    });
    expect(left!.n).toBeGreaterThan(0);
  } finally {
    await fresh.close();
  }
});

test('guesses at one password count together', async () => {
  const answers = await race(() =>
    t.stranger.ask('POST', '/api/v1/sign-in', { email: 'race@acme.example', password: 'wrong password' }),
  );
  expect(codes(answers)).toEqual(Array(AT_ONCE).fill(401));
  const more = await race(() =>
    t.stranger.ask('POST', '/api/v1/sign-in', { email: 'race@acme.example', password: 'wrong password' }),
  );
  expect(codes(more)).toEqual([401, 401, ...Array(AT_ONCE - 2).fill(429)]);
});
