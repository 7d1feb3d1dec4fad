import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { transitRecord } from '../../src/app/write/commit.ts';
import { readRecord } from '../../src/app/write/idempotent.ts';
import { allowed, criteriaInForce } from '../support/gated.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Detours by which somebody could get more than they may: each was open once. */

let t: TestInstance;
let top: Visitor;
let manager: Visitor;
let designated: Visitor;
let owner: Visitor;
let approver: Visitor;
let crony: Visitor;

beforeAll(async () => {
  t = await testInstance();
  top = await t.person('Top', ['topManagement']);
  manager = await t.person('Manager', ['aimsManager']);
  designated = await t.person('Designated', ['designatedManagement']);
  owner = await t.person('Owner', ['contributor']);
  approver = await t.person('Approver', ['contributor']);
  crony = await t.person('Crony', ['contributor']);
});
afterAll(() => t.close());

async function systemInScope(name: string): Promise<string> {
  const { ref } = await given(t, 'aiSystem', {
    name,
    purpose: 'Answers',
    owner: owner.ref,
    approver: approver.ref,
    isoRoles: ['provider'],
    riskClass: 'minimal',
    inScope: 'in',
  });
  const done = await manager.ask('POST', `aiSystem/${ref}/include`, {});
  expect([done.status, done.body.state]).toEqual([200, 'inScope']);
  return ref;
}

const code = (a: { status: number; body: { code?: string } }) => [a.status, a.body.code];

test('an AIMS manager cannot take the place of a manager by a new invitation', async () => {
  expect(code(await manager.ask('POST', `person/${designated.ref}/depart`, {}))).toEqual([
    403,
    'NOT_ALLOWED',
  ]);
  expect(
    code(await manager.ask('PATCH', `person/${designated.ref}`, { email: 'mine@acme.example' })),
  ).toEqual([403, 'NOT_ALLOWED']);
  const imported = await manager.ask(
    'POST',
    'person/import?format=csv',
    `ref,email\n${designated.ref},mine@acme.example\n`,
  );
  expect(imported.status).toBe(422);
  // Names stay in the hands of the AIMS manager, and people without a role of management wholly so.
  expect((await manager.ask('PATCH', `person/${designated.ref}`, { name: 'Designated Two' })).status).toBe(
    200,
  );
  const somebody = await given(t, 'person', { name: 'New', email: 'new@acme.example', roles: ['reader'] });
  expect((await manager.ask('POST', `person/${somebody.ref}/invite`, {})).status).toBe(200);
  const leader = await given(t, 'person', {
    name: 'Leader',
    email: 'leader@acme.example',
    roles: ['topManagement'],
  });
  expect((await manager.ask('POST', `person/${leader.ref}/invite`, {})).status).toBe(403);
  expect((await top.ask('POST', `person/${leader.ref}/invite`, {})).status).toBe(200);
});

test('an invitation goes to the address given with it, and a key of one request voids no other link', async () => {
  const a = await given(t, 'person', { name: 'A', email: 'old@acme.example', roles: ['reader'] });
  const b = await given(t, 'person', { name: 'B', email: 'b@acme.example', roles: ['reader'] });
  const sent = await manager.ask(
    'POST',
    `person/${a.ref}/invite`,
    { values: { email: 'fresh@acme.example' } },
    { 'idempotency-key': 'invite' },
  );
  const token = (link: string) => link.split('token=')[1]!;
  const open = await t.stranger.ask('GET', `/api/v1/invitations/${token(sent.body.invitation.link)}`);
  expect(open.body.email).toBe('fresh@acme.example');
  const key = { 'idempotency-key': 'invite' };
  expect(code(await manager.ask('POST', `person/${b.ref}/invite`, {}, key))).toEqual([
    409,
    'IDEMPOTENCY_MISMATCH',
  ]);
  const other = await manager.ask('POST', `person/${b.ref}/invite`, {});
  expect(other.status).toBe(200);
  const accepted = await t.stranger.ask('POST', '/api/v1/invitations/accept', {
    token: token(other.body.invitation.link),
    password: PASSWORD,
  });
  expect(accepted.status).toBe(200);
});

test('an API key is not prolonged beyond a year by an edit', async () => {
  const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const key = await manager.ask('POST', 'apiKey', { label: 'k', role: 'reader', expires });
  expect(code(await manager.ask('PATCH', `apiKey/${key.body.ref}`, { expires: '2999-12-31' }))).toEqual([
    422,
    'INVALID',
  ]);
  expect((await manager.ask('PATCH', `apiKey/${key.body.ref}`, { label: 'renamed' })).status).toBe(200);
});

test('a second system of one’s own making does not choose who approves a change', async () => {
  const real = await systemInScope('Real');
  const shadow = await crony.ask('POST', 'aiSystem', { name: 'Shadow', purpose: 'x', owner: crony.ref });
  await crony.ask('PATCH', `aiSystem/${shadow.body.ref}`, { approver: crony.ref });
  const submitted = async (systems: string[]) => {
    const c = await owner.ask('POST', 'change', { title: 'c', owner: owner.ref, systems });
    await owner.ask('PATCH', `change/${c.body.ref}`, { description: 'd', impact: 'i' });
    expect((await owner.ask('POST', `change/${c.body.ref}/submit`, {})).status).toBe(200);
    return c.body.ref as string;
  };
  const both = await submitted([real, shadow.body.ref]);
  expect(code(await crony.ask('POST', `change/${both}/approve`, {}))).toEqual([403, 'NOT_ALLOWED']);
  expect((await approver.ask('POST', `change/${both}/approve`, {})).status).toBe(403);
  expect((await designated.ask('POST', `change/${both}/approve`, {})).status).toBe(200);
  const one = await submitted([real]);
  expect((await approver.ask('POST', `change/${one}/approve`, {})).status).toBe(200);
});

test('the owner of a system in scope does not choose its approver, and nobody makes themselves one', async () => {
  const ref = await systemInScope('Chosen');
  expect(code(await owner.ask('PATCH', `aiSystem/${ref}`, { approver: crony.ref }))).toEqual([
    403,
    'NOT_ALLOWED',
  ]);
  expect(code(await manager.ask('PATCH', `aiSystem/${ref}`, { approver: manager.ref }))).toEqual([
    403,
    'OWN_WORK',
  ]);
  expect((await manager.ask('PATCH', `aiSystem/${ref}`, { approver: crony.ref })).status).toBe(200);
  expect((await owner.ask('PATCH', `aiSystem/${ref}`, { purpose: 'Other' })).status).toBe(200);
});

test('leaving a system out is no agreement to what it is inside', async () => {
  const ref = await systemInScope('Out');
  await owner.ask('PATCH', `aiSystem/${ref}`, { scopeReason: 'r' });
  // Less is asked of what is left out: that takes a ticket.
  const ticket = await owner.ask('POST', 'change', {
    title: 'Leave it out',
    kind: 'criteria',
    owner: owner.ref,
    systems: [ref],
  });
  await owner.ask('PATCH', `change/${ticket.body.ref}`, { description: 'd', impact: 'i' });
  expect((await owner.ask('POST', `change/${ticket.body.ref}/submit`, {})).status).toBe(200);
  expect((await designated.ask('POST', `change/${ticket.body.ref}/approve`, {})).status).toBe(200);
  expect((await designated.ask('POST', `aiSystem/${ref}/exclude`, {})).status).toBe(200);
  const page = await owner.ask('GET', `aiSystem/${ref}`);
  expect(page.body.decisions.map((d: { kind: string }) => d.kind)).toEqual(['refuse', 'approve']);
});

test('what was decided, undone and unchanged can be decided again by the same person', async () => {
  const system = await systemInScope('Again');
  expect((await owner.ask('POST', `aiSystem/${system}/reconsider`, {})).status).toBe(200);
  expect((await manager.ask('POST', `aiSystem/${system}/include`, {})).status).toBe(200);
  const plan = await crony.ask('POST', 'rollbackPlan', { title: 'p', system: [system] });
  await crony.ask('PATCH', `rollbackPlan/${plan.body.ref}`, { target: '1', steps: 's', maxDuration: 'PT5M' });
  for (let i = 0; i < 2; i++) {
    expect((await approver.ask('POST', `rollbackPlan/${plan.body.ref}/approve`, {})).status).toBe(200);
    expect((await crony.ask('POST', `rollbackPlan/${plan.body.ref}/revise`, {})).status).toBe(200);
  }
});

test('a decision is not carried over to contents that came after it', async () => {
  const system = await systemInScope('Race');
  const plan = await crony.ask('POST', 'rollbackPlan', { title: 'p', system: [system] });
  await crony.ask('PATCH', `rollbackPlan/${plan.body.ref}`, { target: '1', steps: 's', maxDuration: 'PT5M' });
  // The edit comes in after the approval has read the record and before it writes.
  const register = t.app.registry.get('rollbackPlan');
  const before = await readRecord(t.app, { actor: engineActor(t.organisation) }, register, plan.body.ref);
  let edited: Promise<unknown> | undefined;
  const clock = {
    now: () => {
      const at = t.app.clock.now();
      edited ??= crony.ask('PATCH', `rollbackPlan/${plan.body.ref}`, { steps: 'delete everything' });
      return at;
    },
  };
  const slow = {
    ...t.app,
    clock,
    db: new Proxy(t.app.db, {
      get: (db, name) =>
        name === 'run'
          ? async (...a: Parameters<typeof db.run>) => {
              await edited;
              return db.run(...a);
            }
          : Reflect.get(db, name, db),
    }),
  } as typeof t.app;
  const actor = {
    ...engineActor(t.organisation),
    kind: 'person' as const,
    ref: approver.ref,
    name: approver.name,
    roles: ['contributor' as const],
  };
  await expect(transitRecord(slow, { actor }, register, plan.body.ref, 'approve')).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  const after = await readRecord(t.app, { actor: engineActor(t.organisation) }, register, plan.body.ref);
  expect([before.state, after.state, after.values.steps]).toEqual(['draft', 'draft', 'delete everything']);
});

test('a release is not shipped with a component that changed after the gate', async () => {
  const boss = await t.person('Boss', ['topManagement', 'designatedManagement', 'aimsManager']);
  const crew = { boss, owner, approver, maker: crony };
  const criteria = await criteriaInForce(t, crew);
  const g = await allowed(t, crew);
  const page = await crony.ask('GET', `component/${g.component}`);
  const change = (digest: string) => manager.ask('PATCH', `component/${g.component}`, { digest });
  expect((await change(`sha256:${'b'.repeat(64)}`)).status).toBe(200);
  expect(code(await owner.ask('POST', `release/${g.release}/ship`, {}))).toEqual([409, 'CONFLICT']);
  await change(page.body.values.digest);
  expect((await owner.ask('POST', `release/${g.release}/ship`, {})).body.state).toBe('shipped');
  // The other tests here begin without criteria.
  await designated.ask('POST', `criteria/${criteria}/supersede`, { reason: 'r' });
});

test('an import sent twice with one key is stored once, also when it made a unique value', async () => {
  const risks = () => owner.ask('GET', 'hazard?q=imported&total=true');
  const send = (body: string, key: string) =>
    owner.ask('POST', 'hazard/import?format=csv', body, { 'idempotency-key': key });
  const body = 'code,title,severity\nIMP-1,imported,low\n';
  const first = await send(body, 'one');
  const second = await send(body, 'one');
  expect([first.status, second.status, second.body.created]).toEqual([200, 200, 1]);
  expect((await risks()).body.total).toBe(1);
  expect(code(await send('code,title,severity\nIMP-2,imported,low\n', 'one'))).toEqual([
    409,
    'IDEMPOTENCY_MISMATCH',
  ]);
});

test('an import of millions of tiny rows is refused without reading them all', async () => {
  const csv = await owner.ask(
    'POST',
    'risk/import?format=csv',
    `title,owner,systems\n${'a\n'.repeat(9_000_000)}`,
  );
  expect(csv.status).toBe(413);
  const json = await owner.ask('POST', 'risk/import?format=json', `[${'{},'.repeat(2_000_000)}{}]`);
  expect(json.status).toBe(400);
});

test('an import names rows, not faults, and knows no column by the names every object has', async () => {
  const two = await owner.ask(
    'POST',
    'risk/import?format=csv',
    'title,owner,systems,likelihood,impactSociety\nx,,,9,9\n',
  );
  expect(two.body.detail).toMatch(/^1 of 1 rows have a fault/);
  const odd = await owner.ask('POST', 'risk/import?format=csv', 'title,toString\na,b\n');
  expect([odd.status, odd.body.problems[0].message]).toEqual([422, 'unknown column toString']);
});

test('a text whose last character is halved by the sortable column is stored whole', async () => {
  const email = `a${'😀'.repeat(100)}`;
  const made = await manager.ask('POST', 'person', { name: 'Emoji', email });
  expect([made.status, made.body.values?.email]).toEqual([201, email]);
});
