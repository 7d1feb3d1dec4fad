import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayFrom } from '../support/arrange.ts';
import { type Answer, given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { waysToWrite } from '../support/ways-to-write.ts';

/** Whoever sends a write again with its key, not knowing whether it arrived, is answered as the first time, and nothing is written again. */

let t: TestInstance;
let ada: Visitor;
let dan: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['aimsManager', 'topManagement', 'contributor']);
  dan = await t.person('Dan', ['topManagement', 'designatedManagement']);
});
afterAll(() => t?.close());

const versions = async () => {
  const [row] = await t.app.db.asOwner({ text: 'select count(*)::int as n from version', values: [] });
  return Number(row!.n);
};

let keys = 0;
/** The same visitor, sending each write twice with one key; `seen` takes both answers and how many versions each made. */
function twice(who: Visitor, seen: (first: Answer, again: Answer, made: [number, number]) => void): Visitor {
  return {
    ...who,
    ask: async (method, path, body, headers = {}) => {
      const once = () =>
        who.ask(method, path, body, { ...headers, 'idempotency-key': `asked twice ${keys}` });
      keys += 1;
      const before = await versions();
      const first = await once();
      const between = await versions();
      const again = await once();
      seen(first, again, [between - before, (await versions()) - between]);
      return first;
    },
  };
}

test('every way to write answers a second time as the first, and writes once', async () => {
  const done: string[] = [];
  let now = '';
  const seen = (first: Answer, again: Answer, [made, more]: [number, number]) => {
    expect(first.status, `${now}: ${first.text}`).toBeLessThan(300);
    expect(made, now).toBeGreaterThan(0);
    expect([again.status, more], `${now}: ${again.text}`).toEqual([200, 0]);
    if (now === 'an erasure' || first.body.items) expect(again.body, now).toEqual(first.body);
    done.push(now);
  };
  const [a, d] = [twice(ada, seen), twice(dan, seen)];
  const { ref } = await given(t, 'aiSystem', { name: 'Chat', purpose: 'x', owner: ada.ref });
  const risk = await given(t, 'risk', { title: 'Harm', systems: [ref], owner: ada.ref });
  const rated = {
    likelihood: 2,
    impactOrganisation: 2,
    impactIndividuals: 2,
    impactSociety: 2,
    reviewBy: dayFrom(t, 300),
    scenario: 's',
  };
  const ways: [string, () => Promise<Answer>][] = [
    ['a new record', () => a.ask('POST', 'aiSystem', { name: 'New', purpose: 'x', owner: ada.ref })],
    ['an edit', () => a.ask('PATCH', `aiSystem/${ref}`, { purpose: 'y' })],
    [
      'an edit of a version',
      () => a.ask('PATCH', `aiSystem/${ref}`, { purpose: 'z' }, { 'if-match': '"2"' }),
    ],
    ['a step', () => a.ask('POST', `risk/${risk.ref}/assess`, { values: rated })],
    ...(await waysToWrite(t, a, d)),
  ];
  for (const [name, way] of ways) {
    now = name;
    await way();
  }
  expect(done).toEqual(ways.map(([name]) => name));
});

test('a key belongs to whoever sent it: with the same one somebody else does their own', async () => {
  const bea = await t.person('Bea', ['aimsManager', 'topManagement', 'contributor']);
  const key = { 'idempotency-key': 'the same for both' };
  const body = { name: 'Twice', purpose: 'x', owner: ada.ref };
  const [first, second] = [
    await ada.ask('POST', 'aiSystem', body, key),
    await bea.ask('POST', 'aiSystem', body, key),
  ];
  expect([first.status, second.status], second.text).toEqual([201, 201]);
  expect(second.body.ref).not.toBe(first.body.ref);
  const other = await bea.ask('PATCH', `aiSystem/${first.body.ref}`, { purpose: 'y' }, key);
  expect([other.status, other.body.code]).toEqual([409, 'IDEMPOTENCY_MISMATCH']);
});
