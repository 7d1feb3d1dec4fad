import type { App } from '../src/app/context.ts';
import type { Organisation } from '../src/app/people/organisations.ts';
import { createMember } from '../src/app/people/people.ts';
import { readFacts } from '../src/app/read/facts.ts';
import { reads } from '../src/facts/reads.ts';
import { kindOf } from '../src/register/kinds.ts';
import type { Statement } from '../src/store/db/database.ts';
import { readStatement, toStored } from '../src/store/records/records.ts';
import { type Change, takeNumbers } from '../src/store/records/write.ts';
import { changeOf, fillPeople, PEOPLE, person, repeatable, riskInput, store } from './dataset.ts';
import { PASSWORD } from './world.ts';

/** What surrounds one AI system, besides decisions on it; about a hundred records. */
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
} as const;
type Around = keyof typeof AROUND;
/** Decisions on it and on what surrounds it. */
const DECIDED = 1 + AROUND.hazard + 2 + 12;
const RECORDS = 1 + Object.values(AROUND).reduce((a, b) => a + b, 0) + DECIDED;

/** Systems whose records are written in one statement. */
const TOGETHER = 6;

const ref = (prefix: string, n: number) => `${prefix}-${String(n).padStart(4, '0')}`;

/** An organisation as it looks after years: systems with their components, hazards, risks, releases, tests and decisions. */
export interface Lived {
  organisation: Organisation;
  records: number;
  /** Who owns what is in the middle; has the password of all accounts. */
  email: string;
  /** In the middle of the numbers, with everything around it. */
  risk: string;
  aiSystem: string;
  release: string;
  /** One that waits for acceptance: what its page offers is asked of a rule. */
  treated: string;
  /** One that the gate let through, and that its owner may put into use: its page asks the gate anew. */
  allowed: string;
}

/**
 * Fills an organisation with about `count` records around AI systems, each owned by one of 200 people, through the application's own writing
 * statement.
 */
export async function live(app: App, o: Organisation, count: number): Promise<Lived> {
  const systems = Math.max(4, Math.round(count / RECORDS));
  const email = `owner@${o.slug}.example`;
  const { userId } = await app.identity.createAccount({ email, name: 'Owner', password: PASSWORD });
  const owner = await createMember(app, o, { name: 'Owner', email, roles: ['contributor'], userId });
  await fillPeople(app, o);
  const first: Record<string, number> = {
    aiSystem: await takeNumbers(app.db, o.id, 'aiSystem', systems),
  };
  for (const [name, each] of Object.entries(AROUND))
    first[name] = await takeNumbers(app.db, o.id, name, systems * each);
  const refOf = (name: string, n: number) => ref(app.registry.get(name).prefix, first[name]! + n);
  const middle = Math.floor(systems / 2);
  const ownerOf = (i: number) => (i === middle ? owner.record.ref : person(3 + (i % PEOPLE)));
  for (let s = 0; s < systems; s += TOGETHER) {
    const at = app.clock.now();
    const changes: Change[] = [];
    for (let i = s; i < Math.min(systems, s + TOGETHER); i++)
      changes.push(...around(app, at, i, ownerOf(i), first, refOf, i === middle ? 'allowed' : 'withdrawn'));
    await store(app, o, changes);
  }
  await decide(app, o, systems, first, refOf, ownerOf);
  const allowed = refOf('release', middle * AROUND.release + 1);
  await letThrough(app, o, allowed);
  app.sequencer.wake(o.id);
  await app.sequencer.settle(o.id);
  await app.db.freeErased();
  await app.db.refreshStatistics();
  return {
    organisation: o,
    records: systems * RECORDS + 1,
    email,
    aiSystem: refOf('aiSystem', middle),
    risk: refOf('risk', middle * AROUND.risk + 20),
    release: refOf('release', middle * AROUND.release + 2),
    treated: refOf('risk', middle * AROUND.risk + 13),
    allowed,
  };
}

/** What the gate said last of a release, about it as it is now. */
async function letThrough(app: App, o: Organisation, ref: string): Promise<void> {
  const release = app.registry.get('release');
  const ask = async (s: Statement) => (await app.db.run(o.id, [s]))[0]!;
  const looked = reads(release, { hops: [], weighed: [release] });
  const facts = await readFacts(app, ask, looked, { refs: [ref] });
  const subjectDigest = facts.binding({ ref }).content.digest;
  const number = await takeNumbers(app.db, o.id, 'gateDecision', 1);
  const input = { title: `Release ${ref}`, verdict: 'allow', subjectDigest, release: [ref] };
  await store(app, o, [changeOf(app, app.clock.now(), 'gateDecision', input, number, 'recorded')]);
}

function around(
  app: App,
  at: Date,
  system: number,
  owner: string,
  first: Record<string, number>,
  refOf: (name: string, n: number) => string,
  earlier: string,
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
    ...each('change', (n) => make('change', n, 'closed', { owner, systems: [self] })),
    ...each('release', (n) =>
      make('release', n, ['withdrawn', earlier, 'submitted', 'shipped'][n]!, {
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
      make('risk', n, n < 12 ? 'accepted' : n < 14 ? 'treated' : n < 18 ? 'assessed' : 'closed', {
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
  ];
}

/** Decisions on what rests on them and on what waits: nearly all of them still count, as in an organisation that is looked after. */
async function decide(
  app: App,
  o: Organisation,
  systems: number,
  first: Record<string, number>,
  refOf: (name: string, n: number) => string,
  ownerOf: (system: number) => string,
): Promise<void> {
  const kinds = [
    { name: 'aiSystem', each: 1, decided: 1, kind: 'approve' },
    { name: 'hazard', each: AROUND.hazard, decided: AROUND.hazard, kind: 'approve' },
    { name: 'verificationPlan', each: 1, decided: 1, kind: 'approve' },
    { name: 'rollbackPlan', each: 1, decided: 1, kind: 'approve' },
    { name: 'risk', each: AROUND.risk, decided: 12, kind: 'accept' },
  ];
  const decided = kinds.reduce((sum, k) => sum + k.decided, 0);
  first.decision = await takeNumbers(app.db, o.id, 'decision', systems * decided);
  const ask = async (s: Statement) => (await app.db.run(o.id, [s]))[0]!;
  let n = 0;
  for (let from = 0; from < systems; from += 20) {
    const at = app.clock.now();
    const changes: Change[] = [];
    for (const k of kinds) {
      const refs = Array.from({ length: Math.min(20, systems - from) }, (_, i) => from + i).flatMap(
        (system) =>
          Array.from({ length: k.decided }, (_, i) => ({ system, ref: refOf(k.name, system * k.each + i) })),
      );
      const read = await ask(
        readStatement(
          app.registry.get(k.name),
          refs.map((r) => r.ref),
        ),
      );
      const register = app.registry.get(k.name);
      const facts = await readFacts(app, ask, reads(register, { hops: [], weighed: [register] }), {
        refs: read.map((r) => toStored(r).ref),
      });
      for (const { system, ref } of refs) {
        const b = facts.binding({ ref });
        const input = {
          kind: k.kind,
          subject: ref,
          subjectVersion: 1,
          subjectDigest: b.digest,
          ...(b.rule > 1 ? { rule: b.rule } : {}),
          ownDigest: b.own,
          ...(b.cover ? { coverDigest: b.cover } : {}),
          by: ownerOf(system + 1),
          role: 'topManagement',
          method: 'session',
        };
        changes.push(changeOf(app, at, 'decision', input, first.decision + n, 'recorded'));
        n += 1;
      }
    }
    for (let i = 0; i < changes.length; i += 500) await store(app, o, changes.slice(i, i + 500));
  }
}
