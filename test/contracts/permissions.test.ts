import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativePaths } from '../../src/register/check.ts';
import { asList, type Register } from '../../src/register/register.ts';
import {
  type Actor,
  admittedAs,
  type Relations,
  ROLES,
  type Role,
  type Who,
  whoText,
} from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { PERSON_ROLES } from '../../src/registers/person.ts';
import { readStatement, toStoredWithRelations } from '../../src/store/records/records.ts';
import {
  byPeople,
  dayFrom,
  peoplesRegisters,
  sampleInput,
  standing,
  stored,
  targetOf,
} from '../support/arrange.ts';
import {
  type Answer,
  given,
  PASSWORD,
  type TestInstance,
  testInstance,
  type Visitor,
} from '../support/instance.ts';
import { representing } from '../support/representatives.ts';
import { found, wanted } from '../support/wanted.ts';

/**
 * Who may do what follows from two things: what the declaration says, which `admittedAs` weighs, and what the database says of a record's people.
 * The second is held against the first for every register, asker and step; of the ways over HTTP every asker takes every one where a
 * register stands for others, and elsewhere one who may and one who may not take each, in turn.
 */

/** Somebody who asks, and what the declarations know about them. */
interface Asker extends Visitor {
  kind: Actor['kind'];
  roles: Role[];
}

let t: TestInstance;
let top: Visitor;
/** One asker for every role, one for every relation to a record, and the two kinds of key. */
const askers: Record<string, Asker> = {};
let system = '';
let seed = 0;

beforeAll(async () => {
  t = await testInstance();
  top = await t.person('Top', ['topManagement', 'aimsManager']);
  for (const role of PERSON_ROLES)
    askers[role] = { ...(await t.person(role, [role])), kind: 'person', roles: [role] };
  // Those with a relation hold the weakest role: what they may do, they may through the relation alone.
  for (const name of ['owner', 'author', 'named', 'systemOwner', 'systemApprover', 'systemOversight'])
    askers[name] = { ...(await t.person(`The ${name}`, ['reader'])), kind: 'person', roles: ['reader'] };
  for (const role of ['ci', 'reader'] as const)
    askers[`${role}Key`] = { ...(await t.key(role, top)), kind: 'apiKey', roles: [role] };
  const people = {
    owner: ref('systemOwner'),
    approver: ref('systemApprover'),
    oversight: ref('systemOversight'),
  };
  system = (await given(t, 'aiSystem', { name: 'The system', purpose: 'x', ...people })).ref;
});
afterAll(() => t.close());

const closely = representing(registry.all, 'people', 3);
let turn = 0;

/** Of those who ask, everybody where the register stands for others; else one who is let in and one who is not. */
function some(r: Register, admitted: (a: Asker) => boolean): [string, Asker][] {
  const all = Object.entries(askers);
  if (closely.has(r.name)) return all;
  turn += 1;
  return [true, false].flatMap((yes) => {
    const those = all.filter(([, a]) => admitted(a) === yes);
    return those.length === 0 ? [] : [those[turn % those.length]!];
  });
}

const ref = (name: string): string => askers[name]!.ref;

/** A record in the state, written by `author`, owned by `owner`, linked to the system whose people are known. */
async function arranged(r: Register, state: string, more: Record<string, unknown> = {}): Promise<string> {
  seed += 1;
  const links = Object.entries(r.links)
    .filter(([, l]) => l.to === 'aiSystem')
    .map(([name]) => [name, [system]]);
  const owner = r.fields.owner?.kind === 'person' ? { owner: ref('owner') } : {};
  return standing(t, r, state, seed, {
    author: ref('author'),
    more: { ...peopleOf(r), ...owner, ...Object.fromEntries(links), ...more },
  });
}

/** Everybody whom the fields of a record name beside its owner. */
const peopleOf = (r: Register): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(r.fields)
      .filter(
        ([n, f]) => ['person', 'people'].includes(f.kind) && !f.engine && n !== 'owner' && n !== r.hiddenFrom,
      )
      .map(([n, f]) => [n, f.kind === 'people' ? [ref('named')] : ref('named')]),
  );

const relations = (r: Register): Relations => ({
  owner: r.fields.owner?.kind === 'person' ? ref('owner') : null,
  author: ref('author'),
  paths: Object.fromEntries([
    ...Object.keys(peopleOf(r)).map((n) => [`self.${n}`, [ref('named')]]),
    ...relativePaths(r).map((p) => {
      const [link, field] = p.split('.') as [string, string];
      const name = { owner: 'systemOwner', approver: 'systemApprover', oversight: 'systemOversight' }[field];
      return [p, r.links[link]?.to === 'aiSystem' && name ? [ref(name)] : []];
    }),
  ]),
});

const actorOf = (a: Asker): Actor => ({
  organisation: t.organisation.id,
  organisationSlug: 'acme',
  kind: a.kind,
  ref: a.ref,
  name: a.name,
  roles: a.roles,
});

function expectDenial(a: Answer, who: readonly Who[], r: Register, at: string): void {
  expect([a.status, a.body.code], `${at}: ${a.text}`).toEqual([403, 'NOT_ALLOWED']);
  expect(a.body.detail, at).toContain(whoText(who, r.whoLabels));
}

/** What rules beyond the declaration want of a record before this step. */
const MORE: Readonly<Record<string, Record<string, unknown>>> = {
  'aiSystem.include': { inScope: 'in' },
  'objective.reach': { target: 10, direction: 'atMost' },
  'aiSystem.exclude': { inScope: 'out' },
  // A policy is for top management alone.
  'document.approve': { kind: 'procedure' },
  'document.refuse': { kind: 'procedure' },
  'document.review': { kind: 'procedure' },
  'release.submit': { kind: 'release' },
  'release.submitUse': { kind: 'useClearance' },
  'change.submit': { kind: 'release' },
  'change.approveEmergency': { kind: 'emergency' },
  'change.review': { kind: 'emergency' },
  'change.revise': { kind: 'release' },
  'change.close': { kind: 'release' },
  'incident.close': { reportable: false },
};

/** What has to be there, beside the record, for a step that says something was done: added by somebody whom it gives no part in the step. */
const SHOWN: Readonly<Record<string, (record: string) => Promise<Answer>>> = {
  'objective.reach': (record) =>
    askers.owner!.ask(
      'POST',
      `objective/${record}/readings?format=json`,
      JSON.stringify([{ to: dayFrom(t, 0), value: 3 }]),
      { 'content-type': 'application/json' },
    ),
  'control.implement': (record) =>
    askers.contributor!.ask('POST', `evidence/refer?reference=TICKET-${seed}&for=${record}`),
};

/** What an edit changes where the title is none to change: a comment stays beside its record, a concern keeps its words. */
const REWORDED: Readonly<Record<string, string>> = { comment: 'content', concern: 'examination' };

describe.each(registry.all.map((r) => [r.name, r] as const))('%s', (_, r) => {
  test('what the database says of the people of a record lets in whom the declaration lets in', async () => {
    const record = await arranged(r, r.states[0]!);
    const [rows] = await t.app.db.run(t.organisation.id, [readStatement(r, record)]);
    const { relations: known } = toStoredWithRelations(rows![0]!);
    let compared = 0;
    for (const who of [r.permissions.edit, ...Object.values(r.transitions).map((x) => asList(x.by))])
      for (const [name, asker] of Object.entries(askers)) {
        const actor = actorOf(asker);
        expect(admittedAs(actor, who, known), `${name}: ${who}`).toBe(admittedAs(actor, who, relations(r)));
        compared += 1;
      }
    expect(compared).toBeGreaterThanOrEqual(PERSON_ROLES.length + 8);
  });

  test('read, create and edit are let through exactly as declared', async () => {
    const record = await arranged(r, r.states[0]!);
    const reads = (a: Asker) => admittedAs(actorOf(a), r.permissions.read) !== undefined;
    const creates = (a: Asker) => admittedAs(actorOf(a), r.permissions.create) !== undefined;
    const edits = (a: Asker) => admittedAs(actorOf(a), r.permissions.edit, relations(r)) !== undefined;
    let tried = 0;
    for (const [name, asker] of some(r, reads)) {
      const read = await asker.ask('GET', `${r.name}/${record}`);
      if (!reads(asker)) expectDenial(read, r.permissions.read, r, `${name} reads`);
      else {
        expect(read.status, name).toBe(200);
        if (byPeople(r)) expect(read.body.may.edit, name).toBe(edits(asker));
      }
      tried += 1;
    }
    expect(tried).toBeGreaterThan(0);
    if (!byPeople(r)) return;
    for (const [name, asker] of some(r, creates)) {
      seed += 1;
      const made = await asker.ask('POST', r.name, await sampleInput(t, r, seed, 'required'));
      if (creates(asker)) expect(made.status, `${name}: ${made.text}`).toBe(201);
      else expectDenial(made, r.permissions.create, r, `${name} creates`);
    }
    for (const [name, asker] of some(r, edits)) {
      seed += 1;
      const edited = await asker.ask('PATCH', `${r.name}/${record}`, {
        [REWORDED[r.name] ?? r.title]: `Changed ${seed}`,
      });
      if (edits(asker)) expect(edited.status, `${name}: ${edited.text}`).toBe(200);
      else expectDenial(edited, r.permissions.edit, r, `${name} edits`);
    }
  });

  const steps = Object.entries(r.transitions).filter(([, x]) => !asList(x.by).every((w) => w === 'engine'));
  test.skipIf(steps.length === 0)(
    'every transition is let through exactly as declared; a key decides nothing',
    async () => {
      let tried = 0;
      let done = 0;
      for (const [name, step] of steps) {
        const who = asList(step.by);
        const from = asList(step.from)[0]!;
        const more = { ...MORE[`${r.name}.${name}`], ...(await wanted(t, `${r.name}.${name}`)) };
        const body = {
          ...(step.reason ? { reason: 'because' } : {}),
          ...(step.until ? { until: dayFrom(t, 30) } : {}),
          ...(step.signed ? { password: PASSWORD } : {}),
          ...found(step),
        };
        const untouched = await arranged(r, from, more);
        const before = await stored(t);
        const admitted: [string, Asker][] = [];
        const may = (a: Asker) =>
          admittedAs(actorOf(a), who, relations(r)) !== undefined && !(a.kind === 'apiKey' && step.decision);
        for (const [asker, a] of some(r, may)) {
          tried += 1;
          if (may(a)) {
            admitted.push([asker, a]);
            continue;
          }
          expectDenial(
            await a.ask('POST', `${r.name}/${untouched}/${name}`, body),
            who,
            r,
            `${asker} ${name}`,
          );
        }
        expect(await stored(t), `${name}: the denied left something`).toEqual(before);
        for (const [asker, a] of admitted) {
          const record = await arranged(r, from, more);
          const shown = await SHOWN[`${r.name}.${name}`]?.(record);
          if (shown) expect(shown.status, shown.text).toBeLessThan(300);
          // The author may take part in the work, but not in the decision about it.
          const own = step.separate && a.ref === ref('author');
          const done_ = await a.ask('POST', `${r.name}/${record}/${name}`, body);
          if (own) expect(done_.body.code, `${asker} ${name}`).toBe('OWN_WORK');
          // Whoever may ask for it gets as far as the gate, which has the last word: `shipping.test.ts`.
          else if (`${r.name}.${name}` === 'release.ship')
            expect(done_.body.detail, `${asker} ${name}`).toContain('now the gate says');
          else
            expect([done_.status, done_.body.state], `${asker} ${name}: ${done_.text}`).toEqual([
              200,
              step.to,
            ]);
          done += 1;
        }
        expect(admitted.length, `${name}: nobody may`).toBeGreaterThan(0);
      }
      if (closely.has(r.name)) expect(tried).toBe(steps.length * Object.keys(askers).length);
      expect(tried).toBeGreaterThanOrEqual(steps.length);
      expect(done).toBeGreaterThanOrEqual(steps.length);
    },
  );
});

test('nobody decides on their own work, in whichever way they worked on it', async () => {
  let tried = 0;
  for (const r of peoplesRegisters(registry))
    for (const [name, step] of Object.entries(r.transitions).filter(([, x]) => x.separate)) {
      const who = asList(step.by);
      const [, asker] = Object.entries(askers).find(([, a]) => admittedAs(actorOf(a), who, relations(r)))!;
      const from = asList(step.from)[0]!;
      seed += 1;
      const record = await standing(t, r, from, seed, {
        author: asker.ref,
        more: { ...peopleOf(r), ...systemLinks(r) },
      });
      const body = {
        ...(step.reason ? { reason: 'because' } : {}),
        ...(step.until ? { until: dayFrom(t, 30) } : {}),
        ...(step.signed ? { password: PASSWORD } : {}),
      };
      const before = await stored(t);
      const a = await asker.ask('POST', `${r.name}/${record}/${name}`, body);
      expect([a.status, a.body.code], `${r.name}.${name}: ${a.text}`).toEqual([403, 'OWN_WORK']);
      expect(a.body.detail).toContain(whoText(who, r.whoLabels));
      expect(await stored(t)).toEqual(before);
      const [shown] = (await asker.ask('GET', `${r.name}/${record}`)).body.may.transitions.filter(
        (x: { name: string }) => x.name === name,
      );
      expect([shown.allowed, shown.why]).toEqual([false, a.body.detail]);
      tried += 1;
    }
  expect(tried).toBeGreaterThan(8);
});

const systemLinks = (r: Register): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(r.links)
      .filter(([, l]) => l.to === 'aiSystem')
      .map(([n]) => [n, [system]]),
  );

test('an edit by whoever approves later makes it their own work; the decision of another stands', async () => {
  const plan = await arranged(registry.get('rollbackPlan'), 'draft');
  const approver = askers.systemOwner!;
  const edited = await approver.ask('PATCH', `rollbackPlan/${plan}`, { target: '2.2.0' });
  expect(edited.status).toBe(200);
  expect((await approver.ask('POST', `rollbackPlan/${plan}/approve`, {})).body.code).toBe('OWN_WORK');
  const other = await askers.systemApprover!.ask('POST', `rollbackPlan/${plan}/approve`, {});
  expect([other.status, other.body.state]).toEqual([200, 'approved']);
  const decision = await top.ask('GET', `decision/${other.body.decision}`);
  expect(decision.body.values).toMatchObject({
    kind: 'approve',
    subject: plan,
    by: ref('systemApprover'),
    role: 'system.approver',
  });
});

test('what is signed asks for the password again; a wrong one decides nothing', async () => {
  const signed = registry.all.flatMap((r) =>
    Object.entries(r.transitions)
      .filter(([, x]) => x.signed)
      .map(([name, x]) => ({ r, name, x })),
  );
  expect(signed.length).toBeGreaterThan(0);
  for (const { r, name, x } of signed) {
    const record = await arranged(r, asList(x.from)[0]!, await wanted(t, `${r.name}.${name}`));
    const body = { reason: 'because', until: dayFrom(t, 30) };
    const before = await stored(t);
    const without = await askers.designatedManagement!.ask('POST', `${r.name}/${record}/${name}`, body);
    expect([without.status, without.body.problems[0].path]).toEqual([409, '/password']);
    const wrong = await askers.designatedManagement!.ask('POST', `${r.name}/${record}/${name}`, {
      ...body,
      password: `${PASSWORD}!`,
    });
    expect([wrong.status, wrong.body.problems[0].path]).toEqual([403, '/password']);
    const others = await askers.designatedManagement!.ask('POST', `${r.name}/${record}/${name}`, {
      ...body,
      password: '',
    });
    expect(others.status).toBe(409);
    expect(await stored(t)).toEqual(before);
    const right = await askers.designatedManagement!.ask('POST', `${r.name}/${record}/${name}`, {
      ...body,
      password: PASSWORD,
    });
    expect(right.status, right.text).toBe(200);
    expect((await top.ask('GET', `decision/${right.body.decision}`)).body.values.method).toBe(
      'reauthenticated',
    );
  }
});

describe('roles', () => {
  const change = (by: Visitor, who: string, roles: Role[]) => by.ask('PATCH', `person/${who}`, { roles });
  const manager = () => askers.aimsManager!;

  test('nobody changes their own, management included', async () => {
    for (const name of ['aimsManager', 'topManagement']) {
      const a = await change(askers[name]!, ref(name), ['topManagement', 'aimsManager']);
      expect([a.status, a.body.code], a.text).toEqual([403, 'OWN_WORK']);
    }
  });

  test('an AIMS manager grants the others, but makes and unmakes no management, not by a file either', async () => {
    const somebody = await given(t, 'person', { name: 'Somebody' });
    expect((await change(manager(), somebody.ref, ['contributor', 'auditor'])).status).toBe(200);
    for (const role of ['designatedManagement', 'topManagement'] as const) {
      const a = await change(manager(), somebody.ref, [role]);
      expect([a.status, a.body.code]).toEqual([403, 'NOT_ALLOWED']);
      expect(a.body.detail).toMatch(/top management/i);
      const created = await manager().ask('POST', 'person', { name: 'New', roles: [role] });
      expect(created.status).toBe(403);
      const file = await manager().ask(
        'POST',
        'person/import?format=json',
        JSON.stringify([{ ref: somebody.ref, roles: [role] }]),
      );
      expect(file.status).toBe(422);
    }
    expect((await change(manager(), ref('designatedManagement'), ['contributor'])).status).toBe(403);
    expect((await change(top, somebody.ref, ['designatedManagement'])).status).toBe(200);
  });

  test('a role that is withdrawn is gone at the next request', async () => {
    const brief = await t.person('Brief', ['contributor']);
    const body = await sampleInput(t, registry.get('hazard'), 5000);
    expect((await brief.ask('POST', 'hazard', body)).status).toBe(201);
    expect((await change(top, brief.ref, ['reader'])).status).toBe(200);
    expect((await brief.ask('POST', 'hazard', { ...body, code: 'other' })).status).toBe(403);
    expect((await top.ask('POST', `person/${brief.ref}/depart`, {})).status).toBe(200);
    expect((await brief.ask('GET', 'hazard')).status).toBe(404);
  });

  test('a key that is revoked, or of a role that is none, opens nothing', async () => {
    const key = await t.key('ci', top);
    expect((await key.ask('GET', 'release')).status).toBe(200);
    expect((await top.ask('POST', `apiKey/${key.ref}/revoke`, {})).status).toBe(200);
    expect((await key.ask('GET', 'release')).status).toBe(401);
    const far = await top.ask('POST', 'apiKey', { label: 'x', role: 'ci', expires: dayFrom(t, 800) });
    expect(far.status).toBe(422);
    const near = await t.key('reader', top);
    expect((await top.ask('PATCH', `apiKey/${near.ref}`, { expires: dayFrom(t, 800) })).status).toBe(422);
  });
});

test('the roles that the tests know are all roles there are', async () => {
  expect([...PERSON_ROLES, 'ci'].sort()).toEqual(Object.keys(ROLES).sort());
  expect(await targetOf(t, 'release')).toMatch(/^REL-/);
});
