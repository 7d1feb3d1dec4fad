import { afterAll, beforeAll, expect, test } from 'vitest';
import { takenOver } from '../../src/app/people/hand-over.ts';
import { standing } from '../support/arrange.ts';
import { ok } from '../support/gated.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Whoever is audited, or answers, does not become the one who says how it went; nor are words of others said anew. */

let t: TestInstance;
let lead: Visitor;
let manager: Visitor;
let auditee: Visitor;
beforeAll(async () => {
  t = await testInstance();
  lead = await t.person('Lead', ['auditor']);
  manager = await t.person('Manager', ['aimsManager']);
  auditee = await t.person('Auditee', ['contributor']);
});
afterAll(() => t.close());

test('a running audit is led by those who declared their independence: others begin it anew', async () => {
  const audit = t.app.registry.get('audit');
  const system = (await given(t, 'aiSystem', { name: 'S', purpose: 'x', owner: auditee.ref })).ref;
  const ref = await standing(t, audit, 'running', 1, {
    more: { kind: 'audit', owner: lead.ref, auditors: [], programme: [], systems: [system] },
  });
  for (const values of [{ owner: auditee.ref }, { auditors: [auditee.ref] }]) {
    const a = await manager.ask('PATCH', `audit/${ref}`, values);
    expect([a.status, a.body.code], a.text).toEqual([409, 'WRONG_STATE']);
    expect(a.body.detail ?? a.text).toContain('revise');
  }
  const stored = (await manager.ask('GET', `audit/${ref}`)).body;
  const taken = takenOver(audit, stored, lead.ref, auditee.ref);
  expect([taken.state, taken.transition, taken.contents.values.owner]).toEqual([
    'planned',
    'revise',
    auditee.ref,
  ]);
  expect(takenOver(audit, stored, manager.ref, auditee.ref).state).toBe('running');
});

test('a nonconformity keeps what it came from once it is analysed, and takes more', async () => {
  const nonconformity = t.app.registry.get('nonconformity');
  const make = async (register: string) => {
    const r = t.app.registry.get(register);
    return standing(t, r, r.states[0]!, ++seed, {});
  };
  let seed = 10;
  for (const [name, register] of [
    ['findings', 'auditFinding'],
    ['incidents', 'incident'],
    ['concerns', 'concern'],
  ] as const)
    for (const state of ['analysed', 'acting']) {
      const [first, second] = [await make(register), await make(register)];
      const ref = await standing(t, nonconformity, state, ++seed, {
        more: { owner: manager.ref, [name]: [first] },
      });
      const path = `nonconformity/${ref}`;
      for (const links of [[], [second]]) {
        const a = await manager.ask('PATCH', path, { [name]: links });
        expect([name, state, a.status, a.body.code], a.text).toEqual([name, state, 409, 'WRONG_STATE']);
      }
      await ok(manager, 'PATCH', path, { [name]: [first, second] });
      await ok(manager, 'POST', `${path}/reopen`, { reason: 'another one' });
      await ok(manager, 'PATCH', path, { [name]: [second] });
    }
});

test('a comment is worded by who made it alone', async () => {
  const system = (await given(t, 'aiSystem', { name: 'C', purpose: 'x', owner: auditee.ref })).ref;
  const { ref } = await ok(auditee, 'POST', 'comment', { subject: system, content: 'I doubt it' });
  expect((await manager.ask('PATCH', `comment/${ref}`, { content: 'I agree' })).status).toBe(403);
  await ok(auditee, 'PATCH', `comment/${ref}`, { content: 'I doubt it a lot' });
});
