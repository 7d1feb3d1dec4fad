import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestInstance, testInstance, type Visitor } from '../test/support/instance.ts';
import { COMMON_WORD, fill, RARE_WORD, riskInput } from './dataset.ts';

// More than the records that a search looks through before it asks the index of words, so that both ways are taken.
const COUNT = 2_600;
let t: TestInstance;
let reader: Visitor;
beforeAll(async () => {
  t = await testInstance();
  reader = await t.person('Ada', ['aimsManager']);
  await fill(t.app, t.organisation, COUNT);
});
afterAll(() => t.close());

/** Titles of all pages, one after the other. */
async function read(query: string, limit = 120): Promise<string[]> {
  const titles: string[] = [];
  for (let after = ''; ; ) {
    const page = await reader.ask('GET', `risk?limit=${limit}&${query}${after && `&after=${after}`}`);
    expect(page.status).toBe(200);
    titles.push(...page.body.items.map((r: { title: string }) => r.title));
    if (page.body.next === null) return titles;
    after = encodeURIComponent(page.body.next);
  }
}

/** Everything in an order: asked once, in pages as large as they may be. */
const everything = new Map<string, Promise<string[]>>();
const readAll = (sort: string): Promise<string[]> => {
  const known = everything.get(sort) ?? read(`sort=${sort}`, 200);
  everything.set(sort, known);
  return known;
};

for (const sort of ['number', '-number', 'title', '-title', 'level', 'state', '-owner'])
  for (const word of [COMMON_WORD, RARE_WORD])
    test(`a search for ${word} by ${sort} gives what reading everything in that order and looking gives`, async () => {
      const hits = new Set(
        Array.from({ length: COUNT }, (_, n) => riskInput(n))
          .filter((r) => String(r.scenario).includes(word))
          .map((r) => r.title),
      );
      const wanted = (await readAll(sort)).filter((title) => hits.has(title));
      expect(wanted.length).toBe(hits.size);
      expect(hits.size).toBeGreaterThan(1);
      expect(await read(`sort=${sort}&q=${word}`)).toEqual(wanted);
    });
