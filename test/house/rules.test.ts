import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Asking } from '../../src/app/context.ts';
import { engineActor } from '../../src/app/people/people.ts';
import { readRecord } from '../../src/app/write/idempotent.ts';
import * as lists from '../../src/app/write/lists.ts';
import type { Planned } from '../../src/app/write/plan.ts';
import type { Besides } from '../../src/app/write/rule.ts';
import { allRules, ruled, rulesFor } from '../../src/app/write/rules.ts';
import { Failure } from '../../src/base/failure.ts';
import { freshContents, mergeContents, parseInput } from '../../src/register/values.ts';
import type { Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { dayFrom, sampleInput } from '../support/arrange.ts';
import { allowed, type Crew, crewOf, criteriaInForce, inState, ok, testRun } from '../support/gated.ts';
import { given, ROOT, type TestInstance, testInstance } from '../support/instance.ts';
import { rewritten } from '../support/kept-standing.ts';

/** One list of rules: each is met by something that it refuses, or fills in. */

let t: TestInstance;
let crew: Crew;
let gone: string;
let system: string;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  await criteriaInForce(t, crew);
  gone = await inState(t, 'person', 'departed', { name: 'Gone', email: 'gone@acme.example' });
  system = await inState(t, 'aiSystem', 'inScope', {
    name: 'S',
    purpose: 'p',
    owner: crew.owner.ref,
    approver: crew.approver.ref,
    riskClass: 'limited',
    inScope: 'in',
  });
});
afterAll(() => t.close());

type Input = Record<string, unknown>;

const by = (ref: string, ...roles: Role[]): Asking => ({
  actor: { ...engineActor(t.organisation), kind: 'person', ref, name: ref, roles },
});
const owner = () => by(crew.owner.ref, 'contributor');
const manager = () => by('PSN-9999', 'aimsManager', 'contributor');

/** A record with what its declaration asks for, in a state. */
async function there(name: string, state: string, more: Input = {}): Promise<string> {
  return inState(t, name, state, { ...(await sampleInput(t, registry.get(name), 1, 'required')), ...more });
}

const actorOf = (ask: Asking) => ({ ref: ask.actor.ref, as: 'contributor' });

async function makes(name: string, input: Input, ask: Asking): Promise<Planned> {
  const register = registry.get(name);
  const all = { ...(await sampleInput(t, register, 2, 'required')), ...input };
  const contents = freshContents(register, parseInput(register, all, 'create'));
  return ruled(t.app, ask, {
    register,
    contents,
    state: register.states[0]!,
    act: 'create',
    actor: actorOf(ask),
  });
}

async function changes(
  ref: string,
  input: Input,
  ask: Asking,
  step?: string,
  o: Besides = {},
): Promise<Planned> {
  const register = registry.ofRef(ref)!;
  const before = await readRecord(t.app, ask, register, ref);
  const contents = mergeContents(register, before, parseInput(register, input, 'edit'));
  const state = step === undefined ? before.state : register.transitions[step]!.to;
  const act = step === undefined ? 'edit' : 'transition';
  return ruled(
    t.app,
    ask,
    { register, before, contents, state, act, transition: step, actor: actorOf(ask) },
    o,
  );
}

const takes = (ref: string, step: string, ask: Asking, input: Input = {}) => changes(ref, input, ask, step);

const delegation = (more: Input = {}) => ({
  kind: 'delegation',
  owner: crew.maker.ref,
  delegator: crew.approver.ref,
  endsOn: dayFrom(t, 9),
  ...more,
});
const accountable = { kind: 'raci', part: 'accountable', activity: 'release', owner: 'PSN-0001' };

const REFUSED: Readonly<Record<string, () => Promise<unknown>>> = {
  'people.here': () => makes('risk', { owner: gone }, manager()),
  'declared.linked': async () =>
    takes(await there('incident', 'contained', { reportable: true }), 'close', manager()),
  'declared.shut': async () =>
    makes('action', { nonconformities: [await there('nonconformity', 'closed')] }, owner()),
  'declared.shown': async () =>
    takes(await there('control', 'applicable', { why: 'w' }), 'implement', manager()),
  'declared.claimed': () => makes('nonconformity', { foundOn: dayFrom(t, 3) }, owner()),
  'declared.capped': () => makes('monitor', { reviewBy: dayFrom(t, 400) }, owner()),
  'declared.within': () => makes('apiKey', { expires: dayFrom(t, 400) }, manager()),
  'person.manager': () => changes(crew.owner.ref, { manager: crew.owner.ref }, manager()),
  'person.email': () => changes(crew.boss.ref, { email: 'other@acme.example' }, manager()),
  'person.roles': () => changes(crew.owner.ref, { roles: ['auditor'] }, owner()),
  'person.guest': () => makes('person', { name: 'G', guest: true, roles: ['contributor'] }, manager()),
  'person.topRemains': async () => takes(crew.boss.ref, 'depart', manager()),
  'person.holdsNothing': async () => takes(crew.owner.ref, 'depart', manager()),
  'action.verifier': async () =>
    changes(
      await there('action', 'agreed', { verifier: crew.maker.ref }),
      { verifier: crew.approver.ref },
      owner(),
    ),
  'action.eased': async () => {
    const ref = await agreed();
    return takes(ref, 'agree', owner(), { dueOn: dayFrom(t, 90) });
  },
  'action.stillFor': async () => changes(await agreed(), { nonconformities: [] }, owner()),
  'action.exposure': async () =>
    takes(await there('action', 'done', { exposureCases: 5 }), 'confirm', manager(), { casesSeen: 1 }),
  'nonconformity.cameBack': async () => {
    const ref = await there('nonconformity', 'closed', { kind: 'actual' });
    await there('action', 'effective', { nonconformities: [ref] });
    await rewritten(t, ref, { state: 'acting' });
    return takes(ref, 'close', manager());
  },
  'audit.programme': async () => {
    const programme = await there('audit', 'approved', { kind: 'programme' });
    return changes(
      await there('audit', 'approved', { kind: 'programme' }),
      { programme: [programme] },
      manager(),
    );
  },
  'audit.result': async () => {
    const ref = await there('audit', 'running', { kind: 'audit' });
    await there('auditFinding', 'raised', { audit: [ref], grade: 'major' });
    return takes(ref, 'report', manager(), { result: 'conforms' });
  },
  'audit.independence': async () => {
    const days = {
      from: dayFrom(t, -3),
      to: dayFrom(t, 3),
      coversFrom: dayFrom(t, -90),
      coversTo: dayFrom(t, 1),
    };
    const of = { kind: 'audit', owner: crew.owner.ref, systems: [system], ...days };
    return takes(await there('audit', 'approved', of), 'begin', owner());
  },
  'audit.guest': async () => makes('audit', {}, by((await guest()).ref, 'auditor')),
  'auditFinding.issued': async () => {
    const audit = [await there('audit', 'reported', { kind: 'audit' })];
    return takes(await there('auditFinding', 'draft', { audit }), 'raise', manager());
  },
  'auditFinding.answer': async () => {
    const audit = await there('audit', 'running', { kind: 'audit', owner: crew.maker.ref });
    const ref = await there('auditFinding', 'draft', { audit: [audit], owner: crew.owner.ref });
    return changes(ref, { fact: 'Nothing was wrong.' }, owner());
  },
  'auditFinding.guest': async () => {
    const audit = await there('audit', 'running', { kind: 'audit' });
    return makes('auditFinding', { audit: [audit] }, by((await guest()).ref, 'auditor'));
  },
  'managementReview.frozen': async () => {
    const ref = await there('managementReview', 'prepared');
    await rewritten(t, ref, { values: { inputsAt: `log 1, size 1, ${t.app.clock.now().toISOString()}` } });
    return takes(ref, 'hold', manager(), { heldOn: dayFrom(t, -3) });
  },
  'managementReview.reasons': async () =>
    takes(await there('managementReview', 'prepared'), 'hold', manager()),
  'managementReview.held': async () => {
    const ref = await there('managementReview', 'prepared');
    await rewritten(t, ref, { values: { inputs: [{ input: 'x', found: 'y', count: 1, missing: false }] } });
    return takes(ref, 'hold', manager(), { attendees: [crew.owner.ref] });
  },
  'risk.ranges': () => makes('risk', { frequencyLow: 9, frequencyHigh: 1 }, manager()),
  'risk.scales': async () => takes(await there('risk', 'open'), 'assess', manager()),
  'risk.acceptance': async () => {
    const impacts = { impactOrganisation: 2, impactIndividuals: 2, impactSociety: 2 };
    const rated = { likelihood: 2, ...impacts, residualLikelihood: 1, reviewBy: dayFrom(t, -30) };
    return takes(await there('risk', 'assessed', rated), 'accept', manager());
  },
  'risk.eased': async () => {
    const hazards = [await there('hazard', 'proposed', { code: 'HZ-OF-A-RISK' })];
    return changes(
      await there('risk', 'assessed', { owner: crew.owner.ref, hazards }),
      { hazards: [] },
      owner(),
    );
  },
  'control.ownReason': async () => {
    const lines = [1, 2, 3, 4, 5, 6].map((n) =>
      there('control', 'applicable', { code: `OWN-${n}`, why: 'Not ours.' }),
    );
    return takes((await Promise.all(lines))[0]!, 'exclude', manager());
  },
  'control.reference': () => makes('control', { otherRegister: 'ISO/IEC 27001:2022 A.9.99' }, manager()),
  'responsibility.here': async () => {
    const ref = await there('responsibility', 'proposed', { kind: 'appointment', owner: gone });
    return takes(ref, 'accept', owner());
  },
  'responsibility.delegation': () => makes('responsibility', delegation(), owner()),
  'responsibility.chain': async () => {
    await there(
      'responsibility',
      'accepted',
      delegation({ owner: crew.approver.ref, delegator: crew.boss.ref }),
    );
    return makes('responsibility', delegation(), by(crew.approver.ref, 'contributor'));
  },
  'responsibility.accountable': async () => {
    await there('responsibility', 'accepted', { ...accountable, owner: crew.owner.ref });
    return makes('responsibility', { ...accountable, owner: crew.maker.ref }, manager());
  },
  'responsibility.asOffered': async () => {
    const offered = delegation({ title: 'd', owner: crew.owner.ref, delegator: crew.maker.ref });
    const { ref } = await ok(crew.maker, 'POST', 'responsibility', offered);
    return takes(ref, 'accept', owner(), { endsOn: dayFrom(t, 30) });
  },
  'concern.concerned': () => makes('concern', { about: [crew.owner.ref] }, owner()),
  'concern.delay': async () =>
    changes(
      await there('concern', 'raised', { answerBy: dayFrom(t, 3) }),
      { answerBy: dayFrom(t, 30) },
      owner(),
    ),
  'incident.delay': async () =>
    changes(
      await there('incident', 'handling', { reportBy: dayFrom(t, 3) }),
      { reportBy: dayFrom(t, 30) },
      owner(),
    ),
  'comment.hidden': async () =>
    makes('comment', { subject: (await given(t, 'concern', concern())).ref }, manager()),
  'comment.reaches': () => makes('comment', { content: '@PSN-9998 look' }, manager()),
  'aiSystem.people': () => changes(system, { approver: crew.maker.ref }, owner()),
  'aiSystem.looser': () => changes(system, { riskClass: 'minimal' }, manager()),
  'criteria.looser': async () => {
    const ref = await there('criteria', 'submitted', { mode: 'alone' });
    return takes(ref, 'approve', by(crew.boss.ref, 'topManagement'));
  },
  'verificationPlan.looser': async () => {
    const ref = await there('verificationPlan', 'draft', { system: [system], threshold: 100, minCases: 1 });
    return takes(ref, 'fix', owner());
  },
  'release.unchanged': async () => takes(await there('release', 'allowed'), 'ship', owner()),
  'release.stillAllowed': async () => {
    const g = await allowed(t, crew);
    await rewritten(t, g.run, { state: 'withdrawn' });
    return takes(g.release, 'ship', owner());
  },
  'release.letThrough': async () => {
    const g = await allowed(t, crew);
    await rewritten(t, g.risk, { values: { likelihood: 5, impactIndividuals: 5 } });
    return takes(g.release, 'ship', owner());
  },
  'change.onCall': async () =>
    takes(await there('change', 'draft', { kind: 'emergency', onCall: crew.maker.ref }), 'submit', manager()),
  'change.carriedOut': async () => {
    const ref = await there('change', 'approved', { kind: 'release' });
    const release = await there('release', 'draft', { change: [ref] });
    await rewritten(t, ref, { links: { releases: [release] } });
    return takes(ref, 'implement', manager());
  },
  'evidence.runs': async () => {
    const run = await testRun(t, await there('release', 'draft'), 'x', { failed: 1 });
    const { links } = await readRecord(t.app, manager(), registry.get('testRun'), run);
    return takes(links.evidence![0]!, 'withdraw', by('engine', 'aimsManager'));
  },
  'hazard.eased': async () =>
    changes(await there('hazard', 'confirmed', { severity: 'high' }), { severity: 'low' }, owner()),
  'monitor.eased': async () => {
    const said = { what: 'w', interval: 'P1D', reviewBy: dayFrom(t, 90), threshold: 5, direction: 'atMost' };
    const ref = await there('monitor', 'planned', { ...said, owner: crew.owner.ref });
    await ok(crew.boss, 'POST', `monitor/${ref}/start`);
    return takes(ref, 'start', owner(), { threshold: 50 });
  },
};

/** Rules that refuse nothing and make something of it. */
const FILLED: Readonly<Record<string, () => Promise<unknown>>> = {
  'action.reopens': async () => {
    const nonconformity = await there('nonconformity', 'acting');
    const ref = await there('action', 'done', { nonconformities: [nonconformity] });
    const { cascade } = await takes(ref, 'fail', manager());
    return expect(cascade.map((i) => [i.transition, i.state])).toEqual([['fallBack', 'open']]);
  },
  'managementReview.inputs': async () => {
    const { intent } = await takes(await there('managementReview', 'planned'), 'prepare', manager());
    return expect(intent.contents.values.inputs).toBeInstanceOf(Array);
  },
};

const guest = () => given(t, 'person', { name: 'Guest', guest: true, roles: ['auditor'] });
const concern = () => ({ title: 'c', content: 'c' });

/** An action that was agreed on, and is planned anew. */
async function agreed(): Promise<string> {
  const ref = await there('action', 'planned', {
    owner: crew.owner.ref,
    plan: 'x',
    dueOn: dayFrom(t, 9),
    criterion: 'c',
    verifier: crew.maker.ref,
    exposureDays: 3,
    nonconformities: [await there('nonconformity', 'acting')],
  });
  await ok(crew.owner, 'POST', `action/${ref}/agree`);
  await ok(crew.owner, 'POST', `action/${ref}/replan`);
  return ref;
}

/** Tests that say the id of a rule, this one left out. */
function namedIn(id: string): string[] {
  const folder = join(ROOT, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (f) =>
      f.endsWith('.test.ts') &&
      !f.endsWith('rules.test.ts') &&
      readFileSync(join(folder, f), 'utf8').includes(`'${id}'`),
  );
}

describe('every rule', () => {
  test.each(allRules().map((r) => r.id))('%s is met', async (id) => {
    if (FILLED[id]) return void (await FILLED[id]());
    const refused = REFUSED[id];
    // A rule may come with a test of its own, which names it.
    if (!refused) return expect(namedIn(id), `${id} has a case here, or is named in a test`).not.toEqual([]);
    const failure = await refused().then(
      () => undefined,
      (error: unknown) => (error instanceof Failure ? error : Promise.reject(error)),
    );
    expect([failure?.rule, failure?.message]).toEqual([id, expect.any(String)]);
  });

  test('has an id of its own, that of its register, and a sentence in the code that says why it is there', () => {
    const ids = allRules().map((r) => r.id);
    expect(ids.length).toBeGreaterThan(45);
    expect(new Set(ids).size).toBe(ids.length);
    for (const r of allRules()) {
      if (r.register) expect(r.id.startsWith(`${r.register}.`), r.id).toBe(true);
      if (Array.isArray(r.at))
        for (const act of r.at)
          expect(['create', 'edit', ...Object.keys(registry.get(r.register!).transitions)], r.id).toContain(
            act,
          );
    }
    expect(Object.keys({ ...REFUSED, ...FILLED }).filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('stands in a list that is asked: no file keeps one that is not', () => {
    const app = join(ROOT, 'src', 'app');
    const declared = readdirSync(app, { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
      .flatMap((f) => [
        ...readFileSync(join(app, f), 'utf8').matchAll(/^export const (\w+): readonly Rule\[\]/gm),
      ])
      .map((m) => m[1]!)
      .filter((name) => !['declaredRules'].includes(name));
    expect(declared.length).toBeGreaterThan(10);
    expect(declared.sort()).toEqual(Object.keys(lists).sort());
  });

  test('is asked by nothing but the list', () => {
    const list = readFileSync(join(ROOT, 'src/app/write/rules.ts'), 'utf8');
    expect(rulesFor(registry.get('comment'), 'create').map((r) => r.id)).toEqual([
      'people.here',
      'declared.shut',
      'declared.claimed',
      'declared.capped',
      'declared.within',
      'comment.hidden',
      'comment.reaches',
    ]);
    expect(list).not.toMatch(/WeakMap|WeakSet/);
  });
});
