import { afterAll, beforeAll, expect, test } from 'vitest';
import { presentRule, rulesOf } from '../../src/register/covering.ts';
import { type Register, Registry } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { coverDigestSql, decidedSql } from '../../src/store/authority/covers.ts';
import { coverDigest, coverRows, sameAsNow } from '../../src/store/authority/steps.ts';
import { allowed, type Crew, crewOf, criteriaInForce, type Gated, gated, ok, why } from '../support/gated.ts';
import { type TestInstance, testInstance } from '../support/instance.ts';

/** A decision is weighed by what its register covered when it was taken; what a register covers now, an approval of now covers. */

/** The declarations as 0.1.0 had them, as far as covers go. */
const first = new Registry(
  registry.all.map((r): Register => ({ ...r, covers: r.covers.filter((c) => c.since === undefined) })),
);

let t: TestInstance;
let crew: Crew;
beforeAll(async () => {
  t = await testInstance({ registry: first });
  crew = await crewOf(t);
  await criteriaInForce(t, crew);
});
afterAll(() => t.close());

/** Fixes a plan anew after changing it. */
async function revisePlan(g: Gated, change: Record<string, unknown>, c: Crew = crew): Promise<void> {
  await ok(c.maker, 'POST', `verificationPlan/${g.plan}/revise`, { reason: 'r' });
  await ok(c.maker, 'PATCH', `verificationPlan/${g.plan}`, change);
  await ok(c.owner, 'POST', `verificationPlan/${g.plan}/fix`);
}

test('a release approved before approvals covered its plans keeps its approval, and is shown what one of now would cover', async () => {
  const g = await gated(t, crew);
  await ok(crew.approver, 'POST', `release/${g.release}/approve`);
  const later = await t.again(registry);
  try {
    const as = (who: keyof Crew) => later.as(crew[who]);
    const now: Crew = { boss: as('boss'), owner: as('owner'), approver: as('approver'), maker: as('maker') };
    const page = async () => (await now.maker.ask('GET', `release/${g.release}`)).body;
    expect((await page()).decisions).toMatchObject([{ kind: 'approve', current: true }]);
    await revisePlan(g, { threshold: 0, minCases: 8 }, now);
    // It never was about the plan: no change of the rule makes it stale, and no change of the plan either.
    expect((await page()).decisions).toMatchObject([{ kind: 'approve', current: true }]);
    const since = (await now.maker.ask('GET', `release/${g.release}/since-approval`)).body;
    expect(since).toMatchObject({ carriedForward: true, covered: [] });
    expect(since.notCovered.map((x: { ref: string }) => x.ref).sort()).toEqual(
      [g.hazard, g.plan, g.rollbackPlan].sort(),
    );
    const preview = (await now.maker.ask('GET', `release/${g.release}/gate`)).body;
    const people = preview.checks.find((c: { id: string }) => c.id === 'people');
    expect(people.status).toBe('passed');
    expect(people.reasons.map((r: { text: string }) => r.text).join(' ')).toContain('did not cover');
    await agree(later.app, g.release, true);
    // One taken now covers them.
    await ok(now.maker, 'POST', `release/${g.release}/revise`);
    await ok(now.maker, 'PATCH', `release/${g.release}`, { title: 'Again' });
    await ok(now.maker, 'POST', `release/${g.release}/submit`);
    await ok(now.approver, 'POST', `release/${g.release}/approve`);
    await agree(later.app, g.release, true);
    await revisePlan(g, { minCases: 9 }, now);
    expect((await page()).decisions[0]).toMatchObject({
      current: false,
      changed: [{ ref: g.plan, from: expect.any(Number), to: expect.any(Number) }],
    });
    await agree(later.app, g.release, false);
  } finally {
    await later.close();
  }
});

/** Whatever computes whether a decision counts says the same. */
async function agree(app: TestInstance['app'], ref: string, counts: boolean): Promise<void> {
  const register = app.registry.ofRef(ref)!;
  const place = { register: 'decision', subject: app.slots.get('decision')!.subject! };
  const [rows] = await app.db.run(t.organisation.id, [
    {
      text: `select ${decidedSql(app.registry, register, 'r', place, "'2000-01-01'")} as one,
        (select bool_or(${sameAsNow('$2')}) from record d where d.organisation = r.organisation and d.register = 'decision'
          and d.${place.subject} = lower(r.ref)) as any from record r where r.ref = $1`,
      values: [ref, JSON.stringify(coverRows(app.registry))],
    },
  ]);
  expect(rows![0]).toEqual({ one: counts ? 'current' : 'stale', any: counts });
}

test('an approval covers verification plan, rollback plan and hazards: a change of each makes it stale, and is said since the approval', async () => {
  const later = await t.again(registry);
  try {
    const as = (who: keyof Crew) => later.as(crew[who]);
    const now: Crew = { boss: as('boss'), owner: as('owner'), approver: as('approver'), maker: as('maker') };
    const changes: [keyof Gated, (g: Gated) => Promise<unknown>][] = [
      ['plan', (g) => revisePlan(g, { minCases: 6 }, now)],
      [
        'rollbackPlan',
        async (g) => {
          await ok(now.maker, 'POST', `rollbackPlan/${g.rollbackPlan}/revise`);
          await ok(now.maker, 'PATCH', `rollbackPlan/${g.rollbackPlan}`, { steps: 'hope' });
          await ok(now.approver, 'POST', `rollbackPlan/${g.rollbackPlan}/approve`);
        },
      ],
      ['hazard', (g) => ok(now.owner, 'PATCH', `hazard/${g.hazard}`, { severity: 'low' })],
      ['hazard', (g) => ok(now.owner, 'PATCH', `hazard/${g.hazard}`, { testIds: 'anything' })],
      ['hazard', (g) => ok(now.owner, 'PATCH', `hazard/${g.hazard}`, { systems: [] })],
      ['hazard', (g) => ok(now.boss, 'POST', `hazard/${g.hazard}/retire`, { reason: 'r' })],
    ];
    for (const [what, change] of changes) {
      const g = await gated(t, now);
      await ok(now.approver, 'POST', `release/${g.release}/approve`);
      const before = (await now.maker.ask('GET', `release/${g.release}/gate`)).body;
      expect(why(before), what).toEqual([]);
      await change(g);
      const after = (await now.maker.ask('GET', `release/${g.release}/gate`)).body;
      expect(after.checks.find((c: { id: string }) => c.id === 'people').status, what).not.toBe('passed');
      const since = (await now.maker.ask('GET', `release/${g.release}/since-approval`)).body;
      expect([since.carriedForward, since.covered.map((c: { ref: string }) => c.ref)], what).toEqual([
        false,
        [g[what]],
      ]);
      await agree(later.app, g.release, false);
      // What was tested is the same: it is the approval that is asked for again.
      expect(after.subject).toBe(before.subject);
    }
  } finally {
    await later.close();
  }
});

test('what a register covers is told by versions of its rule, and both ways of computing it agree under each', async () => {
  const g = await allowed(t, crew);
  const release = registry.get('release');
  expect(presentRule(release)).toBe(2);
  expect(rulesOf(release)).toEqual([1, 2]);
  const digests = new Set<unknown>();
  for (const rule of rulesOf(release)) {
    const [rows] = await t.app.db.run(t.organisation.id, [
      {
        text: `select ${coverDigestSql(registry, release, 'r', rule)} as one, ${coverDigest('$2', String(rule))} as any from record r where r.ref = $1`,
        values: [g.release, JSON.stringify(coverRows(registry))],
      },
    ]);
    expect(rows![0]!.one).toMatch(/^sha256:/);
    expect(rows![0]!.any).toBe(rows![0]!.one);
    digests.add(rows![0]!.one);
  }
  expect(digests.size).toBe(2);
});

test('a plan is not fixed looser than before without a ticket, nor above what the criteria let any plan of its class allow', async () => {
  const g = await gated(t, crew);
  const revised = async (change: Record<string, unknown>) => {
    await ok(crew.maker, 'POST', `verificationPlan/${g.plan}/revise`, { reason: 'r' });
    await ok(crew.maker, 'PATCH', `verificationPlan/${g.plan}`, change);
    return crew.owner.ask('POST', `verificationPlan/${g.plan}/fix`);
  };
  const above = await revised({ threshold: 100 });
  expect([above.status, above.body.code, above.body.problems[0].path]).toEqual([
    409,
    'CONFLICT',
    '/threshold',
  ]);
  expect(above.body.detail).toMatch(
    /100 % of the cases may fail; criteria allow a plan of class minimal at most 20 %/,
  );
  await ok(crew.maker, 'PATCH', `verificationPlan/${g.plan}`, { threshold: 10, hazardsRequired: [] });
  const looser = await crew.owner.ask('POST', `verificationPlan/${g.plan}/fix`);
  expect([looser.status, looser.body.problems.map((p: { path: string }) => p.path)]).toEqual([
    409,
    ['/threshold', '/threshold', '/hazardsRequired'],
  ]);
  const ticket = (
    await ok(crew.maker, 'POST', 'change', {
      title: 'Less',
      kind: 'plan',
      owner: crew.maker.ref,
      systems: [g.system],
      plan: [g.plan],
      description: 'd',
      impact: 'i',
    })
  ).ref;
  await ok(crew.maker, 'POST', `change/${ticket}/submit`);
  await ok(crew.boss, 'POST', `change/${ticket}/approve`);
  await ok(crew.owner, 'POST', `verificationPlan/${g.plan}/fix`);
  // The ticket was for that; what is loosened next needs another one.
  expect((await revised({ threshold: 15 })).body.detail).toMatch(/is spent; open another ticket/);
  expect((await crew.owner.ask('GET', `verificationPlan/${g.plan}`)).body.state).toBe('draft');
});

test('a new plan is not fixed looser than the one that releases of its system are judged by', async () => {
  const g = await gated(t, crew);
  const { values } = (await crew.maker.ask('GET', `verificationPlan/${g.plan}`)).body;
  const another = async (change: Record<string, unknown>) => {
    const { threshold, minCases, hazardsRequired } = values;
    const said = { title: 'Another', system: [g.system], threshold, minCases, hazardsRequired, ...change };
    const { ref } = await ok(crew.maker, 'POST', 'verificationPlan', said);
    return { ref, fixed: await crew.owner.ask('POST', `verificationPlan/${ref}/fix`) };
  };
  expect((await another({})).fixed.status).toBe(200);
  for (const change of [{ threshold: 10 }, { minCases: 1 }, { hazardsRequired: [] }]) {
    const { ref, fixed } = await another(change);
    expect([fixed.status, fixed.body.problems?.[0].path], fixed.text).toEqual([
      409,
      `/${Object.keys(change)[0]}`,
    ]);
    expect(fixed.body.detail).toContain(`easier to pass than ${g.plan}, by which ${g.release} is judged`);
    expect(fixed.body.detail).toContain(`change ticket of kind plan that names ${ref}`);
  }
});
