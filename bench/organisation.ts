import type { App } from '../src/app/context.ts';
import type { Organisation } from '../src/app/organisations.ts';
import { kindOf } from '../src/register/kinds.ts';
import { type Change, takeNumbers } from '../src/store/write.ts';
import { changeOf, fillPeople, PEOPLE, person, repeatable, riskInput, store } from './dataset.ts';

/** What surrounds one AI system; about a hundred records. */
const AROUND = {
  component: 6,
  hazard: 10,
  verificationPlan: 1,
  rollbackPlan: 1,
  change: 2,
  release: 4,
  risk: 40,
  evidence: 8,
  testRun: 8,
  gateDecision: 3,
  decision: 16,
} as const;
type Around = keyof typeof AROUND;
const RECORDS = 1 + Object.values(AROUND).reduce((a, b) => a + b, 0);

/** Systems whose records are written in one statement. */
const TOGETHER = 6;
const DIGEST = `sha256:${'ab'.repeat(32)}`;

const ref = (prefix: string, n: number) => `${prefix}-${String(n).padStart(4, '0')}`;

/** An organisation as it looks after years: systems with their components, hazards, risks, releases, tests and decisions. */
export interface Lived {
  organisation: Organisation;
  records: number;
  /** In the middle of the numbers, with everything around it. */
  risk: string;
  aiSystem: string;
  release: string;
}

/**
 * Fills an organisation with about `count` records around AI systems, each owned by one of 200 people, through the application's own writing
 * statement.
 */
export async function live(app: App, o: Organisation, count: number): Promise<Lived> {
  const systems = Math.max(2, Math.round(count / RECORDS));
  await fillPeople(app, o);
  const first: Record<string, number> = {
    aiSystem: await takeNumbers(app.db, o.id, 'aiSystem', systems),
  };
  for (const [name, each] of Object.entries(AROUND))
    first[name] = await takeNumbers(app.db, o.id, name, systems * each);
  const refOf = (name: string, n: number) => ref(app.registry.get(name).prefix, first[name]! + n);
  for (let s = 0; s < systems; s += TOGETHER) {
    const at = app.clock.now();
    const changes: Change[] = [];
    for (let i = s; i < Math.min(systems, s + TOGETHER); i++)
      changes.push(...around(app, at, i, person(1 + (i % PEOPLE)), first, refOf));
    await store(app, o, changes);
  }
  app.sequencer.wake(o.id);
  await app.sequencer.settle(o.id);
  await app.db.freeErased();
  await app.db.refreshStatistics();
  const middle = Math.floor(systems / 2);
  return {
    organisation: o,
    records: systems * RECORDS,
    aiSystem: refOf('aiSystem', middle),
    risk: refOf('risk', middle * AROUND.risk + 20),
    release: refOf('release', middle * AROUND.release + 2),
  };
}

function around(
  app: App,
  at: Date,
  system: number,
  owner: string,
  first: Record<string, number>,
  refOf: (name: string, n: number) => string,
): Change[] {
  const pick = repeatable(system * 104_729 + 11);
  const mine = (name: Around, n: number) => refOf(name, system * AROUND[name] + n);
  const make = (
    name: Around | 'aiSystem',
    n: number,
    state: string,
    input: Record<string, unknown>,
  ): Change => {
    const register = app.registry.get(name);
    const index = name === 'aiSystem' ? system : system * AROUND[name] + n;
    const base: Record<string, unknown> = {};
    for (const [field, f] of Object.entries(register.fields))
      if (f.required && f.defaultTo === undefined && field !== 'owner')
        base[field] =
          f.kind === 'person' ? owner : kindOf(f).sample(f, field === register.unique ? index : pick(1000));
    return changeOf(app, at, name, { ...base, ...input }, first[name]! + index, state);
  };
  const each = (name: Around, body: (n: number) => Change): Change[] =>
    Array.from({ length: AROUND[name] }, (_, n) => body(n));
  const self = refOf('aiSystem', system);
  const hazards = (count: number) =>
    [...new Set(Array.from({ length: count }, () => mine('hazard', pick(AROUND.hazard))))].sort();
  return [
    make('aiSystem', 0, 'inScope', {
      name: `Assistant ${system}`,
      purpose: 'Answers questions of customers',
      owner,
      stage: 'operation',
      riskClass: 'limited',
    }),
    ...each('component', (n) =>
      make('component', n, 'current', { name: `Component ${system}.${n}`, systems: [self] }),
    ),
    ...each('hazard', (n) =>
      make('hazard', n, 'confirmed', { title: `Hazard ${system}.${n}`, systems: [self] }),
    ),
    ...each('verificationPlan', (n) =>
      make('verificationPlan', n, 'fixed', { system: [self], hazards: hazards(5) }),
    ),
    ...each('rollbackPlan', (n) => make('rollbackPlan', n, 'approved', { system: [self] })),
    ...each('change', (n) => make('change', n, 'approved', { owner, systems: [self] })),
    ...each('release', (n) =>
      make('release', n, n === 3 ? 'shipped' : n === 2 ? 'submitted' : 'withdrawn', {
        title: `Assistant ${system} ${n}`,
        releaseVersion: `${system}.${n}`,
        system: [self],
        components: Array.from({ length: AROUND.component }, (_, c) => mine('component', c)),
        plan: [mine('verificationPlan', 0)],
        rollbackPlan: [mine('rollbackPlan', 0)],
        change: [mine('change', n % 2)],
      }),
    ),
    ...each('risk', (n) =>
      make('risk', n, n < 12 ? 'accepted' : n < 24 ? 'treated' : 'assessed', {
        ...riskInput(system * AROUND.risk + n),
        owner,
        systems: [self],
        hazards: hazards(2),
      }),
    ),
    ...each('evidence', (n) => make('evidence', n, 'recorded', { title: `Result ${system}.${n}` })),
    ...each('testRun', (n) =>
      make('testRun', n, 'recorded', {
        title: `Run ${system}.${n}`,
        toolRunId: `run-${system}-${n}`,
        status: 'complete',
        startedAt: at.toISOString(),
        receivedAt: at.toISOString(),
        total: 40,
        pass: 40,
        fail: 0,
        evidence: [mine('evidence', n)],
        release: [mine('release', 2 + (n % 2))],
      }),
    ),
    ...each('gateDecision', (n) =>
      make('gateDecision', n, 'recorded', {
        title: `Release ${system}`,
        verdict: n === 0 ? 'refuse' : 'allow',
        release: [mine('release', Math.min(3, n + 1))],
      }),
    ),
    ...each('decision', (n) =>
      make('decision', n, 'recorded', {
        kind: n < 12 ? 'accept' : 'approve',
        subject: n < 12 ? mine('risk', n) : mine('release', n - 12),
        subjectVersion: 1,
        subjectDigest: DIGEST,
        by: owner,
        role: 'topManagement',
        method: 'session',
      }),
    ),
  ];
}
