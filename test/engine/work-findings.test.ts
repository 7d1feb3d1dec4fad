import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkItem, WorkKind } from '../../src/answers/work.ts';
import { withUnseen } from '../../src/app/read/hidden.ts';
import { readPage } from '../../src/app/read/query.ts';
import { allWork } from '../../src/app/work/my-work.ts';
import { transitRecord } from '../../src/app/write/commit.ts';
import { planStep } from '../../src/app/write/step.ts';
import { Failure } from '../../src/base/failure.ts';
import { closedTo } from '../../src/register/closed.ts';
import { restingStates } from '../../src/register/decisions.ts';
import { asList } from '../../src/register/register.ts';
import { parseInput } from '../../src/register/values.ts';
import { type Actor, admittedAs, type Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { fitOf } from '../../src/risk/appetite.ts';
import { WITHIN_APPETITE } from '../../src/store/authority/ruled.ts';
import { readStatement, toStoredWithRelations } from '../../src/store/records/records.ts';
import { byPeople, dayFrom, letThrough, standing } from '../support/arrange.ts';
import { DEPTH } from '../support/depth.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { decided } from '../support/kept-standing.ts';
import { found as finding, wanted } from '../support/wanted.ts';

/** What waits for somebody is told to those who can act, and to nobody else. */

let t: TestInstance;
let seed = 0;
let criteria = '';
let system = '';
const people: Record<string, Visitor> = {};
const ROLES = {
  top: ['topManagement'],
  management: ['designatedManagement'],
  manager: ['aimsManager'],
  auditor: ['auditor'],
  owner: ['contributor'],
  maker: ['contributor'],
  other: ['contributor'],
  reader: ['reader'],
} as const satisfies Record<string, readonly Role[]>;

beforeAll(async () => {
  t = await testInstance();
  for (const [name, roles] of Object.entries(ROLES)) people[name] = await t.person(name, [...roles]);
  criteria = await put('criteria', 'approved', { mode: 'small', appetite: 8, acceptAtLevel: 15 });
  system = await put('aiSystem', 'inScope', { owner: ref('other'), approver: ref('other'), inScope: 'in' });
});
afterAll(() => t.close());

const ref = (name: keyof typeof ROLES): string => people[name]!.ref;

async function put(register: string, state: string, more: Record<string, unknown>, author?: string) {
  seed += 1;
  return standing(t, registry.get(register), state, seed, { more, author });
}

async function work(name: keyof typeof ROLES, query = ''): Promise<WorkItem[]> {
  const a = await people[name]!.ask('GET', `my-work?limit=200${query}`);
  expect(a.status, a.text).toBe(200);
  return a.body.items;
}

/** Who has it, in the order of the roles, and what they are told. */
async function told(kind: WorkKind, record: string): Promise<Record<string, WorkItem>> {
  const names = Object.keys(ROLES) as (keyof typeof ROLES)[];
  const each = await Promise.all(names.map((name) => work(name, `&kind=${kind}`)));
  return Object.fromEntries(
    names.flatMap((name, n) => each[n]!.filter((i) => i.ref === record).map((i) => [name, i])),
  );
}

async function done(name: keyof typeof ROLES, path: string, body: unknown = {}): Promise<void> {
  const a = await people[name]!.ask('POST', path, body);
  expect(a.status, `${path}: ${a.text}`).toBeLessThan(300);
}

describe('a release that the gate did not let through', () => {
  const make = async (more: Record<string, unknown> = {}) => {
    const change = await put('change', 'approved', { owner: ref('owner'), systems: [system] });
    return put('release', 'submitted', { system: [system], change: [change], ...more }, ref('maker'));
  };

  test('is told to who made it, who asked, and the owner of its ticket, with what the gate says first', async () => {
    const release = await make();
    expect(await told('gate', release)).toEqual({});
    await done('manager', `release/${release}/gate`);
    const who = await told('gate', release);
    expect(Object.keys(who).sort()).toEqual(['maker', 'manager', 'owner']);
    const [decision] = (await people.maker!.ask('GET', `gateDecision?sort=-number&limit=1`)).body.items;
    expect(who.maker!.why).toContain(decision.ref);
    expect(who.maker!.message).toMatch(/^work\.gate(Refused|Insufficient)$/);
    expect(String(who.maker!.params.says).length).toBeGreaterThan(20);
    expect(who.maker!.next.label).toContain('ask the gate again');
    await done('maker', `release/${release}/revise`);
    expect(await told('gate', release)).toEqual({});
  });

  test('is told to nobody once it is withdrawn, let through, or another', async () => {
    for (const after of [
      (r: string) => done('maker', `release/${r}/withdraw`, { reason: 'x' }),
      (r: string) => letThrough(t, registry.get('release'), r),
      async (r: string) => {
        const a = await people.maker!.ask('PATCH', `release/${r}`, { releaseVersion: '9.9.9' });
        expect(a.status, a.text).toBe(200);
      },
    ]) {
      const release = await make();
      await done('maker', `release/${release}/gate`);
      expect(Object.keys(await told('gate', release)).sort()).toEqual(['maker', 'owner']);
      await after(release);
      expect(await told('gate', release)).toEqual({});
    }
  });

  test('is told to whoever made it when people refused it, and so are tickets, documents, and actions that did not work', async () => {
    const release = await put('release', 'submitted', { system: [system] }, ref('maker'));
    await done('other', `release/${release}/refuse`, { reason: 'not yet' });
    const item = (await told('refused', release)).maker!;
    expect([item.next.transition, item.why]).toEqual(['revise', expect.stringContaining('other refused it')]);
    expect(Object.keys(await told('refused', release))).toEqual(['maker']);
    await done('maker', `release/${release}/revise`);
    expect(await told('refused', release)).toEqual({});
    const change = await put('change', 'submitted', {
      owner: ref('owner'),
      systems: [system],
      kind: 'configuration',
    });
    await done('management', `change/${change}/refuse`, { reason: 'no' });
    expect(Object.keys(await told('refused', change))).toEqual(['owner']);
    const action = await put('action', 'done', {
      owner: ref('owner'),
      verifier: ref('other'),
      doneOn: dayFrom(t, -40),
      exposureDays: 1,
    });
    await done('other', `action/${action}/fail`, { reason: 'again', values: { casesSeen: 3 } });
    expect(Object.keys(await told('refused', action))).toEqual(['owner']);
  });
});

describe('a risk', () => {
  const rated = (level: number, more: Record<string, unknown> = {}) => ({
    owner: ref('owner'),
    systems: [system],
    likelihood: level,
    impactOrganisation: 1,
    impactIndividuals: 4,
    impactSociety: 1,
    residualLikelihood: undefined,
    residualOrganisation: undefined,
    residualIndividuals: undefined,
    residualSociety: undefined,
    reviewBy: dayFrom(t, 300),
    criteria: [criteria],
    ...more,
  });

  test('within the appetite waits for nobody', async () => {
    for (const state of ['assessed', 'treated']) {
      const risk = await put('risk', state, rated(2));
      expect(await told('decisions', risk)).toEqual({});
      expect(await told('risks', risk)).toEqual({});
      // The page may still offer it.
      const page = (await people.management!.ask('GET', `risk/${risk}`)).body;
      expect(page.may.transitions.find((x: { name: string }) => x.name === 'accept').allowed).toBe(true);
    }
  });

  test('above it waits for its owner, and for those who may accept that level', async () => {
    const some = await put('risk', 'assessed', rated(3));
    expect((await told('risks', some)).owner!.next.transition).toBe('treat');
    expect(Object.keys(await told('risks', some))).toEqual(['owner']);
    expect(Object.keys(await told('decisions', some))).toEqual(['top', 'management']);
    const high = await put('risk', 'treated', rated(5));
    const item = (await told('risks', high)).owner!;
    expect(item.rule).toBe('risk.treatedAbove');
    expect(item.next.label).toContain(`top (${ref('top')})`);
    expect(item.next.label).not.toContain(ref('management'));
    expect(Object.keys(await told('decisions', high))).toEqual(['top']);
    const treatedDown = await put('risk', 'treated', rated(5, { residualLikelihood: 1 }));
    expect(await told('risks', treatedDown)).toEqual({});
    expect(await told('decisions', treatedDown)).toEqual({});
  });

  test('above it that names nobody who worked on it', async () => {
    const risk = await put('risk', 'treated', rated(3), ref('management'));
    const item = (await told('risks', risk)).owner!;
    expect(item.next.label).toContain(ref('top'));
    expect(item.next.label).not.toContain(ref('management'));
  });

  test('that nobody rated, or rated by other scales, or was to be looked at again, waits for no acceptance', async () => {
    const old = await put('criteria', 'superseded', { mode: 'small' });
    await t.app.db.asOwner({
      text: `update record set number = 0 where ref = $1 and organisation = $2`,
      values: [old, t.organisation.id],
    });
    const unrated = await put('risk', 'open', rated(3, { likelihood: undefined }));
    const before = await put('risk', 'assessed', rated(3, { criteria: [old] }));
    const missed = await put('risk', 'assessed', rated(3, { reviewBy: dayFrom(t, -3) }));
    expect((await told('risks', unrated)).owner!.rule).toBe('risk.unrated');
    expect((await told('risks', before)).owner!.rule).toBe('risk.ratedBefore');
    for (const risk of [unrated, before, missed]) expect(await told('decisions', risk)).toEqual({});
  });

  test('is within the appetite in the database where the rule says so', async () => {
    const [rows] = await t.app.db.run(t.organisation.id, [
      {
        text: `select r.ref, ${WITHIN_APPETITE} as within, coalesce(r.derived->>'residualLevel', r.derived->>'level') as level from record r where r.organisation = (select present_organisation()) and r.register = 'risk'`,
      },
    ]);
    expect(rows!.length).toBeGreaterThan(5);
    for (const r of rows!)
      expect(r.within, String(r.ref)).toBe(
        fitOf(r.level === null ? undefined : Number(r.level), 8) === 'within',
      );
  });
});

describe('what came out otherwise than it should', () => {
  const message = async (kind: WorkKind, record: string) =>
    Object.fromEntries(Object.entries(await told(kind, record)).map(([name, i]) => [name, i.message]));

  test('a finding is told to whoever answers it where no day was set for that', async () => {
    const put1 = (more: Record<string, unknown>) =>
      put('auditFinding', 'raised', { owner: ref('owner'), answerBy: undefined, ...more });
    const bare = await put1({ answer: undefined });
    expect(await message('results', bare)).toEqual({ owner: 'work.answerSince' });
    expect((await told('results', bare)).owner!.next.transition).toBeUndefined();
    const answered = await put1({ answer: 'Because of this.' });
    expect((await told('results', answered)).owner!.next.transition).toBe('answer');
    await done('owner', `auditFinding/${answered}/answer`);
    expect(await told('results', answered)).toEqual({});
    expect(await told('results', await put1({ answerBy: dayFrom(t, 40) }))).toEqual({});
  });

  test.each([
    ['monitor', 'running', 'threshold', 'work.outsideLimit'],
    ['objective', 'agreed', 'target', 'work.offTarget'],
  ])(
    'a %s is told to its owner while its newest value is on the wrong side',
    async (register, state, limit, id) => {
      const put1 = (more: Record<string, unknown>, at = state) =>
        put(register, at, {
          owner: ref('owner'),
          direction: 'atMost',
          unit: '%',
          [limit]: 5,
          latest: 7,
          latestOn: dayFrom(t, -2),
          ...more,
        });
      const off = await put1({});
      expect(await message('results', off)).toEqual({ owner: id });
      const { why } = (await told('results', off)).owner!;
      expect(why).toContain(`7 % (${dayFrom(t, -2)})`);
      expect(why).toContain('at most 5 %');
      for (const fine of [
        await put1({ latest: 5 }),
        await put1({ direction: 'atLeast' }),
        await put1({ latest: undefined }),
      ])
        expect(await told('results', fine)).toEqual({});
      const over = register === 'monitor' ? 'paused' : 'missed';
      expect(await told('results', await put1({}, over))).toEqual({});
    },
  );

  test('a drill that failed is told to who led it and to whose system it is, until one succeeds', async () => {
    const high = { riskClass: 'high', stage: 'operation', inScope: 'in' };
    const used = await put('aiSystem', 'inScope', {
      ...high,
      owner: ref('other'),
      approver: ref('management'),
    });
    const plan = await put('rollbackPlan', 'approved', { system: [used] });
    const drill = (days: number, more: Record<string, unknown>) =>
      put('drill', 'verified', {
        kind: 'rollback',
        owner: ref('owner'),
        rollbackPlan: [plan],
        heldOn: dayFrom(t, days),
        outcome: 'failed',
        ...more,
      });
    const failed = await drill(-9, {});
    expect(await message('results', failed)).toEqual({ owner: 'work.drillFailed' });
    const ofSystem = async () =>
      (await work('other')).filter((i) => i.ref === used && i.rule === 'aiSystem.failedDrill').length;
    expect(await ofSystem()).toBe(1);
    await drill(-8, { kind: 'stop', outcome: 'succeeded' });
    await drill(-10, { outcome: 'succeeded' });
    expect([await ofSystem(), Object.keys(await told('results', failed))]).toEqual([1, ['owner']]);
    await drill(-3, { outcome: 'succeeded' });
    expect([await ofSystem(), await told('results', failed)]).toEqual([0, {}]);
  });
});

test('a nonconformity that came back waits for nobody to close it until something new was found', async () => {
  const ncn = await put('nonconformity', 'acting', { kind: 'actual', owner: ref('owner') });
  const about = { owner: ref('owner'), nonconformities: [ncn] };
  const failed = await put('action', 'ineffective', about);
  expect(await told('decisions', ncn)).toEqual({});
  await done('management', `action/${failed}/drop`, { reason: 'another way' });
  // What the declaration asks is there: all actions are effective or dropped.
  expect(await told('decisions', ncn)).toEqual({});
  await put('action', 'effective', about);
  expect(Object.keys(await told('decisions', ncn))).toEqual(['top', 'management', 'manager']);
  await done('manager', `nonconformity/${ncn}/close`, { reason: 'it works' });
  await done('owner', `nonconformity/${ncn}/reopen`, { reason: 'it is back' });
  await done('owner', `nonconformity/${ncn}/analyse`);
  expect(await told('decisions', ncn)).toEqual({});
  await put('action', 'effective', about);
  expect(Object.keys(await told('decisions', ncn))).toEqual(['top', 'management', 'manager']);
});

describe('what ends by itself', () => {
  test('a key is told to who made it and to AIMS managers, and is revoked when it has ended', async () => {
    const key = (days: number) =>
      put('apiKey', 'active', { role: 'ci', expires: dayFrom(t, days) }, ref('top'));
    expect(await told('ending', await key(31))).toEqual({});
    const soon = await told('ending', await key(30));
    expect(Object.keys(soon)).toEqual(['top', 'manager']);
    expect([soon.top!.message, soon.top!.next.transition]).toEqual(['work.keyEnds', undefined]);
    expect((await told('ending', await key(0))).top!.message).toBe('work.keyEnds');
    const over = await key(-1);
    const item = (await told('ending', over)).manager!;
    expect([item.message, item.urgency, item.next.transition]).toEqual([
      'work.keyEnded',
      'overdue',
      'revoke',
    ]);
    await done('manager', `apiKey/${over}/revoke`);
    expect(await told('ending', over)).toEqual({});
  });

  test('a delegation is told to who delegated, and to who acts for them by its day', async () => {
    const lent = (days: number) =>
      put('responsibility', 'accepted', {
        kind: 'delegation',
        owner: ref('other'),
        delegator: ref('owner'),
        startsOn: dayFrom(t, -40),
        endsOn: dayFrom(t, days),
      });
    expect(await told('ending', await lent(31))).toEqual({});
    const soon = await lent(12);
    expect(Object.keys(await told('due', soon))).toEqual(['other']);
    const { owner, ...rest } = await told('ending', soon);
    expect(rest).toEqual({});
    expect(owner!.why).toContain(`other (${ref('other')}) acts for you until`);
    const over = await lent(0);
    expect((await told('ending', over)).owner!.next.transition).toBe('end');
    await done('owner', `responsibility/${over}/end`, { reason: 'over' });
    expect(await told('ending', over)).toEqual({});
  });

  test('an envelope is told to whose ticket it is, by its day', async () => {
    const envelope = await put('change', 'approved', {
      kind: 'envelope',
      owner: ref('owner'),
      endsOn: dayFrom(t, 20),
    });
    expect(Object.keys(await told('due', envelope))).toEqual(['owner']);
  });
});

test('of several who decide in an order, only those whose turn it is', async () => {
  const here = { ...t, organisation: await t.newOrganisation('larger') };
  const person = async (name: string, roles: Role[]): Promise<Actor> => {
    const { ref } = await given(here, 'person', { name, roles });
    const { id, slug } = here.organisation;
    return { organisation: id, organisationSlug: slug, kind: 'person', ref, name, roles };
  };
  const approver = await person('approver', ['contributor']);
  const management = await person('management', ['designatedManagement']);
  await standing(here, registry.get('criteria'), 'approved', 1, { more: { mode: 'larger' } });
  const high = await standing(here, registry.get('aiSystem'), 'inScope', 2, {
    more: { approver: approver.ref, riskClass: 'high', inScope: 'in' },
  });
  const register = registry.get('impactAssessment');
  const assessment = await standing(here, register, 'concluded', 3, { more: { systems: [high] } });
  const holders = async () => {
    const out: string[] = [];
    for (const actor of [approver, management]) {
      const { items } = await allWork(here.app, { actor });
      if (items.some((i) => i.ref === assessment && i.kind === 'decisions')) out.push(actor.name);
    }
    return out;
  };
  expect(await holders()).toEqual(['approver']);
  await decideAs(here, approver, assessment, 'approve');
  expect(await holders()).toEqual(['management']);
});

async function decideAs(here: TestInstance, actor: Actor, record: string, name: string): Promise<void> {
  const register = registry.ofRef(record)!;
  const ask = { actor, reauthenticate: () => Promise.resolve(true) };
  await transitRecord(here.app, ask, register, record, name, {});
}

/**
 * Whoever is sent to a step is let take it: every register, state and role, in a small organisation and a larger one. Left out is what the database does not
 * look at: see the decision record.
 */
const NOT_LOOKED_AT: readonly string[] = ['criteria.approve'];

const APPETITE = 6;
test('what was decided alone stands while that counts, and is told when it does not', async () => {
  const here = { ...t, organisation: await t.newOrganisation('counts') };
  const { id, slug } = here.organisation;
  const { ref } = await given(here, 'person', { name: 'one', roles: ALL_ROLES });
  const actor: Actor = {
    organisation: id,
    organisationSlug: slug,
    kind: 'person',
    ref,
    name: 'one',
    roles: ALL_ROLES,
  };
  await standing(here, registry.get('criteria'), 'approved', 1, { more: { mode: 'alone' } });
  const agreed = async (n: number, riskClass: string) => {
    const systems = [await standing(here, registry.get('aiSystem'), 'proposed', n, { more: { riskClass } })];
    const objective = await standing(here, registry.get('objective'), 'agreed', n + 1, {
      more: { owner: ref, systems },
    });
    await decided(here, objective, { kind: 'approve', by: ref, manner: 'alone' });
    return objective;
  };
  const [low, high] = [await agreed(10, 'minimal'), await agreed(20, 'high')];
  const messages = async () => {
    const { items } = await allWork(here.app, { actor });
    return Object.fromEntries(
      items.filter((i) => i.kind === 'standing' && i.register === 'objective').map((i) => [i.ref, i.message]),
    );
  };
  expect(await messages()).toEqual({ [high]: 'work.alone' });
  await given(here, 'person', { name: 'another', roles: ['reader'] });
  expect(await messages()).toEqual({ [low]: 'work.alone', [high]: 'work.alone' });
});

/** The only person of an organisation holds all there is. */
const ALL_ROLES: Role[] = ['topManagement', 'aimsManager', 'auditor'];

/** `work-offers` goes over the registers of one person and of a few: here the size that it leaves out, with greater depth all. */
const SIZES: readonly ('alone' | 'small' | 'larger')[] =
  DEPTH > 1 ? ['alone', 'small', 'larger'] : ['larger'];

describe.each(SIZES)('in a %s organisation', (mode) => {
  test('nobody is sent to a step that is refused, and whoever is alone to every decision', {
    timeout: 120_000,
  }, async () => {
    const here = { ...t, organisation: await t.newOrganisation(`walked-${mode}`) };
    const actors: Actor[] = [];
    for (const [name, roles] of Object.entries(mode === 'alone' ? { one: ALL_ROLES } : ROLES)) {
      const { ref } = await given(here, 'person', { name, roles: [...roles] });
      const { id, slug } = here.organisation;
      actors.push({ organisation: id, organisationSlug: slug, kind: 'person', ref, name, roles });
    }
    const who = (n: number) => actors[n % actors.length]!.ref;
    const force = await standing(here, registry.get('criteria'), 'approved', 800, {
      more: { mode, appetite: APPETITE, acceptAtLevel: 12 },
    });
    const systems: string[] = [];
    for (const riskClass of ['limited', 'high'])
      systems.push(
        await standing(here, registry.get('aiSystem'), 'inScope', 801 + systems.length, {
          more: { riskClass, inScope: 'in', owner: who(4), approver: who(6), oversight: who(5) },
        }),
      );
    let n = 1000;
    const made: string[] = [];
    for (const r of registry.all) {
      if (!byPeople(r) || r.name === 'person' || r.name === 'apiKey') continue;
      for (const state of r.states)
        for (const [i, step] of decidedFrom(r.name, state).entries())
          for (const author of n % 2 ? [who(n)] : ['engine']) {
            n += 1;
            const named = Object.entries(r.fields)
              .filter(([f, x]) => ['person', 'people'].includes(x.kind) && !x.engine && f !== r.hiddenFrom)
              .map(([f, x], at) => [f, x.kind === 'people' ? [who(n + at)] : who(n + (i % 2 ? 0 : at))]);
            const links = Object.entries(r.links)
              .filter(([, l]) => l.to === 'aiSystem')
              .map(([l]) => [l, [systems[n % 2]!]]);
            made.push(
              await standing(here, r, state, n, {
                author: author === 'engine' ? undefined : author,
                more: {
                  ...Object.fromEntries([...named, ...links]),
                  ...(n % 3 ? await wanted(here, `${r.name}.${step}`) : {}),
                  ...(r.name === 'risk' ? { likelihood: 1 + (n % 5), criteria: [force] } : {}),
                },
              }),
            );
          }
    }
    const met = new Set<string>();
    const wrong: string[] = [];
    for (const actor of actors) {
      // Nobody decides alone on what changed within a day.
      const now = new Date(here.app.clock.now().getTime() + (mode === 'alone' ? 25 * 3_600_000 : 0));
      const app = {
        ...here.app,
        db: here.app.db.as(actor.ref, closedTo(registry, actor)),
        clock: { now: () => now },
      };
      const ask = { actor, reauthenticate: () => Promise.resolve(true) };
      const { items } = await allWork(app, ask);
      for (const { next, ref: record, rule } of items) {
        const name = next.transition;
        if (name === undefined) continue;
        const r = registry.ofRef(record)!;
        const x = r.transitions[name]!;
        // Whoever was made to handle a concern reads it by a way of its own.
        if (!admittedAs(actor, r.permissions.read)) continue;
        const [rows] = await app.db.run(actor.organisation, [readStatement(r, record)]);
        const [before] = await withUnseen(app, ask, r, rows!.map(toStoredWithRelations));
        const offer = (await readPage(app, ask, r, record)).may.transitions.find((o) => o.name === name);
        // Who hands something out says to whom.
        const given = offer?.missing.includes('owner') ? { owner: who(4) } : {};
        const found = x.finds ? Object(finding(x).values) : {};
        const part = parseInput(r, { ...given, ...found }, 'edit');
        met.add(`${r.name}.${name}`);
        const said = `${rule} ${record} (${before!.state}), ${actor.name}, ${name}`;
        if (NOT_LOOKED_AT.includes(`${r.name}.${name}`)) continue;
        if (!offer?.allowed) wrong.push(`${said}: not offered: ${offer?.why}`);
        try {
          await planStep(app, ask, r, before!, { name, part, reason: 'x', until: dayFrom(here, 30) });
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          wrong.push(`${said}: ${error.message}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    if (mode === 'alone') expect(await untold(here, actors[0]!, made)).toEqual([]);
    expect(met.size).toBeGreaterThan(15);
  });
});

/** Decisions that the page offers to the only person of an organisation, and their work does not name. */
async function untold(here: TestInstance, actor: Actor, made: readonly string[]): Promise<string[]> {
  const now = new Date(here.app.clock.now().getTime() + 25 * 3_600_000);
  const app = { ...here.app, clock: { now: () => now } };
  const ask = { actor, reauthenticate: () => Promise.resolve(true) };
  const { items } = await allWork(app, ask);
  const told = new Set(items.map((i) => `${i.ref} ${i.next.transition}`));
  const offered: string[] = [];
  for (const ref of made) {
    const r = registry.ofRef(ref)!;
    const page = await readPage(app, ask, r, ref);
    if (restingStates(r).has(page.state)) continue;
    const level = Number(page.derived.residualLevel ?? page.derived.level);
    for (const { name, allowed, missing } of page.may.transitions) {
      // Within the appetite nobody needs to accept.
      if (r.name === 'risk' && name === 'accept' && fitOf(level, APPETITE) === 'within') continue;
      const { decision, finds = [] } = r.transitions[name]!;
      const agrees = decision === 'approve' || decision === 'accept' || decision === 'waive';
      if (agrees && allowed && missing.every((n) => finds.includes(n))) offered.push(`${ref} ${name}`);
    }
  }
  expect(offered.length).toBeGreaterThan(15);
  return offered.filter((o) => !told.has(o));
}

/** Steps by which somebody decides on what is in this state; of risks and releases, any. */
const decidedFrom = (register: string, state: string): string[] =>
  Object.entries(registry.get(register).transitions)
    .filter(
      ([, x]) => asList(x.from).includes(state) && (x.decision || ['risk', 'release'].includes(register)),
    )
    .map(([name]) => name);
