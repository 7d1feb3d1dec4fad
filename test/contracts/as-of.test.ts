import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/register/describe.ts';
import type { Register } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { byPeople, sampleEdit, sampleInput, targetOf } from '../support/arrange.ts';
import { everyNth, sampled, times } from '../support/depth.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { representing } from '../support/representatives.ts';

let t: TestInstance;
let ada: Visitor;
let offset = 0;
const clock = { now: () => new Date(Date.now() + offset) };
/** Everything that was answered of the first state, by address. */
const answered = new Map<string, unknown>();
/** What the same addresses answer of the present one. */
const present = new Map<string, unknown>();
let first: { size: number; at: string };
let second: { size: number; at: string };
const refs = new Map<string, string[]>();
/** Those of which everything is asked that a list or a page can be asked; of each other one what rests on its own declaration. */
const closely = representing(registry.all, 'values', 3);

beforeAll(async () => {
  t = await testInstance({ clock });
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  await t.person('Bob', ['reader']);
  for (const r of registry.all) await fill(r, 3);
  await settle();
  first = await head();
  for (const path of await addresses()) answered.set(path, await read(path));
  offset += 3_600_000;
  for (const r of registry.all) await change(r);
  for (const r of registry.all) await fill(r, 1, 70);
  await settle();
  second = await head();
}, 300_000);
afterAll(() => t.close());

/** What an address answers of the present state; asked when it is needed, and once: nothing is written while registers are looked at. */
async function presently(path: string): Promise<unknown> {
  if (!present.has(path)) present.set(path, await read(path));
  return present.get(path);
}

describe.each(registry.all.map((r) => [r.name, r] as const))('%s', (name) => {
  const mine = () => [...answered].filter(([path]) => path.split(/[/?]/)[0] === name);

  const turn = registry.all.findIndex((r) => r.name === name);

  // Of these registers' addresses every second, the others for the next one: between them every kind of question is asked often.
  test('every reading as of the earlier size and time answers what was answered then', async () => {
    const some = closely.has(name)
      ? mine().filter(([path], i) => COMPUTED.includes(path) || (i + turn) % everyNth(2) === 0)
      : mine();
    expect(some.length).toBeGreaterThan(4);
    let differs = 0;
    for (const [i, [path, then]] of some.entries()) {
      const point = i % 2 === 0 ? String(first.size) : first.at;
      expect(await read(path, point), `${path} as of ${point}`).toEqual(then);
      if (differs < 3 && JSON.stringify(await presently(path)) !== JSON.stringify(then)) differs += 1;
    }
    expect(differs).toBeGreaterThan(closely.has(name) ? 2 : 0);
  });

  if (closely.has(name))
    test('as of the present size lists, filters and orders are the present ones', async () => {
      const some = sampled(mine(), 6, turn);
      expect(some.length).toBeGreaterThan(1);
      for (const [path] of some)
        expect(await read(path, String(second.size)), path).toEqual(await presently(path));
    });
});

test('the dashboard', async () => {
  // Which releases in use the gate would refuse is told of the present alone.
  const then = (answer: unknown) => ({ ...(answer as Record<string, unknown>), inUse: undefined });
  expect(await read('dashboard', String(first.size))).toEqual(then(answered.get('dashboard')));
  expect(await read('dashboard', String(second.size))).toEqual(then(await read('dashboard')));
  expect(await read('dashboard', String(first.size))).not.toEqual(await read('dashboard'));
});

describe('points', () => {
  const list = (asOf: string) => ada.ask('GET', `risk?asOf=${encodeURIComponent(asOf)}&sort=number`);

  test('a time means the newest checkpoint at or before it; a day its end; a size itself', async () => {
    const ms = new Date(first.at).getTime();
    const size = async (asOf: string) => (await list(asOf)).body.asOf?.size;
    expect(await size(first.at)).toBe(first.size);
    expect(await size(new Date(ms + 1).toISOString())).toBe(first.size);
    expect(await size(new Date(ms - 1).toISOString())).toBeLessThan(first.size);
    expect(await size(clock.now().toISOString().slice(0, 10))).toBe(second.size);
    const offset = new Date(ms + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    expect(await size(offset)).toBe(first.size);
    for (const n of [1, 2, first.size, first.size + 1, second.size]) expect(await size(String(n))).toBe(n);
    expect((await list('1')).body.items).toEqual([]);
    const between = (await list(String(first.size + 1))).body.asOf;
    expect(Date.parse(between.at)).toBeGreaterThan(ms);
  });

  test('a time before the first checkpoint and a size beyond the log are refused, saying what is possible', async () => {
    for (const asOf of ['2001-01-01', '2001-01-01T00:00:00Z', String(second.size + 1), '999999999999999']) {
      const a = await list(asOf);
      expect([a.status, a.body.code], asOf).toEqual([404, 'NOT_FOUND']);
      expect(a.body.detail).toContain(`possible are sizes from 1 to ${second.size} and times from 20`);
      for (const path of COMPUTED) {
        const computed = await ada.ask('GET', `${path}?asOf=${asOf}`);
        expect([computed.status, computed.body.detail], path).toEqual([404, a.body.detail]);
      }
    }
  });

  test('what is neither is refused, naming the parameter', async () => {
    const hostile = [
      '',
      '0',
      '-1',
      '1e3',
      '0x10',
      '1.5',
      'now',
      '9'.repeat(40),
      '2027-02-30',
      '2027-13-01',
      '\u0000',
      '2027-03-31T25:00:00Z',
      '2027-03-31T12:00:00',
      '9999-01-01',
      "1'; drop table record; --",
      '\u0661',
      ' 5',
      '{}',
      'x'.repeat(9_000),
    ];
    for (const asOf of hostile)
      for (const path of [
        'risk',
        'risk/RSK-0001',
        'risk/RSK-0001/versions',
        'risk/export',
        'dashboard',
        ...(hostile.indexOf(asOf) % 4 === 0 ? COMPUTED : []),
      ]) {
        const a = await ada.ask('GET', `${path}?asOf=${encodeURIComponent(asOf)}`);
        expect(
          [a.status, a.body.problems?.[0]?.path],
          `${path} ${asOf.slice(0, 40)}: ${a.text.slice(0, 200)}`,
        ).toEqual([400, '/asOf']);
      }
    const twice = await ada.ask('GET', 'risk?asOf=1&asOf=2');
    expect(twice.status).toBe(400);
  });

  test('nothing is written with it, and what cannot be read as of says so', async () => {
    const before = await head();
    const [ref] = refs.get('risk')!;
    const writes: ['POST' | 'PATCH', string][] = [
      ['POST', 'risk'],
      ['PATCH', `risk/${ref}`],
      ['POST', 'risk/import'],
    ];
    for (const [method, path] of writes) {
      const a = await ada.ask(
        method,
        `${path}?asOf=${first.size}`,
        path.endsWith('import') ? '[]' : { title: 'x' },
      );
      expect([a.status, a.body.detail], path).toEqual([
        400,
        expect.stringMatching(/^asOf is not known here/),
      ]);
    }
    for (const path of ['log', 'meta', `risk/${ref}/proof`, 'my-work', 'first-hour'])
      expect((await ada.ask('GET', `${path}?asOf=1`)).body.detail, path).toMatch(/^asOf is not known here/);
    await settle();
    expect(await head()).toEqual(before);
    const page = await ada.ask('GET', `risk/${ref}?asOf=${first.size}`);
    expect([page.body.may.edit, page.body.may.transitions, page.headers.etag]).toEqual([
      false,
      [],
      undefined,
    ]);
  });

  test('a cursor belongs to the state it was read in', async () => {
    const page = await ada.ask('GET', `risk?limit=1&asOf=${first.size}`);
    const after = encodeURIComponent(page.body.next);
    expect((await ada.ask('GET', `risk?limit=1&asOf=${first.size}&after=${after}`)).status).toBe(200);
    expect((await ada.ask('GET', `risk?limit=1&asOf=${second.size}&after=${after}`)).status).toBe(400);
    expect((await ada.ask('GET', `risk?limit=1&after=${after}`)).status).toBe(400);
  });

  test('a list as of the present day goes on where it began while the log grows', async () => {
    const today = clock.now().toISOString().slice(0, 10);
    const whole = (await ada.ask('GET', `drill?limit=200&asOf=${today}`)).body;
    const start = (await ada.ask('GET', `drill?limit=1&asOf=${today}`)).body;
    await fill(registry.get('drill'), 1, 55);
    await settle();
    const after = encodeURIComponent(start.next);
    const rest = (await ada.ask('GET', `drill?limit=200&asOf=${today}&after=${after}`)).body;
    expect([rest.asOf, [...start.items, ...rest.items]]).toEqual([start.asOf, whole.items]);
    const now = (await ada.ask('GET', `drill?limit=200&asOf=${today}`)).body;
    expect(now.items.length).toBe(whole.items.length + 1);
    for (const s of ['-number@1:0', '-number@9:9', `-number@1:${second.size + 99}`, '-number@x:y']) {
      const forged = Buffer.from(JSON.stringify({ s, v: null, n: 1 })).toString('base64url');
      const a = await ada.ask('GET', `drill?asOf=${today}&after=${forged}`);
      expect([400, 404], `${s} ${a.text}`).toContain(a.status);
    }
    second = await head();
  });

  test('what did not exist then is not found, and the permissions are those of today', async () => {
    const [one] = refs.get('risk')!;
    const gone = await ada.ask('GET', `risk/${one}?asOf=1`);
    expect([gone.status, gone.body.detail]).toEqual([
      404,
      expect.stringContaining(`There was no AI risk ${one} as of`),
    ]);
    expect((await ada.ask('GET', `hazard/${one}?asOf=${first.size}`)).status).toBe(404);
    expect((await t.stranger.ask('GET', `risk?asOf=${first.size}`)).status).toBe(401);
    const other = await t.newOrganisation('other');
    const eve = await t.person('Eve', ['topManagement'], other);
    expect((await eve.ask('GET', `/api/v1/acme/risk?asOf=${first.size}`)).status).toBe(404);
    await t.app.sequencer.settle(other.id);
    expect((await eve.ask('GET', 'risk?asOf=2')).body.items).toEqual([]);
  });
});

describe('differences', () => {
  interface Item {
    ref: string;
    register: string;
    created: boolean;
    state: { from: string | null; to: string };
    version: { from: number | null; to: number };
    changed: { name: string; link: boolean; from: unknown; to: unknown }[];
    versions: { version: number; at: string; actor: { ref: string; name: string }; logIndex: number }[];
    versionsTotal: number;
  }
  type State = Map<string, { state: string; version: number; said: Record<string, unknown> }>;

  /** Everything the organisation's registers held at a size. */
  async function stateAt(size: number): Promise<State> {
    const state: State = new Map();
    for (const r of registry.all)
      for (let after = ''; ; ) {
        const page = await ada.ask('GET', `${r.name}?limit=200&asOf=${size}${after}`);
        expect(page.status, page.text).toBe(200);
        for (const i of page.body.items)
          state.set(i.ref, { state: i.state, version: i.version, said: { ...i.values, ...i.links } });
        if (page.body.next === null) break;
        after = `&after=${encodeURIComponent(page.body.next)}`;
      }
    return state;
  }

  async function all(query: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let path = `differences?${query}`; ; ) {
      const page = await ada.ask('GET', path);
      expect(page.status, page.text).toBe(200);
      items.push(...page.body.items);
      if (page.body.next === null) return items;
      path = `differences?limit=7&after=${encodeURIComponent(page.body.next)}`;
    }
  }

  function applied(from: State, items: Item[]): State {
    const to = new Map([...from].map(([ref, s]) => [ref, { ...s, said: { ...s.said } }]));
    for (const d of items) {
      const before = to.get(d.ref);
      expect([d.created, d.state.from, d.version.from], d.ref).toEqual([
        before === undefined,
        before?.state ?? null,
        before?.version ?? null,
      ]);
      const said = before?.said ?? {};
      for (const c of d.changed) {
        expect(said[c.name] ?? null, `${d.ref} ${c.name}`).toEqual(c.from);
        if (c.to === null) delete said[c.name];
        else said[c.name] = c.to;
      }
      to.set(d.ref, { state: d.state.to, version: d.version.to, said });
    }
    return to;
  }

  const sorted = (s: State) => [...s].sort(([a], [b]) => (a < b ? -1 : 1));

  test('law: the differences applied to the state at the first point give the state at the second', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: second.size }),
        fc.integer({ min: 1, max: second.size }),
        async (a, b) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const items = await all(`from=${from}&to=${to}&limit=50`);
          expect(sorted(applied(await stateAt(from), items))).toEqual(sorted(await stateAt(to)));
          n += items.length;
        },
      ),
      { numRuns: times(2), examples: [[1, second.size]] },
    );
    expect(n).toBeGreaterThan(50);
  });

  test('counts, registers and pages agree; every version between is named with who and when', async () => {
    const whole = await ada.ask('GET', `differences?from=${first.size}&to=${second.size}&limit=200`);
    const items: Item[] = whole.body.items;
    expect(whole.body.next).toBeNull();
    expect([whole.body.from, whole.body.to]).toEqual([
      { log: 1, ...first },
      { log: 1, ...second },
    ]);
    expect(await all(`from=${first.at}&limit=5`)).toEqual(items);
    let registers = 0;
    for (const c of whole.body.counts as { register: string; created: number; changed: number }[]) {
      const mine = items.filter((i) => i.register === c.register);
      expect([mine.filter((i) => i.created).length, mine.filter((i) => !i.created).length]).toEqual([
        c.created,
        c.changed,
      ]);
      expect(await all(`from=${first.size}&register=${c.register}&limit=1`)).toEqual(mine);
      registers += 1;
    }
    expect(registers).toBeGreaterThan(12);
    for (const d of items) {
      expect(d.versions.length).toBe(d.versionsTotal);
      expect(d.versions.map((v) => v.version)).toEqual(
        Array.from({ length: d.versionsTotal }, (_, i) => d.version.to - i),
      );
      for (const v of d.versions)
        expect(v.logIndex >= first.size && v.logIndex < second.size && v.at > first.at).toBe(true);
    }
    expect(new Set(items.flatMap((d) => d.versions.map((v) => v.actor.name)))).toContain('Ada');
    const [none] = (await ada.ask('GET', `differences?from=${second.size}`)).body.items;
    expect(none).toBeUndefined();
  });

  test('a cursor keeps its second point while the log grows', async () => {
    const page = await ada.ask('GET', `differences?from=${first.size}&limit=200&register=hazard`);
    const start = await ada.ask('GET', `differences?from=${first.size}&limit=1&register=hazard`);
    await fill(registry.get('hazard'), 2, 80);
    await settle();
    const rest = await all(`after=${encodeURIComponent(start.body.next)}`);
    expect([...start.body.items, ...rest]).toEqual(page.body.items);
  });

  test('what cannot be asked is refused by name', async () => {
    const forged = (o: unknown) => encodeURIComponent(Buffer.from(JSON.stringify(o)).toString('base64url'));
    const bad: [string, string][] = [
      ['', '/from'],
      ['from=', '/from'],
      ['from=x', '/from'],
      ['from=5&to=x', '/to'],
      [`from=${second.size}&to=1`, '/from'],
      ['from=1&register=nonesuch', '/register'],
      ['from=1&limit=0', '/limit'],
      ['from=1&limit=201', '/limit'],
      ['from=1&after=x', '/after'],
      [`after=${forged(null)}`, '/after'],
      [`after=${forged({ f: [1, 1], t: [1, 2], r: null, a: ['risk', -1] })}`, '/after'],
      [`after=${forged({ f: [1, 1], t: [1, 1e300], r: null, a: ['risk', 1] })}`, '/after'],
      [`after=${forged({ f: [1, 1], t: [1, 2], r: 'risk', a: ['risk', 1] })}&register=hazard`, '/after'],
      ['from=1&more=1', '/more'],
    ];
    for (const [query, at] of bad) {
      const a = await ada.ask('GET', `differences?${query}`);
      expect([a.status, a.body.problems?.[0]?.path], `${query} ${a.text}`).toEqual([400, at]);
    }
    const beyond = forged({ f: [1, 1], t: [7, 9], r: null, a: ['risk', 1] });
    expect((await ada.ask('GET', `differences?after=${beyond}`)).status).toBe(404);
    expect((await t.stranger.ask('GET', 'differences?from=1')).status).toBe(401);
  });
});

/** Last, because what was damaged stays damaged. */
describe('what was changed past the ledger', () => {
  const register = 'risk';
  const NAMED = 'record_id = $1 and version = 1';
  const others = `(select value from content where record_id <> $1 and part = 'values' and value ? 'title' limit 1)`;
  const kinds: [string, string][] = [
    [
      'a value',
      `update content set value = value || '{"title": "forged"}' where ${NAMED} and part = 'values'`,
    ],
    [
      'a value taken from another record',
      `update content set value = ${others} where ${NAMED} and part = 'values'`,
    ],
    [
      'a value added',
      `insert into content select organisation, record_id, version, 'reason', '"made up"' from version where ${NAMED}`,
    ],
    ['a salt', `update secret set salt = sha256(salt) where ${NAMED} and part = 'links'`],
    ['a value deleted, its salt kept', `delete from content where ${NAMED} and part = 'values'`],
    ['a salt deleted, its value kept', `delete from secret where ${NAMED} and part = 'actor'`],
    ['the digest of a version', `update version set digest = 'sha256:' || repeat('0', 64) where ${NAMED}`],
    [
      'an entry',
      `update leaf set entry = convert_to(replace(convert_from(entry, 'UTF8'), '"act":"create"', '"act":"import"'), 'UTF8') where ${NAMED}`,
    ],
    ['a version deleted', `delete from version where ${NAMED}`],
  ];

  test.each(kinds)('%s: refused by record, version and entry wherever it would be shown', async (_, sql) => {
    const made = await given(t, register, await sampleInput(t, registry.get(register), 30));
    await settle();
    const [leaf] = await t.app.db.asOwner({
      text: 'select index, log from leaf where record_id = $1',
      values: [made.id],
    });
    const at = (await head()).size;
    const paths = [
      `${register}/${made.ref}?asOf=${at}`,
      `${register}/${made.ref}/versions?asOf=${at}`,
      `${register}?ref=${made.ref}&asOf=${at}`,
      `differences?from=${String(leaf!.index)}&to=${Number(leaf!.index) + 1}`,
    ];
    for (const path of paths) expect((await ada.ask('GET', path)).status, path).toBe(200);
    expect(await forge(sql, made.id)).toBe(1);
    for (const path of [...paths, `${register}/export?asOf=${at}`]) {
      const a = await ada.ask('GET', path);
      expect([a.status, a.body.code], `${path} ${a.text}`).toEqual([500, 'INTERNAL']);
      if (!path.includes('export'))
        expect(a.body.detail).toContain(`${made.ref} version 1, entry ${String(leaf!.index)} of log 1: `);
    }
    // So that the next kind begins from a register that can be read.
    await forge('update record set register = $$evidence$$ where id = $1', made.id);
    await forge('delete from leaf where record_id = $1', made.id);
  });

  test('the table of present states: refused where it disagrees with the log', async () => {
    const made = await given(t, register, await sampleInput(t, registry.get(register), 31));
    await settle();
    const at = (await head()).size;
    await forge(`update record set state = 'forged' where id = $1`, made.id);
    const a = await ada.ask('GET', `${register}?ref=${made.ref}&asOf=${at}`);
    expect([a.status, a.body.detail]).toEqual([
      500,
      expect.stringContaining(`${made.ref} version 1: the table`),
    ]);
    const page = await ada.ask('GET', `${register}/${made.ref}?asOf=${at}`);
    expect([page.status, page.body.state]).toEqual([200, 'open']);
  });

  test('erased parts are absent and named, everything else stands', async () => {
    const made = await given(t, register, await sampleInput(t, registry.get(register), 32));
    await settle();
    const at = (await head()).size;
    const path = `${register}/${made.ref}?asOf=${at}`;
    const whole = (await ada.ask('GET', path)).body;
    expect(whole.erased).toEqual([]);
    const [parts] = await Promise.all([
      t.app.db.asOwner({
        text: 'select part, value from content where record_id = $1 order by part',
        values: [made.id],
      }),
    ]);
    const gone = parts.map((p) => p.part as string).filter((p) => p === 'text' || p === 'people');
    expect(gone.length).toBeGreaterThan(0);
    for (const part of gone)
      for (const table of ['content', 'secret'])
        await forge(`delete from ${table} where record_id = $1 and part = '${part}'`, made.id);
    const page = (await ada.ask('GET', path)).body;
    const erased = Object.keys(
      Object.assign({}, ...parts.filter((p) => gone.some((g) => g === p.part)).map((p) => p.value)),
    );
    expect(erased.length).toBeGreaterThan(0);
    for (const name of erased) expect(page.values[name]).toBeUndefined();
    for (const name of Object.keys(whole.values))
      if (!erased.includes(name)) expect(page.values[name]).toEqual(whole.values[name]);
    expect([page.erased.sort(), page.links]).toEqual([gone.sort(), whole.links]);
    const versions = (await ada.ask('GET', `${register}/${made.ref}/versions?asOf=${at}`)).body.items;
    expect(versions[0].erased.sort()).toEqual(gone.sort());
  });

  async function forge(sql: string, id: string): Promise<number> {
    const client = await t.app.db.ownerPool.connect();
    try {
      await client.query('set session_replication_role = replica');
      return (await client.query(sql, [id])).rowCount ?? 0;
    } finally {
      await client.query('set session_replication_role = origin');
      client.release();
    }
  }
});

async function settle() {
  await t.app.sequencer.settle(t.organisation.id);
}

async function head() {
  const [row] = await t.app.db.asOwner({
    text: 'select size, at from checkpoint where organisation = $1 order by log desc, size desc limit 1',
    values: [t.organisation.id],
  });
  return { size: row!.size as number, at: (row!.at as Date).toISOString() };
}

async function fill(r: Register, n: number, seed = 40) {
  const made = refs.get(r.name) ?? [];
  refs.set(r.name, made);
  if (made.length === 0) made.push(await targetOf(t, r.name));
  for (let i = 0; i < n; i++) {
    const input = byPeople(r) ? await sampleInput(t, r, seed + i, i % 3 === 1 ? 'required' : 'all') : {};
    // What only its author edits is written by who edits it below.
    made.push(
      r.permissions.edit.join() === 'author' ? await written(r, input) : (await given(t, r.name, input)).ref,
    );
  }
}

async function written(r: Register, input: Record<string, unknown>): Promise<string> {
  const a = await ada.ask('POST', r.name, input);
  expect(a.status, a.text).toBe(201);
  return a.body.ref;
}

/** Changes fields and links of two records, and carries one a step on where its workflow lets it. */
async function change(r: Register) {
  if (!byPeople(r)) return;
  const [a, b, c] = refs.get(r.name)!;
  const edits: [string, Record<string, unknown>][] = [
    [a!, sampleEdit(t, r, 91)],
    [b!, sampleEdit(t, r, 92)],
  ];
  let done = 0;
  const refused: string[] = [];
  for (const [ref, body] of edits) {
    const a = await ada.ask('PATCH', `${r.name}/${ref}`, body);
    if (a.status === 200) done += 1;
    else refused.push(a.text);
  }
  expect(done, `${r.name}: ${refused.join()}`).toBeGreaterThan(0);
  for (const [name, l] of Object.entries(r.links))
    if (!l.engine) await ada.ask('PATCH', `${r.name}/${b}`, { [name]: [refs.get(l.to)!.at(2)] });
  for (const name of Object.keys(r.transitions))
    if ((await ada.ask('POST', `${r.name}/${c}/${name}`, { reason: 'because' })).status === 200) break;
}

/** What is computed of records, below their registers. */
const COMPUTED = [
  'control/statement',
  'risk/matrix',
  'risk/RSK-0001/standing',
  'aiSystem/SYS-0001/effects',
  'aiSystem/SYS-0001/requirements',
  'component/CMP-0001/effects',
  'change/CHG-0001/effects',
  'release/REL-0001/gate',
];

async function addresses(): Promise<string[]> {
  const out = ['dashboard'];
  const refused: string[] = [];
  for (const r of registry.all) {
    const base = r.name;
    for (const path of COMPUTED.filter((c) => c.startsWith(`${base}/`)))
      if ((await ada.ask('GET', path)).status === 200) out.push(path);
      else refused.push(path);
    if (!closely.has(base)) {
      const [one, two, three] = refs.get(base)!;
      const turn = registry.all.indexOf(r);
      const lists = [
        `sort=-${columnsOf(r).find((c) => c.sortable)?.name ?? 'number'}&limit=2`,
        `state.ne=${r.states[0]}&total=true`,
      ];
      out.push(
        `${base}?sort=number&total=true`,
        `${base}?${lists[turn % lists.length]}`,
        ...[`${one}`, `${two}/versions`, `${three}`].map((part) => `${base}/${part}`),
        ...(turn % 3 === 0 ? [`${base}/export?format=json`] : []),
      );
      continue;
    }
    const columns = columnsOf(r);
    const items = (await ada.ask('GET', `${base}?limit=200`)).body.items as View[];
    const sorts = ['number', ...columns.filter((c) => c.sortable).map((c) => c.name)];
    // Up or down in turn: that both hold of every column is asked of the present state.
    for (const [i, s] of sorts.entries())
      out.push(i % 2 === 0 ? `${base}?sort=${s}&total=true` : `${base}?sort=-${s}&limit=2`);
    for (const c of columns.filter((x) => x.filterable)) {
      const v = items.map((i) => i.values[c.name] ?? i.derived[c.name]).find((x) => typeof x === 'string');
      if (v !== undefined) out.push(`${base}?${c.name}=${encodeURIComponent(String(v).slice(0, 100))}`);
      else if (c.kind === 'number') out.push(`${base}?${c.name}.gte=1`);
    }
    out.push(`${base}?state=${r.states[0]}`, `${base}?state.ne=${r.states[0]}&total=true`);
    for (const [name, l] of Object.entries(r.links))
      out.push(
        `${base}?${name}=${await targetOf(t, l.to)}&total=true`,
        `${base}?${name}=${refs.get(l.to)!.at(2)}`,
      );
    for (const back of registry.inversesOf(r.name))
      out.push(`${base}?${back.inverse}=${refs.get(back.register.name)!.slice(0, 3).join(',')}`);
    const words = items.map((i) => i.title).find((x) => x.length > 3) ?? 'x';
    out.push(
      `${base}?q=${encodeURIComponent(words)}&total=true`,
      `${base}?q=${encodeURIComponent(words)}&sort=state`,
    );
    for (const ref of refs.get(r.name)!.slice(0, 3)) out.push(`${base}/${ref}`, `${base}/${ref}/versions`);
    out.push(`${base}/export?format=json`, `${base}/export?format=csv`);
  }
  expect(refused, 'what cannot be computed of the samples').toEqual([]);
  return out;
}

/** What an address answers, without what an earlier state says differently on purpose. All pages of a list. */
async function read(path: string, asOf?: string): Promise<unknown> {
  const plus = asOf === undefined ? '' : `${path.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(asOf)}`;
  const got = await ada.ask('GET', path + plus);
  expect(got.status, `${path}${plus} ${got.text}`).toBe(200);
  if (typeof got.body === 'string') return got.body.replaceAll(/,(\$erased)?$/gm, '');
  if (asOf !== undefined && !Array.isArray(got.body))
    expect(got.body.asOf.size).toBe(Number(asOf) || first.size);
  const clean = withoutMarks(got.body) as { next?: unknown; items?: unknown[] };
  if (typeof got.body.next === 'string') {
    const next = (await read(
      `${path.replace(/&after=[^&]*/, '')}&after=${encodeURIComponent(got.body.next)}`,
      asOf,
    )) as { items: unknown[] };
    return { ...clean, next: null, items: [...clean.items!, ...next.items] };
  }
  return clean;
}

function withoutMarks(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  // The gate says when it was asked.
  const {
    asOf: _,
    erased: __,
    may: ___,
    log: ____,
    evaluatedAt: _____,
    ...rest
  } = body as Record<string, unknown>;
  if (!Array.isArray(rest.items) || !('references' in rest)) return rest;
  const { references, ...page } = rest as { references: Record<string, View>; items: unknown[] };
  // Whoever created a record is named in a list of an earlier state too.
  const named = Object.entries(references).filter(
    ([ref]) => JSON.stringify(page.items).split(ref).length > 2,
  );
  return { ...page, items: page.items.map((i) => withoutMarks(i)), named: named.sort() };
}

interface View {
  ref: string;
  version: number;
  title: string;
  values: Record<string, unknown>;
  derived: Record<string, unknown>;
}
