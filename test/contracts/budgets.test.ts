import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USE_NAMES, usesOnPage } from '../../src/app/release/in-use.ts';
import { rulesFor } from '../../src/app/write/rules.ts';
import { happenedIn } from '../../src/register/claim.ts';
import type { Register } from '../../src/register/register.ts';
import { NO_TEXT } from '../../src/register/slots.ts';
import { registry } from '../../src/registers/index.ts';
import type { Statement } from '../../src/store/db/database.ts';
import { cursorAfter } from '../../src/store/records/cursors.ts';
import { type ListQuery, listStatement } from '../../src/store/records/list.ts';
import { ownUseStatement, toldSql } from '../../src/store/release/in-use.ts';
import { letThrough, peoplesRegisters, sampleInput, standing } from '../support/arrange.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What a request may cost in statements, begin and commit left out; never in time, which a loaded machine decides. */
const LIST = 3;
const CREATE = 6;
/** A record with everything its page shows. */
const PAGE = 6;
/** A rule about other records reads them as facts, in a transaction of its own: which they are, and whom they name. */
const RULE = 2;
/** One that counts what is hidden from whoever asks looks with other eyes for it: a setting in the same round trip. */
const EYES = 1;
/** Enough that reading the whole table costs more than an index. */
const ROWS = 20_000;

let t: TestInstance;
let ada: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  // What it does in the background belongs to no request.
  await t.quiet();
});
afterAll(() => t.close());

/** The statements that a piece of work sends to the database. */
async function counted(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const observe = (text: string) => seen.push(text.replace(/\s+/g, ' ').slice(0, 80));
  t.app.db.observe = observe;
  t.app.identity.observe = observe;
  try {
    await work();
  } finally {
    t.app.db.observe = undefined;
    t.app.identity.observe = undefined;
  }
  return seen;
}

/** Links of which a day is asked whether it lies after what they lead to was there: a statement each. */
const sinceLinked = (r: Register): number =>
  happenedIn(r)
    .flatMap(([, { claim }]) => (claim?.is === 'happened' ? (claim.since ?? []) : []))
    .filter((n) => r.links[n]).length;

/** A day of review reads the criteria in force: a statement, and where it is the first one asked of other records its setting. */
const capped = (r: Register): number =>
  2 * Object.values(r.fields).filter(({ claim }) => claim?.is === 'review').length;

test.each(peoplesRegisters(registry).map((r) => [r.name, r] as const))(
  '%s: a list and a create keep within their statements',
  async (name, r) => {
    const body = await sampleInput(t, r, 1);
    const more = await sampleInput(t, r, 2);
    const created = await counted(async () => {
      const a = await ada.ask('POST', name, body);
      expect(a.status, a.text).toBe(201);
    });
    expect(created.length).toBeGreaterThan(2);
    expect(created.length, created.join('\n')).toBeLessThanOrEqual(
      CREATE + (rulesFor(r, 'create').length > 0 ? RULE : 0) + sinceLinked(r) + capped(r),
    );
    expect((await ada.ask('POST', name, more)).status).toBe(201);
    for (const query of [
      '',
      '?sort=state&limit=1',
      '?total=true',
      '?q=a',
      '?state=draft,open&sort=-updatedAt',
    ]) {
      const listed = await counted(async () => {
        expect((await ada.ask('GET', `${name}${query}`)).status).toBe(200);
      });
      expect(listed.length).toBeGreaterThan(1);
      expect(listed.length, `${query}: ${listed.join('\n')}`).toBeLessThanOrEqual(LIST);
    }
  },
);

test.each([
  // Who asks, settings, and all of it at once.
  ['home', 'dashboard', 3],
  // What a rule about other records may refuse is read once more.
  ['my work', 'my-work', 3 + RULE],
])('%s costs the same few statements, whatever there is', async (_, path, most) => {
  const seen = await counted(async () => {
    expect((await ada.ask('GET', path)).status).toBe(200);
  });
  expect(seen.length, seen.join('\n')).toBeGreaterThan(1);
  expect(seen.length, seen.join('\n')).toBeLessThanOrEqual(most);
});

test('work, home and pages read what was found of releases in use, however many there are, and leave none out', async () => {
  const release = registry.get('release');
  const systems: string[] = [];
  const made: string[] = [];
  for (let i = 0; i < 25; i++) {
    // One system has one release in use.
    systems.push(await standing(t, registry.get('aiSystem'), 'inScope', 1000 + i));
    made.push(
      await standing(t, release, 'shipped', 1000 + i, {
        more: { system: [systems[i]!], kind: 'release' },
        author: ada.ref,
      }),
    );
    await letThrough(t, release, made[i]!);
    for (const n of [2000, 3000])
      await standing(t, release, 'draft', n + i, { more: { system: [systems[i]!], kind: 'release' } });
  }
  const paths: [string, number][] = [
    ['my-work?kind=inUse&limit=200', 3 + RULE],
    ['dashboard', 3],
    [`release/${made[3]}`, PAGE],
    [`aiSystem/${systems[3]}`, PAGE],
  ];
  const told = async () => {
    const all: number[] = [];
    for (const [path, most] of paths) {
      let uses: unknown[] = [];
      const seen = await counted(async () => {
        const a = await ada.ask('GET', path);
        expect(a.status, a.text).toBe(200);
        uses = a.body.items ?? a.body.inUse ?? [];
      });
      expect(seen.length, `${path}: ${seen.join('\n')}`).toBeLessThanOrEqual(most);
      all.push(uses.length);
    }
    return all;
  };
  expect(await told()).toEqual([0, 0, 0, 0]);
  await t.uses.settle(t.organisation.id);
  expect(await told()).toEqual([25, 25, 1, 1]);

  await t.app.db.asOwner({ text: 'analyze' });
  // What is told on one page is looked up from its record, and not among all releases in use.
  for (const statement of [
    usesOnPage('release', made[3]!)!,
    usesOnPage('aiSystem', systems[3]!)!,
    ownUseStatement(USE_NAMES, made[3]!),
  ]) {
    const read = readOf(await carriedOut(statement));
    expect(read).toBeLessThan(made.length);
    expect(read).toBeGreaterThan(1);
  }
  // What is told of all looks at each with its system, its allowance and the other releases of the system, and not at all in use for each of these.
  const read = readOf(await carriedOut({ text: toldSql(USE_NAMES, 50) }));
  expect(read).toBeGreaterThan(3 * made.length);
  expect(read).toBeLessThan(6 * made.length);
});

/** The plan of a statement that is kept for any values, after it was carried out. */
async function carriedOut(s: Statement): Promise<Read> {
  const [, rows] = await t.app.db.run(t.organisation.id, [
    { text: "select set_config('plan_cache_mode', 'force_generic_plan', true)", values: [] },
    { text: `explain (analyze, format json) ${s.text}`, ...(s.values ? { values: s.values } : {}) },
  ]);
  const [{ Plan: plan }] = rows![0]!['QUERY PLAN'] as [{ Plan: Read }];
  return plan;
}

interface Read {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Read[];
}

/** Records that a statement looked at. */
const readOf = (p: Read): number =>
  (p['Relation Name'] === 'record'
    ? (p['Actual Rows'] + (p['Rows Removed by Filter'] ?? 0)) * p['Actual Loops']
    : 0) + (p.Plans ?? []).reduce((sum, below) => sum + readOf(below), 0);

test('a preview of the gate reads everything around a release in eight statements', async () => {
  const { items } = (await ada.ask('GET', 'release?limit=200')).body;
  expect(items.length).toBeGreaterThan(0);
  for (const { ref } of items) {
    const seen = await counted(async () => {
      const a = await ada.ask('GET', `release/${ref}/gate`);
      expect(a.status, a.text).toBe(200);
    });
    expect(seen.length, seen.join('\n')).toBeLessThanOrEqual(8);
  }
});

test('the page of a record keeps within its statements, whoever asks and whatever decisions there are', async () => {
  const reader = await t.person('Rea', ['reader']);
  let pages = 0;
  for (const r of peoplesRegisters(registry)) {
    const ref = (await ada.ask('GET', `${r.name}?limit=1`)).body.items[0].ref;
    for (const who of [ada, reader]) {
      const seen = await counted(async () => {
        expect((await who.ask('GET', `${r.name}/${ref}`)).status).toBeOneOf([200, 403]);
      });
      const counts = Object.values(r.transitions).some((step) => step.linked);
      expect(seen.length, `${r.name}: ${seen.join('\n')}`).toBeLessThanOrEqual(PAGE + (counts ? EYES : 0));
      if (seen.length > 3) pages += 1;
    }
  }
  expect(pages).toBeGreaterThan(50);
});

describe('plans, as the application role with another organisation beside it', () => {
  const risk = registry.get('risk');

  beforeAll(async () => {
    const other = await t.newOrganisation('other');
    const slots = t.app.slots.get('risk')!;
    for (const organisation of [t.organisation.id, other.id])
      await t.app.db.asOwner({
        text: `insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, owner,
            created_at, created_by, updated_at, updated_by, search, ${slots.title}, ${slots.level}, ${slots.reviewBy}, ${slots.treatment})
          select $1::int, gen_random_uuid(), 'risk', 1000 + n, 'RSK-' || (1000 + n), (array['open','assessed','treated','closed'])[1 + n % 4], 1,
            'Risk ' || n, jsonb_build_object('title', 'Risk ' || n), '{}', 'PSN-' || lpad((n % 50)::text, 4, '0'),
            now(), 'PSN-0001', now() - n * interval '1 second', 'PSN-0001',
            to_tsvector('simple', replace('Owrisk Ow' || n || ' Owword' || (n % 1000), 'O', 'o' || $1::int::text)) || array_to_tsvector(array[$1::int::text || ':risk']),
            'risk ' || md5(n::text), n % 25, timestamptz '2027-01-01' + (n % 700) * interval '1 day', case when n % 3 = 0 then $2::text else 'modify' end
          from generate_series(1, ${ROWS}) n`,
        values: [organisation, NO_TEXT],
      });
    await t.app.db.asOwner({ text: 'analyze record' });
  });

  interface Plan {
    'Node Type': string;
    'Relation Name'?: string;
    'Index Name'?: string;
    'Index Cond'?: string;
    Plans?: Plan[];
  }

  const nodes = (p: Plan): Plan[] => [p, ...(p.Plans ?? []).flatMap(nodes)];

  async function explained(q: ListQuery): Promise<Plan[]> {
    const s = listStatement(registry, risk, t.app.slots.get('risk')!, q);
    const [rows] = await t.app.db.run(t.organisation.id, [
      { text: `explain (format json) ${s.text}`, values: s.values },
    ]);
    const [{ Plan: plan }] = rows![0]!['QUERY PLAN'] as [{ Plan: Plan }];
    return nodes(plan);
  }

  const query = (sort: string, more: Partial<ListQuery> = {}): ListQuery => ({
    filters: [],
    sort: { name: sort.replace('-', ''), descending: sort.startsWith('-') },
    limit: 50,
    total: false,
    ...more,
  });

  /** The page that begins in the middle of the register. */
  const deep = (sort: string, key: string): ListQuery => {
    const q = query(sort);
    return { ...q, after: cursorAfter(q, { number: 11_000, sortKey: key }) };
  };

  function expectIndexed(plan: Plan[], cond: RegExp): void {
    expect(plan.filter((p) => p['Node Type'] === 'Seq Scan' && p['Relation Name'] === 'record')).toEqual([]);
    const conds = plan
      .filter((p) => p['Relation Name'] === 'record' || /record_/.test(p['Index Name'] ?? ''))
      .map((p) => p['Index Cond'] ?? '');
    expect(conds.join('\n')).toMatch(cond);
  }

  const slot = (name: string) => t.app.slots.get('risk')![name]!;
  const cases: [string, () => ListQuery, () => RegExp][] = [
    ['number', () => deep('number', '11000'), () => /number > /],
    ['number, descending', () => deep('-number', '11000'), () => /number < /],
    [
      'a text column',
      () => deep('title', 'risk 8'),
      () => new RegExp(`ROW\\(${slot('title')}, number\\) > `),
    ],
    [
      'a text column, descending',
      () => deep('-title', 'risk 8'),
      () => new RegExp(`ROW\\(${slot('title')}, number\\) < `),
    ],
    ['a number column', () => deep('level', '12'), () => new RegExp(`ROW\\(${slot('level')}, number\\) > `)],
    [
      'a date column',
      () => deep('reviewBy', '2027-06-01T00:00:00Z'),
      () => new RegExp(`ROW\\(${slot('reviewBy')}, number\\) > `),
    ],
    ['state', () => deep('state', 'closed'), () => /ROW\(state, number\) > /],
    ['owner', () => deep('-owner', 'PSN-0025'), () => /ROW\(owner, number\) < /],
    ['updatedAt', () => deep('-updatedAt', new Date().toISOString()), () => /ROW\(updated_at, number\) < /],
  ];

  test.each(cases)('a deep page by %s finds its place in the index', async (_, q, cond) => {
    expectIndexed(await explained(q()), cond());
  });

  test('a filter on one value finds it in the index', async () => {
    const plan = await explained(
      query('-number', { filters: [{ name: 'owner', op: 'in', values: ['PSN-0007'] }] }),
    );
    expectIndexed(plan, /owner = /);
  });

  test('a text search uses its index behind the policy, and finds what is there', async () => {
    const [row] = await t.app.db.asOwner({
      text: `explain (format json) select number from record where organisation = $1 and register = 'risk' and search @@ to_tsquery('simple', $2)`,
      values: [t.organisation.id, `'o${t.organisation.id}wword777':* & '${t.organisation.id}:risk'`],
    });
    const [{ Plan: plan }] = row!['QUERY PLAN'] as [{ Plan: Plan }];
    expect(nodes(plan).map((p) => p['Index Name'])).toContain('record_search');
    const found = await ada.ask('GET', 'risk?q=word777&limit=200');
    expect(found.body.items.length).toBe(ROWS / 1000);
    expectIndexed(await explained(query('-number', { words: 'word777' })), /number/);
  });

  test('a search for a common word reads no further than its page, in whatever order', async () => {
    const orders = ['number', 'state', 'owner', 'updatedAt', 'title', 'level', 'reviewBy', 'treatment'];
    for (const sort of orders.flatMap((name) => [name, `-${name}`])) {
      const s = listStatement(registry, risk, t.app.slots.get('risk')!, query(sort, { words: 'risk' }));
      // The page, and the people on it.
      const read = readOf(await carriedOut(s));
      expect(read, sort).toBeGreaterThan(50);
      expect(read, sort).toBeLessThan(300);
    }
  });

  test('a deep page of the real list holds what comes after it', async () => {
    let after = '';
    const seen = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const page = await ada.ask('GET', `risk?sort=title&limit=200${after}`);
      for (const item of page.body.items) seen.add(item.ref);
      after = `&after=${encodeURIComponent(page.body.next)}`;
    }
    expect(seen.size).toBe(1000);
  });
});
