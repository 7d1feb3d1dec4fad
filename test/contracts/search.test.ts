import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What is written is found however people write it: in the list of its register, and over all registers. */

let t: TestInstance;
let ada: Visitor;
let reader: Visitor;
let system = '';
const DIGEST = 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const TEXT = `Support bot 2.3.2 with gpt-4o by Größe & Søn, see https://models.example/cards/v7?id=x and eval-basic-2.3.1.json,
  write to ann.lee@acme.example. Don't forget ISO/IEC 42001 and Łódź. 安全管理の手順 ${DIGEST} риск 1e5 -0001`;

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['aimsManager']);
  reader = await t.person('Rea', ['reader']);
  system = (await given(t, 'aiSystem', { owner: ada.ref, name: 'Assistant', purpose: TEXT })).ref;
  for (let n = 0; n < 12; n++)
    await given(t, 'aiSystem', { owner: ada.ref, name: `Other ${n}`, purpose: `nothing 2.3.${n + 3} here` });
});
afterAll(() => t.close());

const FINDS = [
  '2.3.2',
  '2.3',
  'bot 2',
  'gpt-4o',
  'GPT4O',
  'gpt 4o',
  'grosse',
  'Größe',
  'son',
  'Søn',
  'models.example',
  'https://models.example/cards/v7',
  'eval-basic-2.3.1.json',
  'eval-basic',
  'ann.lee@acme.example',
  '@acme',
  "don't",
  'don’t',
  'dont',
  'ISO/IEC',
  'iso iec 42001',
  'lodz',
  '安全',
  '管理',
  '全管理',
  '手',
  DIGEST,
  '9f86d081',
  'sha256:9f86',
  'риск',
  'рис',
  '1e5',
  '-0001',
  '"support bot"',
  'support bo',
  'cards/v7?id=x',
];
const FINDS_NOT = ['2.3.9.1', 'gpt-5', '理安', '"bot support"', '4o-gpt', 'acme@ann', '9f86d082', 'zzz'];

describe('what is written is found', () => {
  test.each(FINDS)('%s', async (words) => {
    const q = encodeURIComponent(words);
    const list = await reader.ask('GET', `aiSystem?q=${q}`);
    expect(
      list.body.items.map((i: { ref: string }) => i.ref),
      list.text.slice(0, 200),
    ).toContain(system);
    const filtered = await reader.ask('GET', `aiSystem?q=${q}&sort=-name&total=true`);
    expect(filtered.body.items.map((i: { ref: string }) => i.ref)).toContain(system);
    const all = await reader.ask('GET', `search?q=${q}`);
    expect(
      all.body.items.map((i: { ref: string }) => i.ref),
      all.text.slice(0, 200),
    ).toContain(system);
  });

  test.each(FINDS_NOT)('and not %s', async (words) => {
    const q = encodeURIComponent(words);
    expect((await reader.ask('GET', `aiSystem?q=${q}`)).body.items).toEqual([]);
    expect((await reader.ask('GET', `search?q=${q}`)).body.items).toEqual([]);
  });

  test('as of an earlier state too', async () => {
    const { size } = await t.app.sequencer.settle(t.organisation.id);
    await ada.ask('PATCH', `aiSystem/${system}`, { owner: ada.ref });
    const then = await reader.ask('GET', `aiSystem?q=2.3.2&asOf=${size}`);
    expect(
      then.body.items.map((i: { ref: string }) => i.ref),
      then.text,
    ).toEqual([system]);
    const [other] = (await ada.ask('GET', 'aiSystem?q=2.3.3')).body.items;
    await ada.ask('PATCH', `aiSystem/${other.ref}`, { purpose: 'says something else' });
    const found = async (at: string) =>
      (await reader.ask('GET', `aiSystem?q=2.3.3${at}`)).body.items.map((i: { ref: string }) => i.ref);
    expect([await found(''), await found(`&asOf=${size}`)]).toEqual([[], [other.ref]]);
  });
});

describe('over all registers', () => {
  test.each(['SYS-0001', 'sys-1', 'sys 0001', 'SYS 1'])('the number %s comes first', async (words) => {
    const a = await reader.ask('GET', `search?q=${encodeURIComponent(words)}`);
    expect(a.body.items[0].ref).toBe(system);
  });

  test('titles come before texts, what was changed last before the others; each with the words around', async () => {
    const text = await given(t, 'aiSystem', {
      owner: ada.ref,
      name: 'One',
      purpose: 'Begins, and somewhere in the middle says quokka as a word of many',
    });
    const older = await given(t, 'aiSystem', { owner: ada.ref, name: 'Quokka bot', purpose: 'x' });
    const newer = await given(t, 'aiSystem', { owner: ada.ref, name: 'A quokka', purpose: 'x' });
    const a = await reader.ask('GET', 'search?q=quokka');
    expect(a.body.items.map((i: { ref: string }) => i.ref)).toEqual([newer.ref, older.ref, text.ref]);
    expect(a.body.items[2].around).toContain('says quokka as');
    expect(a.body.items[0]).toMatchObject({
      register: 'aiSystem',
      title: 'A quokka',
      state: 'proposed',
      around: '',
    });
  });

  test('pages follow each other without a gap', async () => {
    const refs: string[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const a = await reader.ask('GET', `search?q=other&limit=5&after=${after}`);
      refs.push(...a.body.items.map((i: { ref: string }) => i.ref));
      after = a.body.next;
    }
    expect([refs.length, new Set(refs).size]).toEqual([12, 12]);
  });

  test('what somebody may not read, or is about them, is not found by them', async () => {
    const body = { title: 'About the wombat', content: 'x', about: [reader.ref] };
    const manager = await t.person('Max', ['aimsManager']);
    const made = await ada.ask('POST', 'concern', { ...body, about: [manager.ref] });
    const found = async (who: Visitor) => (await who.ask('GET', 'search?q=wombat')).body.items.length;
    expect([await found(ada), await found(manager), await found(reader)]).toEqual([1, 0, 0]);
    expect((await reader.ask('GET', `search?q=${made.body.ref}`)).body.items).toEqual([]);
  });

  test('it costs one statement beside who asks and for what organisation, and none without words', async () => {
    const none = await reader.ask('GET', 'search?q=%20');
    expect([none.status, none.body.code]).toEqual([400, 'BAD_INPUT']);
    expect((await reader.ask('GET', 'search?q=..')).body.items).toEqual([]);
    const seen: string[] = [];
    t.app.db.observe = (text) => seen.push(text);
    await reader.ask('GET', 'search?q=assistant');
    t.app.db.observe = undefined;
    // Entries that get their place meanwhile ask nothing of records.
    expect(seen.filter((s) => /\brecord r\b/.test(s)).length).toBe(1);
  });
});

test('records whose words were cut by an earlier rule are found after the next start, and no version is written', async () => {
  const before = (await reader.ask('GET', `aiSystem/${system}`)).body.version;
  await t.app.db.run(t.organisation.id, [
    { text: `update record set words_rule = 0, search = to_tsvector('simple', "values"::text)` },
  ]);
  expect((await reader.ask('GET', 'aiSystem?q=2.3.2')).body.items).toEqual([]);
  const again = await t.again(t.app.registry);
  try {
    const a = await again.as(reader).ask('GET', 'aiSystem?q=2.3.2');
    expect(a.body.items.map((i: { ref: string; version: number }) => [i.ref, i.version])).toEqual([
      [system, before],
    ]);
    expect((await again.as(reader).ask('GET', 'search?q=gpt-4o')).body.items.length).toBe(1);
  } finally {
    await again.close();
  }
});

test('beside another organisation with the same words each finds its own, all of it and nothing else', async () => {
  const alone = await Promise.all(
    FINDS.map(async (q) => (await ada.ask('GET', `search?q=${encodeURIComponent(q)}`)).body),
  );
  const other = await t.newOrganisation('beside');
  const bob = await t.person('Bob', ['aimsManager'], other);
  const made = await bob.ask('POST', 'aiSystem', { name: 'Theirs', purpose: TEXT, owner: bob.ref });
  expect(made.status, made.text).toBe(201);
  for (const [i, q] of FINDS.entries()) {
    const path = `search?q=${encodeURIComponent(q)}`;
    expect([q, (await ada.ask('GET', path)).body]).toEqual([q, alone[i]]);
    const theirs = (await bob.ask('GET', path)).body.items.map((x: { title: string }) => x.title);
    expect([q, theirs.filter((x: string) => x !== 'Bob')]).toEqual([q, ['Theirs']]);
  }
});

test('the index of words holds every word with its organisation, so that a search reads what its own says and nothing else', async () => {
  const { rows } = await t.app.db.ownerPool.query(
    `select count(distinct r.organisation)::int as organisations, count(*)::int as words,
      count(*) filter (where w.lexeme !~ ('^o' || r.organisation || 't?w') and w.lexeme <> r.organisation || ':' || r.register)::int as others
      from record r, unnest(r.search) w`,
  );
  expect(rows[0]).toMatchObject({ organisations: 2, others: 0 });
  expect(rows[0].words).toBeGreaterThan(200);
});
