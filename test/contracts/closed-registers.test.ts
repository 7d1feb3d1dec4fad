import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { asList, type Register, Registry } from '../../src/register/register.ts';
import { registry as product } from '../../src/registers/index.ts';
import { byPeople, sampleFields } from '../support/arrange.ts';
import { everyNth, sampled } from '../support/depth.ts';
import { type Answer, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { representing } from '../support/representatives.ts';

/**
 * Whatever register somebody may not read, no answer of another one shows anything of it: looped over every register and every pair that links, with
 * the register closed while its records stand there.
 */

/** Registers that nobody but top management reads at this moment. */
let closed: readonly string[] = [];
const registry = new Registry(
  product.all.map((r) => ({
    ...r,
    get permissions() {
      return closed.includes(r.name) ? { ...r.permissions, read: ['topManagement' as const] } : r.permissions;
    },
  })),
);

/** What stands in the title and the texts of everything that belongs to a register, and nowhere else. */
const markOf = (name: string): string => `zq${name.toLowerCase()}qz`;

let t: TestInstance;
let top: Visitor;
let eve: Visitor;
/** By register: one that others link to, and one that links to those of others. */
const target: Record<string, string> = {};
const linking: Record<string, string> = {};
let size = 0;

beforeAll(async () => {
  t = await testInstance({ registry });
  top = await t.person('Top', ['topManagement', 'aimsManager']);
  eve = await t.person('Eve', ['aimsManager', 'designatedManagement', 'auditor']);
  for (const r of registry.all) target[r.name] = await made(r, 1, {});
  for (const r of registry.all)
    linking[r.name] = await made(
      r,
      2,
      Object.fromEntries(Object.entries(r.links).map(([n, l]) => [n, [target[l.to]!]])),
    );
  // What is said about a record belongs to its register.
  for (const r of registry.all)
    for (const [about, text] of [
      ['comment', 'content'],
      ['decision', 'reason'],
      ['logChange', 'reason'],
    ] as const)
      await stored(
        registry.get(about),
        { subject: target[r.name]!, [text]: markOf(r.name), kind: 'refuse' },
        {},
      );
  size = (await t.app.sequencer.settle(t.organisation.id)).size;
});
afterAll(() => t.close());

async function made(r: Register, seed: number, links: Record<string, string[]>): Promise<string> {
  const values: Record<string, unknown> = sampleFields(t, r, seed);
  for (const [name, f] of Object.entries(r.fields))
    if (name === r.title || ((f.kind === 'text' || f.kind === 'longText') && !f.code))
      values[name] = `${markOf(r.name)} ${seed}`;
  if ('subject' in r.fields) values.subject = 'nothing';
  return stored(r, values, links);
}

async function stored(r: Register, values: Record<string, unknown>, links: Record<string, string[]>) {
  const known = Object.fromEntries(Object.entries(values).filter(([n]) => r.fields[n]));
  const actor = engineActor(t.organisation);
  return (await createChecked(t.app, { actor }, r, { values: known, links }, { as: 'engine' })).record.ref;
}

const closing = async <T>(names: readonly string[], body: () => Promise<T>): Promise<T> => {
  closed = names;
  try {
    return await body();
  } finally {
    closed = [];
  }
};

/** Every answer about one register in which another could show. */
const readsOf = (y: string): string[] => [
  `${y}?total=true`,
  `${y}?q=${markOf(y)}`,
  `${y}/export?format=csv`,
  `${y}/export?format=json`,
  `${y}?asOf=${size}`,
  `${y}/export?format=json&asOf=${size}`,
  `differences?from=1&register=${y}`,
  `${y}/${target[y]}`,
  `${y}/${target[y]}?asOf=${size}`,
  ...[
    '',
    '/versions',
    '/proof',
    '/comments',
    '/since-approval',
    `?asOf=${size}`,
    `/versions?asOf=${size}`,
  ].map((part) => `${y}/${linking[y]}${part}`),
];

const EVERYWHERE = () => [
  'dashboard',
  `dashboard?asOf=${size}`,
  'differences?from=1&limit=200',
  'my-work',
  'saved-filters',
  'first-hour',
  'log',
  ...NAMES.map((x) => `search?q=${markOf(x)}`),
];

/** Nothing of these registers: neither a word nor a number of theirs. */
function expectNothing(a: Answer, names: readonly string[], at: string): void {
  expect(a.status, `${at}: ${a.text.slice(0, 400)}`).toBeLessThan(500);
  for (const name of names) {
    const where = a.text.indexOf(markOf(name));
    expect(where, `${at} shows ${name}: ${a.text.slice(Math.max(0, where - 300), where + 60)}`).toBe(-1);
    // A person's number stands in the fields of others, and every entry of the log names its record.
    if (name === 'person' || at === 'log') continue;
    const number = new RegExp(`${registry.get(name).prefix}-\\d{4}`).exec(a.text);
    expect(
      number,
      `${at} shows ${name}: ${a.text.slice(Math.max(0, (number?.index ?? 0) - 300), (number?.index ?? 0) + 60)}`,
    ).toBeNull();
  }
}

/** Pairs: `y` links to `x`, or the other way round. */
const PAIRS = product.all
  .flatMap((r) => Object.values(r.links).map((l) => [r.name, l.to] as const))
  .filter(([a, b]) => a !== b);
const neighboursOf = (y: string) => [
  ...new Set(PAIRS.flatMap(([a, b]) => (a === y ? [b] : b === y ? [a] : []))),
];

test('open, each shows what it links to and what links to it', async () => {
  let shown = 0;
  for (const r of registry.all) {
    const pages = await Promise.all([target, linking].map((of) => top.ask('GET', `${r.name}/${of[r.name]}`)));
    const text = pages.map((p) => p.text).join();
    for (const x of neighboursOf(r.name)) {
      expect(text, `${r.name} shows ${x}`).toContain(markOf(x));
      shown += 1;
    }
  }
  expect(shown).toBeGreaterThan(80);
});

const NAMES = product.all.map((r) => r.name);
/** Of these every answer is looked at; of each other one every fifth, the others for the next ones. */
const closely = representing(product.all, 'values', 3);

describe('whoever may read nothing but one register finds nothing of the others in its answers', () => {
  test.each(NAMES)('%s', async (y) => {
    const others = NAMES.filter((n) => n !== y);
    const paths = closely.has(y) ? readsOf(y) : sampled(readsOf(y), 5, NAMES.indexOf(y));
    const answers = await closing(others, () => Promise.all(paths.map((path) => eve.ask('GET', path))));
    for (const [i, path] of paths.entries()) expectNothing(answers[i]!, others, path);
    const read = answers.filter((a) => a.status === 200).length;
    expect(read, `${read} of ${paths.length} read`).toBeGreaterThan(paths.length / 2);
  });
});

/** Lists of one register are put together by the lines that put together those of another. */
const listed = (x: string, y: string) =>
  closely.has(x) || (NAMES.indexOf(x) + NAMES.indexOf(y)) % everyNth(4) === 0;

describe('a register that somebody may not read shows in no record that links to it or that it links to', () => {
  test.each(NAMES)('%s', async (x) => {
    const paths = neighboursOf(x).flatMap((y) => [
      `${y}/${target[y]}`,
      `${y}/${linking[y]}`,
      ...(listed(x, y) ? [y] : []),
    ]);
    const answers = await closing([x], () => Promise.all(paths.map((path) => eve.ask('GET', path))));
    for (const [i, path] of paths.entries()) expectNothing(answers[i]!, [x], path);
  });
});

test('nor in what is told about all registers', async () => {
  for (const names of [NAMES, ['concern', 'apiKey']])
    for (const path of EVERYWHERE())
      await closing(names, async () => expectNothing(await eve.ask('GET', path), names, path));
});

/** Every link that is declared, at depth 1 every third. */
const linksOf = (registers: readonly Register[]) =>
  sampled(
    registers.flatMap((r) => Object.entries(r.links).map(([name, l]) => ({ r, name, l }))),
    3,
  );

/** The answer, with the number taken out that was asked about: what is there and what is not must be told alike. */
const told = (a: Answer, ref: string) =>
  `${a.status} ${a.text.replaceAll(ref, 'X').replace(/"requestId":"[^"]*"/g, '')}`;

describe('what is there and what is not is told alike', () => {
  test('as a filter, in either direction', async () => {
    let asked = 0;
    for (const { r, name, l } of linksOf(product.all)) {
      const to = registry.get(l.to);
      const missing = `${to.prefix}-9999`;
      const [there, not, back, notBack] = await closing([l.to], () =>
        Promise.all([
          eve.ask('GET', `${r.name}?${name}=${target[l.to]}`),
          eve.ask('GET', `${r.name}?${name}=${missing}`),
          top.ask('GET', `${r.name}?${name}=${target[l.to]}`),
          eve.ask('GET', `${r.name}?${name}=${linking[l.to]}&total=true`),
        ]),
      );
      if (r.name !== l.to) {
        expect(told(there!, target[l.to]!), `${r.name}.${name}`).toBe(told(not!, missing));
        expect(notBack!.body.total, `${r.name}.${name}`).toBe(0);
      }
      expect(back!.body.items.length, `${r.name}.${name}`).toBeGreaterThan(0);
      asked += 1;
    }
    expect(asked).toBeGreaterThan(20);
  });

  test('in a filter by a way back', async () => {
    let asked = 0;
    const ways = product.all.flatMap((r) =>
      registry
        .inversesOf(r.name)
        .filter((i) => i.register.name !== r.name)
        .map((i) => ({ path: `${r.name}?${i.inverse}=${linking[i.register.name]}`, by: i.register.name })),
    );
    for (const { path, by } of sampled(ways, 3)) {
      expect((await top.ask('GET', path)).body.items.length, path).toBe(1);
      const a = await closing([by], () => eve.ask('GET', path));
      expect([a.status, a.body.items], path).toEqual([200, []]);
      asked += 1;
    }
    expect(asked).toBeGreaterThan(20);
  });

  test('in a link that is written, one by one, in bulk and in a file tried out', async () => {
    let tried = 0;
    for (const { r, name, l } of linksOf(product.all.filter(byPeople))) {
      if (l.engine || l.to === r.name) continue;
      const to = registry.get(l.to);
      const ask = async (ref: string) => {
        const body = { ...sampleFields(t, r, 3, 'required'), [name]: [ref] };
        const file = JSON.stringify([body]);
        const bulk = { refs: [linking[r.name]], values: { [name]: [ref] } };
        const answers = await Promise.all([
          eve.ask('POST', r.name, body),
          eve.ask('PATCH', `${r.name}/${target[r.name]}`, { [name]: [ref] }),
          eve.ask('POST', `${r.name}/bulk`, bulk),
          eve.ask('POST', `${r.name}/import?format=json&dryRun=true`, file),
        ]);
        return answers.map((a) => told(a, ref));
      };
      const there = await closing([l.to], () => ask(target[l.to]!));
      const not = await closing([l.to], () => ask(`${to.prefix}-9999`));
      expect(there, `${r.name}.${name}`).toEqual(not);
      tried += 1;
    }
    expect(tried).toBeGreaterThan(13);
  });

  test('of a record that is edited, moved, brought in or talked about', async () => {
    let tried = 0;
    for (const r of product.all) {
      const step = Object.entries(r.transitions).find(([, s]) =>
        asList(s.by).every((w) => w !== 'engine'),
      )?.[0];
      const ask = async (ref: string) => {
        const answers = await Promise.all([
          eve.ask('PATCH', `${r.name}/${ref}`, { [r.title]: 'x' }),
          eve.ask('POST', `${r.name}/bulk`, { refs: [ref], values: { [r.title]: 'x' } }),
          eve.ask(
            'POST',
            `${r.name}/import?format=json&dryRun=true`,
            JSON.stringify([{ ref, [r.title]: 'x' }]),
          ),
          eve.ask('POST', 'comment', { subject: ref, content: 'x' }),
          eve.ask('GET', `${r.name}/${ref}`),
          eve.ask('GET', `${r.name}/${ref}/comments`),
          ...(step ? [eve.ask('POST', `${r.name}/${ref}/${step}`, {})] : []),
          ...(step ? [eve.ask('POST', `${r.name}/bulk`, { refs: [ref], transition: step })] : []),
        ]);
        return answers.map((a) => told(a, ref));
      };
      // The one who reads none may have a part in it all the same: those are left to the test of permissions.
      const reach = [r.permissions.edit, ...Object.values(r.transitions).map((s) => asList(s.by))].flat();
      if (
        reach.some((w) =>
          [
            'aimsManager',
            'designatedManagement',
            'auditor',
            'contributor',
            'reader',
            'member',
            'anyone',
          ].includes(w),
        )
      )
        continue;
      const there = await closing([r.name], () => ask(target[r.name]!));
      const not = await closing([r.name], () => ask(`${r.prefix}-9999`));
      expect(there, r.name).toEqual(not);
      tried += 1;
    }
    expect(tried).toBeGreaterThan(3);
  });
});
