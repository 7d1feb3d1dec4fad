import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRegisters } from '../../src/register/check.ts';
import { link } from '../../src/register/field.ts';
import { Registry } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { circleIn } from '../../src/store/records/ordered-links.ts';
import { sampleInput, stored } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
});
afterAll(() => t.close());

const ordered = registry.all.flatMap((r) =>
  Object.entries(r.links)
    .filter(([, l]) => l.acyclic)
    .map(([name]) => [r.name, name] as const),
);

let seed = 4000;
async function fresh(register: string, count: number): Promise<string[]> {
  const refs: string[] = [];
  for (let i = 0; i < count; i++) {
    seed += 1;
    refs.push((await given(t, register, await sampleInput(t, registry.get(register), seed, 'required'))).ref);
  }
  return refs;
}

test('the links that mean an order are these', () => {
  expect(ordered.map((o) => o.join('.')).sort()).toEqual([
    'audit.programme',
    'component.derivedFrom',
    'criteria.replaces',
    'evidence.supersedes',
    'managementReview.previous',
    'release.previous',
  ]);
});

test('a link to another register cannot be one', () => {
  const broken = new Registry(
    registry.all.map((r) =>
      r.name === 'hazard'
        ? { ...r, links: { ...r.links, odd: link('risk', { label: 'x', inverse: 'odd', acyclic: true }) } }
        : r,
    ),
  );
  expect(checkRegisters(broken, new Set()).join('\n')).toContain(
    'link odd is acyclic, but leads to another register',
  );
});

// Evidence is not edited: what it takes the place of is said once, when it is handed in, of evidence that is there already.
test.each(ordered.filter(([register]) => register !== 'evidence'))(
  '%s.%s: a circle is refused by an edit and by a file, naming the way around',
  async (register, name) => {
    const [a, b, c] = await fresh(register, 3);
    const edit = (from: string, to: string[]) => ada.ask('PATCH', `${register}/${from}`, { [name]: to });
    expect((await edit(a!, [b!])).status).toBe(200);
    expect((await edit(b!, [c!])).status).toBe(200);
    const before = await stored(t);
    const closed = await edit(c!, [a!]);
    expect([closed.status, closed.body.code, closed.body.problems[0].path], closed.text).toEqual([
      422,
      'INVALID',
      `/${name}`,
    ]);
    for (const ref of [a, b, c]) expect(closed.body.detail).toContain(ref);
    for (const dry of ['true', 'false']) {
      const rows = JSON.stringify([
        { ref: b, [name]: [c] },
        { ref: c, [name]: [a] },
      ]);
      const file = await ada.ask('POST', `${register}/import?format=json&dryRun=${dry}`, rows);
      expect(file.status).toBe(dry === 'true' ? 200 : 422);
      expect(file.body.problems).toEqual([
        { path: `row 2, column ${name}`, message: expect.stringContaining('goes in a circle') },
      ]);
    }
    expect(await stored(t)).toEqual(before);
    // The whole file is looked at, not its lines one by one: here the way is turned around.
    const turned = JSON.stringify([
      { ref: a, [name]: [] },
      { ref: b, [name]: [a] },
      { ref: c, [name]: [b] },
    ]);
    const file = await ada.ask('POST', `${register}/import?format=json`, turned);
    expect([file.status, file.body.updated], file.text).toEqual([200, 3]);
  },
);

test('a circle of lines of one file is refused although no line alone closes it', async () => {
  const [a, b] = await fresh('component', 2);
  const rows = JSON.stringify([
    { ref: a, derivedFrom: [b] },
    { ref: b, derivedFrom: [a] },
  ]);
  const file = await ada.ask('POST', 'component/import?format=json', rows);
  expect([file.status, file.body.problems.length]).toEqual([422, 1]);
});

test('of two writes that would close a circle together, one is refused, whoever is first', async () => {
  let refused = 0;
  for (let round = 0; round < 12; round++) {
    const [a, b, c] = await fresh('component', 3);
    await ada.ask('PATCH', `component/${b}`, { derivedFrom: [c] });
    const answers = await Promise.all([
      ada.ask('PATCH', `component/${a}`, { derivedFrom: [b] }),
      ada.ask('PATCH', `component/${c}`, { derivedFrom: [a] }),
    ]);
    expect(answers.map((x) => x.status).sort(), answers.map((x) => x.text).join('\n')).toEqual([200, 422]);
    refused += 1;
  }
  expect(refused).toBe(12);
});

test('a request sent again after it was stored is answered, not judged anew', async () => {
  const [a, b] = await fresh('component', 2);
  const key = { 'idempotency-key': 'circle-1' };
  const first = await ada.ask('PATCH', `component/${a}`, { derivedFrom: [b] }, key);
  const again = await ada.ask('PATCH', `component/${a}`, { derivedFrom: [b] }, key);
  expect([first.status, again.status, again.body.version]).toEqual([200, 200, first.body.version]);
});

test('processes may go in circles', async () => {
  const [a, b] = await fresh('process', 2);
  expect((await ada.ask('PATCH', `process/${a}`, { before: [b] })).status).toBe(200);
  expect((await ada.ask('PATCH', `process/${b}`, { before: [a] })).status).toBe(200);
});

test('whatever is linked in whatever order, what is stored never goes in a circle', async () => {
  const refs = await fresh('component', 6);
  let refused = 0;
  let taken = 0;
  const step = fc.record({
    from: fc.nat(5),
    to: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const s of steps) {
        const to = s.to.filter((i) => i !== s.from).map((i) => refs[i]!);
        const a = await ada.ask('PATCH', `component/${refs[s.from]}`, { derivedFrom: to });
        expect([200, 422], a.text).toContain(a.status);
        if (a.status === 422) refused += 1;
        else taken += 1;
      }
      const rows = await t.app.db.asOwner({
        text: `select f.ref as a, t.ref as b from link l join record f on f.id = l.from_id join record t on t.id = l.to_id
          where l.name = 'derivedFrom' and f.ref = any($1)`,
        values: [refs],
      });
      expect(circleIn(rows.map((r) => [r.a as string, r.b as string]))).toBeUndefined();
    }),
    { numRuns: 25, seed: 5 },
  );
  expect(Math.min(refused, taken)).toBeGreaterThan(10);
});

test('circleIn finds a circle exactly where there is one, and gives one that is there', () => {
  const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
  let found = 0;
  fc.assert(
    fc.property(edges, (numbers) => {
      const all = numbers.map(([a, b]) => [`N${a}`, `N${b}`] as const);
      const circle = circleIn(all);
      // Taking away what leads nowhere, again and again, leaves nothing exactly when there is no circle.
      let left = [...all];
      for (let size = -1; size !== left.length; ) {
        size = left.length;
        left = left.filter(([, to]) => left.some(([from]) => from === to));
      }
      expect(circle !== undefined).toBe(left.length > 0);
      circle?.forEach((node, i) => {
        const next = circle[(i + 1) % circle.length]!;
        expect(all.some(([a, b]) => a === node && b === next)).toBe(true);
      });
      if (circle) found += 1;
    }),
  );
  expect(found).toBeGreaterThan(10);
  const long = Array.from({ length: 20_000 }, (_, i) => [`N${i}`, `N${i + 1}`] as const);
  expect(circleIn(long)).toBeUndefined();
  expect(circleIn([...long, ['N20000', 'N0']])).toHaveLength(20_001);
});
