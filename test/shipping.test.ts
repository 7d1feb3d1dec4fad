import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayFrom } from './arrange.ts';
import { allowed, type Crew, crewOf, criteriaInForce, type Gated, ok, testRun } from './gated.ts';
import { type TestInstance, testInstance } from './instance.ts';

/** An allowance says what was so when it was given. Whether a release goes into use is asked in the write that puts it there. */

let t: TestInstance;
let crew: Crew;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  await criteriaInForce(t, crew);
});
afterAll(() => t.close());

const ship = (g: Gated) => crew.maker.ask('POST', `release/${g.release}/ship`, {});
const state = async (g: Gated) => (await crew.maker.ask('GET', `release/${g.release}`)).body.state;
const hazardOf = async (g: Gated): Promise<string> =>
  (await crew.maker.ask('GET', `hazard/${g.hazard}`)).body.values.code;

test('what the gate still lets through goes into use', async () => {
  const g = await allowed(t, crew);
  const done = await ship(g);
  expect([done.status, done.body.state], done.text).toEqual([200, 'shipped']);
});

test('whatever would make the gate refuse keeps a release from going into use, in the words of the gate', async () => {
  const since: [string, RegExp, (g: Gated) => Promise<unknown>][] = [
    ['a failing run', /3 of 10 failed/, async (g) => testRun(t, g.release, await hazardOf(g), { failed: 3 })],
    [
      'an approval that no longer counts',
      /has changed since/,
      async (g) => {
        await ok(crew.maker, 'POST', `verificationPlan/${g.plan}/revise`, { reason: 'r' });
        await ok(crew.maker, 'PATCH', `verificationPlan/${g.plan}`, { minCases: 6 });
        await ok(crew.owner, 'POST', `verificationPlan/${g.plan}/fix`);
      },
    ],
    [
      'a risk above the appetite',
      /RSK-\d+/,
      (g) => ok(crew.owner, 'PATCH', `risk/${g.risk}`, { likelihood: 5, impactIndividuals: 5 }),
    ],
    [
      'an impact that is not acceptable',
      /not acceptable/,
      async (g) => {
        const made = await ok(crew.owner, 'POST', 'impactAssessment', {
          title: 'IA 2',
          owner: crew.owner.ref,
          heldOn: dayFrom(t, 0),
          affected: 'users',
          conclusion: 'notAcceptable',
          systems: [g.system],
        });
        return made.ref;
      },
    ],
    [
      'a system that left the scope it was confirmed in',
      /confirmed/,
      (g) => ok(crew.owner, 'PATCH', `aiSystem/${g.system}`, { purpose: 'decides about people' }),
    ],
  ];
  for (const [what, says, change] of since) {
    const g = await allowed(t, crew);
    await change(g);
    const single = await ship(g);
    expect([what, single.status, single.body.code], single.text).toEqual([what, 409, 'CONFLICT']);
    expect(single.body.detail, what).toMatch(says);
    expect(single.body.problems.length, what).toBeGreaterThan(0);
    const bulk = await crew.maker.ask('POST', 'release/bulk', { refs: [g.release], transition: 'ship' });
    expect([what, bulk.status], bulk.text).toEqual([what, 409]);
    expect(await state(g), what).toBe('allowed');
  }
});

test('nothing comes between the judging and the write: what is stored while it waits is judged, too', async () => {
  const g = await allowed(t, crew);
  const other = await t.app.db.pool.connect();
  const waiting = async (n: number) => {
    for (let i = 0; i < 400; i++) {
      const { rows } = await other.query(
        `select count(*)::int as n from pg_locks where locktype = 'advisory' and classid = 42015 and not granted`,
      );
      if (rows[0].n >= n) return;
      await new Promise((r) => setTimeout(r, 5));
    }
    throw new Error(`${n} do not wait`);
  };
  try {
    // While one is judged nobody writes; those who wait get their turn in order, and the next that is judged sees what they stored.
    await other.query('begin');
    await other.query('select pg_advisory_xact_lock(42015, $1)', [t.organisation.id]);
    const risen = crew.owner.ask('PATCH', `risk/${g.risk}`, { likelihood: 5, impactIndividuals: 5 });
    await waiting(1);
    const shipping = ship(g);
    await waiting(2);
    await other.query('commit');
    expect((await risen).status).toBe(200);
    const done = await shipping;
    expect([done.status, done.body.detail]).toEqual([409, expect.stringContaining(g.risk)]);
  } finally {
    other.release();
  }
});

test('a release in use that the gate would refuse now is told to its people for as long as it is so', async () => {
  const g = await allowed(t, crew);
  expect((await ship(g)).status).toBe(200);
  const told = async (who: keyof Crew) => {
    const a = await crew[who].ask('GET', 'my-work?kind=inUse&limit=200');
    expect(a.status, a.text).toBe(200);
    return a.body.items
      .filter((i: { ref: string }) => i.ref === g.release)
      .map((i: { why: string }) => i.why);
  };
  const all = ['boss', 'owner', 'approver', 'maker'] as const;
  for (const who of all) expect(await told(who)).toEqual([]);
  const risk = (values: Record<string, number>) => ok(crew.owner, 'PATCH', `risk/${g.risk}`, values);
  const reasons: [RegExp, () => Promise<unknown>, () => Promise<unknown>][] = [
    [
      new RegExp(g.risk),
      () => risk({ likelihood: 5, impactIndividuals: 5 }),
      () => risk({ likelihood: 2, impactIndividuals: 1 }),
    ],
    [
      /has confirmed/,
      () => ok(crew.owner, 'PATCH', `aiSystem/${g.system}`, { purpose: 'decides about people' }),
      () => ok(crew.boss, 'POST', `aiSystem/${g.system}/confirm`),
    ],
  ];
  for (const [says, wrong, right] of reasons) {
    await wrong();
    for (const who of all) expect(await told(who), who).toEqual([expect.stringMatching(says)]);
    await right();
    for (const who of all) expect(await told(who), who).toEqual([]);
  }
  await testRun(t, g.release, await hazardOf(g), { failed: 3 });
  expect(await told('maker')).toEqual([expect.stringMatching(/3 of 10 failed/)]);
  await ok(crew.owner, 'POST', `release/${g.release}/rollBack`, { reason: 'it fails' });
  for (const who of all) expect(await told(who), who).toEqual([]);
});

test('where nothing was written since, what is in use is not judged again', async () => {
  const g = await allowed(t, crew);
  expect((await ship(g)).status).toBe(200);
  const count = async () => {
    let statements = 0;
    t.app.db.observe = () => {
      statements += 1;
    };
    const a = await crew.maker.ask('GET', 'my-work?limit=1');
    t.app.db.observe = undefined;
    expect(a.status).toBe(200);
    return statements;
  };
  const first = await count();
  const second = await count();
  expect(second).toBeLessThan(first);
  expect(second).toBe(await count());
});
