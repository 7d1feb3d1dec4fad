import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSystem } from '../../src/app/release/gate-facts.ts';
import {
  allowed,
  type Crew,
  crewOf,
  criteriaInForce,
  type Gated,
  gated,
  ok,
  testRun,
  why,
} from '../support/gated.ts';
import { type TestInstance, testInstance } from '../support/instance.ts';

/** The gate holds the plan of a release against the one by which the release before was let through, however it came to be easier to pass. */

let t: TestInstance;
let crew: Crew;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  await criteriaInForce(t, crew);
});
afterAll(() => t.close());

const made = async (who: keyof Crew, register: string, input: Record<string, unknown>): Promise<string> =>
  (await ok(crew[who], 'POST', register, input)).ref;
const hazardOf = async (g: Gated): Promise<string> =>
  (await crew.maker.ask('GET', `hazard/${g.hazard}`)).body.values.code;

/** A plan that asks for fewer cases, fixed while no release was handed in: there is none yet that it is compared with. */
async function laxPlan(g: Gated): Promise<string> {
  await ok(crew.maker, 'POST', `release/${g.release}/revise`);
  const plan = await made('maker', 'verificationPlan', {
    title: 'Lax',
    system: [g.system],
    threshold: 0,
    minCases: 1,
    hazardsRequired: [{ hazard: await hazardOf(g), severity: 'high' }],
  });
  await ok(crew.owner, 'POST', `verificationPlan/${plan}/fix`);
  await ok(crew.maker, 'POST', `release/${g.release}/submit`);
  return plan;
}

/** The next release of the system by another plan, tested and approved; what the gate says of its plan. */
async function next(g: Gated, plan: string): Promise<{ release: string; said: () => Promise<string> }> {
  const change = await made('maker', 'change', {
    title: 'T',
    owner: crew.maker.ref,
    systems: [g.system],
    description: 'd',
    impact: 'i',
  });
  const release = await made('maker', 'release', {
    title: 'Next',
    releaseVersion: '2',
    system: [g.system],
    components: [g.component],
    plan: [plan],
    rollbackPlan: [g.rollbackPlan],
    change: [change],
  });
  await ok(crew.maker, 'PATCH', `change/${change}`, { releases: [release] });
  await ok(crew.maker, 'POST', `change/${change}/submit`);
  await ok(crew.approver, 'POST', `change/${change}/approve`);
  await ok(crew.maker, 'POST', `release/${release}/submit`);
  await testRun(t, release, await hazardOf(g), { failed: 0 });
  await ok(crew.approver, 'POST', `release/${release}/approve`);
  const said = async () => why((await crew.maker.ask('GET', `release/${release}/gate`)).body).join('\n');
  return { release, said };
}

async function ticketFor(g: Gated, plan: string): Promise<void> {
  const c = await made('maker', 'change', {
    title: 'Fewer cases',
    kind: 'plan',
    owner: crew.maker.ref,
    systems: [g.system],
    plan: [plan],
    description: 'd',
    impact: 'i',
  });
  await ok(crew.maker, 'POST', `change/${c}/submit`);
  await ok(crew.boss, 'POST', `change/${c}/approve`);
}

test('a lax plan that was fixed before there was a release stands behind the strict one, until a ticket allows it', async () => {
  const g = await gated(t, crew);
  const lax = await laxPlan(g);
  await ok(crew.approver, 'POST', `release/${g.release}/approve`);
  await ok(crew.maker, 'POST', `release/${g.release}/gate`);
  await ok(crew.maker, 'POST', `release/${g.release}/ship`);
  const { release, said } = await next(g, lax);
  expect(await said()).toMatch(
    new RegExp(`easier to pass than ${g.plan}, by which ${g.release} was let through`),
  );
  expect((await crew.maker.ask('POST', `release/${release}/gate`)).body.result.verdict).toBe('refuse');
  // The same is read where there is no release yet.
  const system = () => readSystem(t.app, t.organisation.id, g.system);
  const { plansBefore, planTickets } = await system();
  expect(plansBefore).toMatchObject([{ release: g.release, plan: g.plan }]);
  expect(planTickets).toEqual([]);
  await ticketFor(g, lax);
  expect((await system()).planTickets).toMatchObject([{ values: { kind: 'plan' }, links: { plan: [lax] } }]);
  expect(await said()).toBe('');
  expect((await crew.maker.ask('POST', `release/${release}/gate`)).body.result.verdict).toBe('allow');
});

test('a release is held against its own plan, too: taken back and given a lax one it does not get through', async () => {
  const g = await gated(t, crew);
  const lax = await laxPlan(g);
  await ok(crew.approver, 'POST', `release/${g.release}/approve`);
  await ok(crew.maker, 'POST', `release/${g.release}/gate`);
  await ok(crew.maker, 'POST', `release/${g.release}/revise`);
  await ok(crew.maker, 'PATCH', `release/${g.release}`, { plan: [lax] });
  await ok(crew.maker, 'POST', `release/${g.release}/submit`);
  const gate = (await crew.maker.ask('GET', `release/${g.release}/gate`)).body;
  expect(why(gate).join('\n')).toMatch(`easier to pass than ${g.plan}`);
});

test('the same parts under the number of a new system are held against the plan of the release in use; other parts are not', async () => {
  const g = await allowed(t, crew);
  await ok(crew.maker, 'POST', `release/${g.release}/ship`);
  const other = await gated(t, crew);
  const lax = await laxPlan(other);
  await ok(crew.maker, 'POST', `release/${other.release}/revise`);
  await ok(crew.maker, 'PATCH', `release/${other.release}`, { plan: [lax] });
  const planSaid = async () =>
    (await crew.maker.ask('GET', `release/${other.release}/gate`)).body.checks
      .find((c: { id: string }) => c.id === 'plan')
      .reasons.map((r: { text: string }) => r.text)
      .join('\n');
  expect(await planSaid()).not.toMatch(/easier to pass/);
  await ok(crew.maker, 'PATCH', `release/${other.release}`, { components: [g.component] });
  expect(await planSaid()).toMatch(
    new RegExp(
      `easier to pass than ${g.plan}, by which ${g.release} of ${g.system}, which consists of the same`,
    ),
  );
});

test('a release in use keeps the plan that it was let through by', async () => {
  const g = await allowed(t, crew);
  const done = await crew.maker.ask('POST', `release/${g.release}/ship`, {});
  expect([done.status, done.body.state], done.text).toEqual([200, 'shipped']);
  const gate = (await crew.maker.ask('GET', `release/${g.release}/gate`)).body;
  expect(why(gate)).toEqual([]);
});
