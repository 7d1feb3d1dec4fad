import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestInstance, testInstance } from '../support/instance.ts';

let t: TestInstance;
beforeAll(async () => {
  t = await testInstance();
});
afterAll(() => t.close());

const one = { text: 'select 1 as n', name: 'the-same' };
const two = { text: 'select 2 as n', name: 'the-same' };

test('a name of a statement belongs to one text, whichever connection and whoever asks', async () => {
  const { db } = t.app;
  const organisation = t.organisation.id;
  expect(await db.run(organisation, [one, one])).toEqual([[{ n: 1 }], [{ n: 1 }]]);
  const clash = /two statements are called "the-same".*"select 1 as n" and "select 2 as n"/;
  await expect(db.run(organisation, [two])).rejects.toThrow(clash);
  await expect(db.as('PSN-0001').run(organisation, [two])).rejects.toThrow(clash);
  await expect(db.converse(organisation, (ask) => ask(two))).rejects.toThrow(clash);
  await expect(db.across(two)).rejects.toThrow(clash);
  // Without a name, and with the text that has it, everything goes on as before.
  expect(await db.run(organisation, [{ text: two.text }, one])).toEqual([[{ n: 2 }], [{ n: 1 }]]);
  expect(await db.converse(organisation, (ask) => ask(one))).toEqual([{ n: 1 }]);
});

test('a name first used on behalf of somebody is known to everybody', async () => {
  const { db } = t.app;
  const first = { text: 'select 3 as n', name: 'of-somebody' };
  await db.as('PSN-0001').run(t.organisation.id, [first]);
  await expect(db.run(t.organisation.id, [{ ...first, text: 'select 4 as n' }])).rejects.toThrow(
    /of-somebody/,
  );
});
