import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Requirements } from '../../src/gate/requirement.ts';
import { standing as stands } from '../support/arrange.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What the page of an AI system says its class asks, read as the gate reads. What it says is tested beside the gate. */

let t: TestInstance;
let ada: Visitor;
let system: string;
let seed = 1;

const standing = (register: string, state: string, more: Record<string, unknown> = {}): Promise<string> =>
  stands(t, t.app.registry.get(register), state, seed++, { more });
const asked = async (ref: string): Promise<Requirements> => {
  const a = await ada.ask('GET', `aiSystem/${ref}/requirements`);
  expect(a.status, a.text).toBe(200);
  return a.body;
};
const status = async (ref: string, id: string) => (await asked(ref)).items.find((i) => i.id === id)?.status;

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['aimsManager']);
  await t.quiet();
  await standing('criteria', 'approved', { appetite: 9 });
  system = await standing('aiSystem', 'inScope', { riskClass: 'high', inScope: 'in' });
});
afterAll(() => t.close());

test('it costs the same few statements, however much hangs on the system', async () => {
  const more = async () => {
    for (const [register, state] of [
      ['component', 'current'],
      ['hazard', 'confirmed'],
      ['risk', 'assessed'],
      ['riskAssessment', 'approved'],
      ['impactAssessment', 'approved'],
      ['monitor', 'running'],
      ['document', 'published'],
    ] as const)
      await standing(register, state, {
        systems: [system],
        ...(register === 'document' ? { kind: 'userInformation' } : {}),
        ...(/Assessment$/.test(register) ? { heldOn: '2020-02-02' } : {}),
      });
    await standing('verificationPlan', 'fixed', { system: [system] });
    const plan = await standing('rollbackPlan', 'approved', { system: [system] });
    await standing('drill', 'verified', { rollbackPlan: [plan], kind: 'stop', heldOn: '2020-02-02' });
  };
  const cost = async (ref: string) => {
    const seen: string[] = [];
    t.app.db.observe = t.app.identity.observe = (text) => seen.push(text.replace(/\s+/g, ' ').slice(0, 80));
    const { items } = await asked(ref).finally(() => {
      t.app.db.observe = t.app.identity.observe = undefined;
    });
    return { seen, items };
  };
  await more();
  const { seen, items } = await cost(system);
  expect(seen.length, seen.join('\n')).toBeLessThanOrEqual(8);
  expect(seen.length).toBeGreaterThan(4);
  for (let i = 0; i < 3; i++) await more();
  expect((await cost(system)).seen).toEqual(seen);
  // All of it was read: nothing is said not to be there, and drills hang on their plans.
  const there = items.flatMap((i) => i.records).map((ref) => ref.slice(0, 3));
  for (const prefix of ['SYS', 'CMP', 'RSK', 'RAS', 'IMA', 'MON', 'DOC', 'VPL', 'RBP', 'DRL'])
    expect(there).toContain(prefix);
});

test('what is closed, retired or of another system does not count', async () => {
  const own = await standing('aiSystem', 'inScope', { riskClass: 'minimal', inScope: 'in' });
  const none = (await asked(own)).items.find((i) => i.id === 'risks');
  expect(none).toMatchObject({ status: 'missing', next: { create: 'risk' } });
  await standing('risk', 'closed', { systems: [own] });
  await standing('component', 'retired', { systems: [own] });
  await standing('rollbackPlan', 'retired', { system: [own] });
  const { items } = await asked(own);
  for (const id of ['risks', 'components', 'rollback'])
    expect(items.find((i) => i.id === id)).toMatchObject({ status: 'missing', records: [own] });
});

test('of a system of which there are only use clearances nothing is asked that a vendor does', async () => {
  const own = await standing('aiSystem', 'inScope', { riskClass: 'limited', inScope: 'in' });
  expect(await status(own, 'rollbackDrill')).toBe('missing');
  await standing('release', 'submitted', { system: [own], kind: 'useClearance' });
  expect([await status(own, 'rollbackDrill'), await status(own, 'riskAssessment')]).toEqual([
    'notAsked',
    'missing',
  ]);
  expect((await asked(own)).eachRelease.map((e) => e.check)).toContain('vendorModel');
  const release = await standing('release', 'withdrawn', { system: [own], kind: 'release' });
  expect([release, await status(own, 'rollbackDrill')]).toEqual([release, 'notAsked']);
  await standing('release', 'draft', { system: [own], kind: 'release' });
  expect(await status(own, 'rollbackDrill')).toBe('missing');
});

test('who may read no AI systems is told nothing, and of one that is not there that', async () => {
  const a = await ada.ask('GET', 'aiSystem/SYS-9999/requirements');
  expect([a.status, a.body.code]).toEqual([404, 'NOT_FOUND']);
  const stranger = await t.stranger.ask('GET', `aiSystem/${system}/requirements`);
  expect(stranger.status).toBe(401);
});
