import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeUses, type UseWatch } from '../../src/app/passes/use-watch.ts';
import { registry } from '../../src/registers/index.ts';
import { keepStatements } from '../../src/store/release/in-use.ts';
import { dayFrom, letThrough } from '../support/arrange.ts';
import {
  allowed,
  type Crew,
  crewOf,
  criteriaInForce,
  type Gated,
  gated,
  inState,
  ok,
  testRun,
  why,
} from '../support/gated.ts';
import { PASSWORD, type TestInstance, testInstance } from '../support/instance.ts';

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

/** What the page of a release says of putting it into use. */
const offered = async (g: Gated) => {
  const { may } = (await crew.maker.ask('GET', `release/${g.release}`)).body;
  const ship = may.transitions.find((x: { name: string }) => x.name === 'ship');
  return [ship.allowed, ship.why];
};

test('what the gate still lets through goes into use', async () => {
  const g = await allowed(t, crew);
  const done = await ship(g);
  expect([done.status, done.body.state], done.text).toEqual([200, 'shipped']);
});

test('what somebody does after they approved makes it no work of their own: they may ask the gate, and carry the ticket on', async () => {
  const g = await gated(t, crew);
  await ok(crew.approver, 'POST', `release/${g.release}/approve`);
  const { result } = await ok(crew.approver, 'POST', `release/${g.release}/gate`);
  expect(result.verdict, why(result).join('\n')).toBe('allow');
  const done = await ship(g);
  expect([done.status, done.body.state], done.text).toEqual([200, 'shipped']);
  const page = (await crew.approver.ask('GET', `release/${g.release}/gate`)).body;
  expect(page.inUse?.verdict).toBe('allow');
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
    expect(await offered(g), what).toEqual([true, undefined]);
    await change(g);
    const told = await offered(g);
    const single = await ship(g);
    expect(told, what).toEqual([false, single.body.detail]);
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

/** Where a release in use is told, once what was written is judged. */
async function toldOf(g: Gated, on: { uses: Pick<UseWatch, 'settle'> } = t) {
  await on.uses.settle(t.organisation.id);
  const why = (uses: { release: string; why: string }[] | undefined) =>
    (uses ?? []).filter((u) => u.release === g.release).map((u) => u.why);
  const get = async (who: keyof Crew, path: string) => {
    const a = await crew[who].ask('GET', path);
    expect(a.status, a.text).toBe(200);
    return a.body;
  };
  const work = (who: keyof Crew) => async () =>
    (await get(who, 'my-work?kind=inUse&limit=200')).items
      .filter((x: { ref: string }) => x.ref === g.release)
      .map((x: { why: string }) => x.why);
  const places = {
    'work of management': work('boss'),
    'work of the owner': work('owner'),
    'work of the approver': work('approver'),
    'work of the maker': work('maker'),
    'page of the release': async () => why((await get('maker', `release/${g.release}`)).inUse),
    'page of the system': async () => why((await get('owner', `aiSystem/${g.system}`)).inUse),
    home: async () => why((await get('approver', 'dashboard')).inUse),
  };
  const found: Record<string, string[]> = {};
  for (const [place, read] of Object.entries(places)) found[place] = await read();
  return found;
}

/** The same everywhere: nothing, or one sentence that says this. */
async function expectTold(
  g: Gated,
  says: RegExp | undefined,
  what = '',
  on?: { uses: Pick<UseWatch, 'settle'> },
) {
  const told = Object.entries(await toldOf(g, on));
  expect(told.length).toBe(7);
  for (const [place, lines] of told)
    expect([what, place, lines]).toEqual([what, place, says ? [expect.stringMatching(says)] : []]);
  const gate = (await crew.maker.ask('GET', `release/${g.release}/gate`)).body;
  const kept = (await crew.maker.ask('GET', `release/${g.release}`)).body.inUse ?? [];
  expect(kept.length, what).toBe(says ? 1 : 0);
  // What was found is kept as ids and parameters, not as its English alone.
  for (const reason of kept[0]?.params.reasons.items ?? [])
    expect(reason, what).toMatchObject({ message: expect.any(String), params: expect.any(Object) });
  if (says)
    expect(gate.inUse, what).toMatchObject({
      system: g.system,
      verdict: expect.stringMatching(/refuse|insufficient/),
    });
  else if ((await state(g)) === 'shipped')
    expect(gate.inUse?.verdict ?? 'replaced', what).toMatch(/allow|replaced/);
}

async function inUse(): Promise<Gated> {
  const g = await allowed(t, crew);
  expect((await ship(g)).status).toBe(200);
  return g;
}

test('a release in use that the gate would refuse now is told wherever it is seen, for as long as it is so', async () => {
  const risk = (g: Gated, values: Record<string, number>) =>
    ok(crew.owner, 'PATCH', `risk/${g.risk}`, values);
  const reasons: [string, RegExp, (g: Gated) => Promise<unknown>, ((g: Gated) => Promise<unknown>)?][] = [
    [
      'a risk above the appetite',
      /RSK-\d+/,
      (g) => risk(g, { likelihood: 5, impactIndividuals: 5 }),
      (g) => risk(g, { likelihood: 2, impactIndividuals: 1 }),
    ],
    [
      'a system that is another than was confirmed',
      /has confirmed/,
      (g) => ok(crew.owner, 'PATCH', `aiSystem/${g.system}`, { purpose: 'decides about people' }),
      (g) => ok(crew.boss, 'POST', `aiSystem/${g.system}/confirm`),
    ],
    ['a failing run', /3 of 10 failed/, async (g) => testRun(t, g.release, await hazardOf(g), { failed: 3 })],
    [
      'evidence that was withdrawn',
      /still counts\. TST-\d+ was withdrawn/,
      async (g) => {
        const run = (await crew.boss.ask('GET', `testRun/${g.run}`)).body;
        await ok(crew.boss, 'POST', `evidence/${run.links.evidence[0]}/withdraw`, {
          reason: 'of another release',
        });
      },
      async (g) => testRun(t, g.release, await hazardOf(g), { failed: 0 }),
    ],
    [
      'an approval that no longer counts',
      /0 approvals of REL-/,
      async (g) => {
        await ok(crew.maker, 'POST', `verificationPlan/${g.plan}/revise`, { reason: 'r' });
        await ok(crew.maker, 'PATCH', `verificationPlan/${g.plan}`, { minCases: 6 });
        await ok(crew.owner, 'POST', `verificationPlan/${g.plan}/fix`);
      },
    ],
  ];
  let seen = 0;
  for (const [what, says, wrong, right] of reasons) {
    const g = await inUse();
    await expectTold(g, undefined, what);
    await wrong(g);
    await expectTold(g, says, what);
    if (right) {
      await right(g);
      await expectTold(g, undefined, what);
    } else {
      await ok(crew.owner, 'POST', `release/${g.release}/rollBack`, { reason: 'it fails' });
      await expectTold(g, undefined, `${what}, rolled back`);
    }
    seen += 1;
  }
  expect(seen).toBe(5);
});

test('what another release of the system replaced is told no longer; leave to use what a vendor runs replaces nothing', async () => {
  const g = await inUse();
  await testRun(t, g.release, await hazardOf(g), { failed: 3 });
  await expectTold(g, /3 of 10 failed/);
  const other = async (kind: string) => {
    const ref = await inState(t, 'release', 'shipped', {
      title: kind,
      releaseVersion: kind,
      kind,
      system: [g.system],
    });
    await letThrough(t, t.app.registry.get('release'), ref);
  };
  await other('useClearance');
  const [line] = (await toldOf(g))['page of the release']!;
  expect(line).toMatch(/3 of 10 failed/);
  await other('release');
  for (const lines of Object.values(await toldOf(g))) expect(lines).toEqual([]);
});

test('another process judges and tells the same; of two who judged, what was seen later stays', async () => {
  const g = await inUse();
  const other = await t.again(registry);
  try {
    await testRun(t, g.release, await hazardOf(g), { failed: 3 }, other);
    await expectTold(g, /3 of 10 failed/, 'the other process', other);
    await expectTold(g, /3 of 10 failed/, 'this process');
  } finally {
    await other.close();
  }
  const kept = () =>
    t.app.db.asOwner({
      text: `select f.release_id as id, f.log, f.size, f.verdict from use_finding f join record r on r.id = f.release_id where r.ref = $1`,
      values: [g.release],
    });
  const [old] = await kept();
  const late = {
    id: String(old!.id),
    log: Number(old!.log),
    size: Number(old!.size) - 1,
    judgedAt: new Date(Date.now() + 60_000).toISOString(),
    anewAt: new Date(Date.now() + 120_000).toISOString(),
    verdict: 'allow' as const,
    reasons: [],
  };
  await t.app.db.run(t.organisation.id, keepStatements([late]));
  expect(await kept()).toEqual([old]);
  await expectTold(g, /3 of 10 failed/, 'somebody slow');
});

test('my work tells it to those who answer for it, and to nobody else', async () => {
  const g = await inUse();
  const other = await t.person('Outsider', ['contributor']);
  await testRun(t, g.release, await hazardOf(g), { failed: 3 });
  await expectTold(g, /3 of 10 failed/);
  const work = async () =>
    (await other.ask('GET', 'my-work?kind=inUse&limit=200')).body.items.map((i: { ref: string }) => i.ref);
  expect(await work()).toEqual([]);
  await ok(crew.boss, 'PATCH', `aiSystem/${g.system}`, { oversight: other.ref });
  await t.uses.settle(t.organisation.id);
  expect(await work()).toEqual([g.release]);
});

test('while what was written is not judged yet, it says of when it is', async () => {
  const g = await inUse();
  await testRun(t, g.release, await hazardOf(g), { failed: 3 });
  await t.uses.settle(t.organisation.id);
  await t.uses.stop();
  const line = async () => (await crew.maker.ask('GET', `release/${g.release}`)).body.inUse[0].why;
  expect(await line()).not.toContain('judged at');
  await ok(crew.owner, 'PATCH', `aiSystem/${g.system}`, { purpose: 'answers more' });
  expect(await line()).toMatch(/ \(judged at \d\d:\d\d UTC on \d{4}-\d\d-\d\d\): /);
  await t.uses.settle(t.organisation.id);
  expect(await line()).not.toContain('judged at');
});

test('what was found is forgotten with what is erased', async () => {
  const g = await inUse();
  await testRun(t, g.release, await hazardOf(g), { failed: 3 });
  await t.uses.settle(t.organisation.id);
  await t.uses.stop();
  const kept = async () =>
    (await t.app.db.asOwner({ text: 'select count(*)::int as n from use_finding' }))[0]!.n;
  expect(await kept()).toBeGreaterThan(0);
  await ok(crew.owner, 'PATCH', `aiSystem/${g.system}`, { purpose: 'says nothing of Ada' });
  await ok(crew.boss, 'POST', 'erasure', {
    kind: 'parts',
    ref: g.system,
    versions: [1, 1],
    groups: ['text'],
    basis: 'gdpr.17.1.a',
    reason: 'asked for by the person',
    password: PASSWORD,
  });
  expect(await kept()).toBe(0);
  expect((await toldOf(g)).home).toEqual([expect.stringMatching(/3 of 10 failed/)]);
});

test('time alone ends what a release in use rests on, and it is told then', async () => {
  const g = await inUse();
  await ok(crew.owner, 'PATCH', `risk/${g.risk}`, {
    likelihood: 2,
    impactIndividuals: 4,
    treatment: 'retain',
    reviewBy: dayFrom(t, 300),
  });
  await ok(crew.boss, 'POST', `risk/${g.risk}/accept`, {
    reason: 'for now',
    until: dayFrom(t, 20),
    password: PASSWORD,
  });
  await expectTold(g, undefined, 'accepted');
  const later = { now: () => new Date(t.app.clock.now().getTime() + 21 * 86_400_000) };
  // Nothing was written: sessions end, too, so only who judges lives in that day.
  const uses = { settle: (organisation: number) => judgeUses({ ...t.app, clock: later }, organisation) };
  for (const lines of Object.values(await toldOf(g, { uses })))
    expect(lines).toEqual([expect.stringMatching(/accept/)]);
});

test('other criteria are told of, too', async () => {
  const g = await inUse();
  await expectTold(g, undefined);
  await criteriaInForce(t, crew, { appetite: 1 });
  await expectTold(g, /RSK-\d+/, 'a smaller appetite');
});
