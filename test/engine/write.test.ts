import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { expectWholeLog } from '../support/whole-log.ts';

let t: TestInstance;
let manager: Visitor;
beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Ada', ['aimsManager', 'topManagement']);
});
afterAll(() => t.close());

test('a create, an edit and a transition each leave one version and one entry', async () => {
  const made = await manager.ask('POST', 'aiSystem', { name: 'Bot', purpose: 'Answers', owner: manager.ref });
  expect(made.status).toBe(201);
  const before = (await t.app.sequencer.settle(t.organisation.id)).size;
  const edited = await manager.ask(
    'PATCH',
    `aiSystem/${made.body.ref}`,
    { purpose: 'Answers questions' },
    { 'if-match': '"1"' },
  );
  expect([edited.status, edited.body.version]).toEqual([200, 2]);
  expect((await t.app.sequencer.settle(t.organisation.id)).size).toBe(before + 1);
  const stale = await manager.ask(
    'PATCH',
    `aiSystem/${made.body.ref}`,
    { purpose: 'Other' },
    { 'if-match': '"1"' },
  );
  expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_MISMATCH']);
  const same = await manager.ask('PATCH', `aiSystem/${made.body.ref}`, { purpose: 'Answers questions' });
  expect([same.status, same.body.version, same.body.unchanged]).toEqual([200, 2, true]);
  expect(edited.body).not.toHaveProperty('unchanged');
  const versions = await manager.ask('GET', `aiSystem/${made.body.ref}/versions`);
  expect(versions.body.items.map((v: { changed: string[] }) => v.changed)).toEqual([
    ['purpose'],
    expect.arrayContaining(['name', 'purpose', 'owner']),
  ]);
});

test('five at once without If-Match all succeed, each with a version of its own', async () => {
  const made = await manager.ask('POST', 'aiSystem', { name: 'Busy', purpose: 'x', owner: manager.ref });
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => manager.ask('PATCH', `aiSystem/${made.body.ref}`, { purpose: `text ${n}` })),
  );
  expect(answers.map((a) => a.status)).toEqual([200, 200, 200, 200, 200]);
  expect(new Set(answers.map((a) => a.body.version)).size).toBe(5);
});

test('of what is stored together every version gets its own place in the log', async () => {
  const before = (await t.app.sequencer.settle(t.organisation.id)).size;
  const rows = Array.from({ length: 300 }, (_, i) => ({ code: `M-${i}`, title: `x ${i}`, severity: 'low' }));
  const made = await manager.ask('POST', 'hazard/import?format=json', JSON.stringify(rows));
  expect([made.status, made.body.created], made.text).toEqual([200, 300]);
  expect((await t.app.sequencer.settle(t.organisation.id)).size).toBe(before + 300);
  await expectWholeLog(t);
});

test('the same idempotency key and request create once; with another request it is refused', async () => {
  const body = { name: 'Once', purpose: 'x', owner: manager.ref };
  const key = { 'idempotency-key': 'k-1' };
  const a = await manager.ask('POST', 'aiSystem', body, key);
  const b = await manager.ask('POST', 'aiSystem', body, key);
  expect(b.body.ref).toBe(a.body.ref);
  expect(b.headers['idempotent-replay']).toBe('true');
  const c = await manager.ask('POST', 'aiSystem', { ...body, name: 'Other' }, key);
  expect([c.status, c.body.code]).toEqual([409, 'IDEMPOTENCY_MISMATCH']);
});

test('what changed nothing was carried out, too, and is not carried out later under its key', async () => {
  const made = await manager.ask('POST', 'aiSystem', { name: 'Still', purpose: 'x', owner: manager.ref });
  const key = { 'idempotency-key': 'nothing to do' };
  const path = `aiSystem/${made.body.ref}`;
  const first = await manager.ask('PATCH', path, { purpose: 'x' }, key);
  expect([first.status, first.body.unchanged]).toEqual([200, true]);
  await manager.ask('PATCH', path, { purpose: 'y' });
  const again = await manager.ask('PATCH', path, { purpose: 'x' }, key);
  expect([again.status, again.body.unchanged, again.body.values.purpose]).toEqual([200, true, 'y']);
});

test('a refused request is tried again under its key', async () => {
  const key = { 'idempotency-key': 'refused at first' };
  const body = { name: 'm', kind: 'model', systems: ['SYS-0777'] };
  expect((await manager.ask('POST', 'component', body, key)).status).toBe(422);
  const whole = { ...body, systems: [] };
  expect((await manager.ask('POST', 'component', whole, key)).status).toBe(201);
});

test('a fault leaves nothing: no record, no entry', async () => {
  const before = (await t.app.sequencer.settle(t.organisation.id)).size;
  const bad = await manager.ask('POST', 'component', { name: 'm', kind: 'model', systems: ['SYS-9999'] });
  expect([bad.status, bad.body.problems[0].path]).toEqual([422, '/systems']);
  expect((await t.app.sequencer.settle(t.organisation.id)).size).toBe(before);
});
