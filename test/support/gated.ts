import { engineActor } from '../../src/app/people/people.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { presentBinding } from '../../src/app/write/decisions.ts';
import type { Instance } from '../../src/instance.ts';
import { freshContents, parseInput } from '../../src/register/values.ts';
import { readStatement, toStored } from '../../src/store/records/records.ts';
import { dayFrom } from './arrange.ts';
import { given, type TestInstance, type Visitor } from './instance.ts';

/** The people of an organisation in which a release gets through the gate. */
export interface Crew {
  boss: Visitor;
  owner: Visitor;
  approver: Visitor;
  maker: Visitor;
}

export async function crewOf(t: TestInstance): Promise<Crew> {
  return {
    boss: await t.person('Boss', ['topManagement', 'designatedManagement', 'aimsManager']),
    owner: await t.person('Owner', ['contributor']),
    approver: await t.person('Approver', ['contributor']),
    maker: await t.person('Maker', ['contributor']),
  };
}

export const ok = async (who: Visitor, method: 'POST' | 'PATCH', path: string, body: unknown = {}) => {
  const a = await who.ask(method, path, body);
  if (a.status !== 200 && a.status !== 201) throw new Error(`${method} ${path}: ${a.text}`);
  return a.body;
};

/** Criteria in force: those that the product proposes, the appetite given, `more` besides. */
export async function criteriaInForce(t: TestInstance, c: Crew, more: Record<string, unknown> = {}) {
  return inState(t, 'criteria', 'approved', { title: 'Criteria', owner: c.owner.ref, appetite: 6, ...more });
}

/** A record that already is in a state, made past its way there. */
export async function inState(t: TestInstance, name: string, state: string, input: Record<string, unknown>) {
  const register = t.app.registry.get(name);
  const contents = freshContents(register, parseInput(register, input, 'create'));
  const actor = { actor: engineActor(t.organisation) };
  return (await createChecked(t.app, actor, register, contents, { as: 'engine', state })).record.ref;
}

let n = 0;

/** What belongs to a release that the gate lets through. */
export interface Gated {
  system: string;
  risk: string;
  component: string;
  hazard: string;
  plan: string;
  rollbackPlan: string;
  change: string;
  release: string;
  run: string;
}

/** A system of class minimal with everything its gate asks for, and a release that one person has still to approve. */
export async function gated(t: TestInstance, c: Crew): Promise<Gated> {
  const { boss, owner, approver, maker } = c;
  n += 1;
  const system = (
    await ok(owner, 'POST', 'aiSystem', {
      name: `System ${n}`,
      purpose: 'answers',
      owner: owner.ref,
      approver: approver.ref,
      riskClass: 'minimal',
      isoRoles: ['provider'],
      inScope: 'in',
      scopeReason: 'we offer it',
    })
  ).ref as string;
  await ok(boss, 'POST', `aiSystem/${system}/include`);
  const hazard = (
    await ok(maker, 'POST', 'hazard', {
      code: `HZ${n}`,
      title: 'It tells secrets',
      severity: 'high',
      systems: [system],
    })
  ).ref as string;
  const component = (
    await ok(maker, 'POST', 'component', {
      name: `model ${n}`,
      kind: 'model',
      digest: `sha256:${String(n).padStart(64, '0')}`,
      systems: [system],
    })
  ).ref as string;
  const plan = (
    await ok(maker, 'POST', 'verificationPlan', {
      title: 'Plan',
      system: [system],
      threshold: 0,
      minCases: 5,
      hazardsRequired: [{ hazard: `HZ${n}`, severity: 'high' }],
    })
  ).ref as string;
  await ok(owner, 'POST', `verificationPlan/${plan}/fix`);
  const rollbackPlan = (
    await ok(maker, 'POST', 'rollbackPlan', {
      title: 'Back',
      system: [system],
      target: '1.0',
      steps: 'switch',
      maxDuration: 'PT10M',
    })
  ).ref as string;
  await ok(approver, 'POST', `rollbackPlan/${rollbackPlan}/approve`);
  const heldOn = dayFrom(t, -1);
  await inState(t, 'riskAssessment', 'concluded', {
    title: 'RA',
    owner: owner.ref,
    heldOn,
    summary: 's',
    systems: [system],
  });
  const risk = await inState(t, 'risk', 'assessed', {
    title: 'It leaks',
    owner: owner.ref,
    scenario: 's',
    likelihood: 2,
    impactOrganisation: 2,
    impactIndividuals: 1,
    impactSociety: 1,
    systems: [system],
  });
  await given(t, 'impactAssessment', {
    title: 'IA',
    owner: owner.ref,
    heldOn,
    affected: 'users',
    conclusion: 'acceptable',
    systems: [system],
  });
  const change = (
    await ok(maker, 'POST', 'change', {
      title: 'Ticket',
      owner: maker.ref,
      systems: [system],
      description: 'd',
      impact: 'i',
    })
  ).ref as string;
  const release = (
    await ok(maker, 'POST', 'release', {
      title: `Release ${n}`,
      releaseVersion: `${n}.0`,
      system: [system],
      components: [component],
      plan: [plan],
      rollbackPlan: [rollbackPlan],
      change: [change],
    })
  ).ref as string;
  await ok(maker, 'PATCH', `change/${change}`, { releases: [release] });
  await ok(maker, 'POST', `change/${change}/submit`);
  await ok(approver, 'POST', `change/${change}/approve`);
  await ok(maker, 'POST', `release/${release}/submit`);
  const run = await testRun(t, release, `HZ${n}`, { failed: 0 });
  return { system, risk, component, hazard, plan, rollbackPlan, change, release, run };
}

/** A run on the present content of a release, with its result file: ten cases on one hazard. */
export async function testRun(
  t: TestInstance,
  release: string,
  hazard: string,
  o: { failed: number },
  instance: Pick<Instance, 'app'> = t,
): Promise<string> {
  const { app } = instance;
  const engine = { actor: engineActor(t.organisation) };
  const register = app.registry.get('release');
  const [rows] = await app.db.run(t.organisation.id, [readStatement(register, release)]);
  const record = toStored(rows![0]!);
  const subject = (await presentBinding(app, t.organisation.id, register, release, record)).content.digest;
  const at = app.clock.now().toISOString();
  n += 1;
  const make = async (name: string, values: Record<string, unknown>) => {
    const of = app.registry.get(name);
    const contents = freshContents(of, parseInput(of, { ...values, release: [release] }, 'engine'));
    return (await createChecked(app, engine, of, contents, { as: 'engine' })).record.ref;
  };
  const file = await make('evidence', {
    title: 'results',
    file: `sha256:${String(n).padStart(64, 'f')}`,
    trust: 'person',
    receivedAt: at,
  });
  return make('testRun', {
    title: 'run',
    kind: 'redteam',
    tool: 'promptfoo',
    toolRunId: `run ${n}`,
    status: 'complete',
    startedAt: at,
    receivedAt: at,
    total: 10,
    pass: 10 - o.failed,
    fail: o.failed,
    error: 0,
    skipped: 0,
    inconclusive: 0,
    hazards: [{ id: hazard, planned: 10, executed: 10, failed: o.failed, inconclusive: 0, error: 0 }],
    subjectDigest: subject,
    trust: 'person',
    evidence: [file],
  });
}

/** The same, approved by the approver and let through by the gate. */
export async function allowed(t: TestInstance, c: Crew): Promise<Gated> {
  const g = await gated(t, c);
  await ok(c.approver, 'POST', `release/${g.release}/approve`);
  const { result } = await ok(c.maker, 'POST', `release/${g.release}/gate`);
  if (result.verdict !== 'allow') throw new Error(why(result).join('\n'));
  return g;
}

/** The checks that did not pass, with their reasons. */
export const why = (result: { checks: { id: string; status: string; reasons: { text: string }[] }[] }) =>
  result.checks
    .filter((x) => x.status !== 'passed')
    .map((x) => `${x.id}: ${x.reasons.map((r) => r.text).join(' ')}`);
