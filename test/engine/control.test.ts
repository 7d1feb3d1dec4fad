import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { forgetTime, standing } from '../support/arrange.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** The Control step on a real instance, with a clock that the tests move. */

const START = '2027-03-15T09:00:00.000Z'; // a Monday
let now = START;
const clock: Clock = { now: () => new Date(now) };
/** Moves the clock; sessions do not last that long, so everybody signs in again. */
async function at(moment: string): Promise<void> {
  if (moment < now) await forgetTime(t);
  now = moment;
  let ip = 1;
  for (const who of Object.values(people)) {
    const email = `${who.name.toLowerCase()}@acme.example`;
    ip += 1;
    const { setCookie } = await t.app.identity.signIn({ email, password: PASSWORD, ip: `127.0.2.${ip}` });
    who.headers.cookie = setCookie.map((c) => c.split(';')[0]).join('; ');
  }
}
const hours = (n: number) => at(new Date(Date.parse(now) + n * 3_600_000).toISOString());

const people: Record<string, Visitor> = {};
let t: TestInstance;
let boss: Visitor;
let maker: Visitor;
let owner: Visitor;
let approver: Visitor;
let oversight: Visitor;
let outsider: Visitor;
beforeAll(async () => {
  t = await testInstance({ clock });
  boss = await t.person('Boss', ['topManagement', 'aimsManager']);
  maker = await t.person('Maker', ['contributor']);
  owner = await t.person('Owner', ['contributor']);
  approver = await t.person('Approver', ['contributor']);
  oversight = await t.person('Oversight', ['contributor']);
  outsider = await t.person('Outsider', ['contributor']);
  Object.assign(people, { boss, maker, owner, approver, oversight, outsider });
});
afterAll(() => t.close());

let n = 0;
const ok = async (who: Visitor, method: 'POST' | 'PATCH', path: string, body: unknown = {}) => {
  const a = await who.ask(method, path, body);
  expect([200, 201], `${path}: ${a.text}`).toContain(a.status);
  return a.body;
};
const refused = async (
  who: Visitor,
  path: string,
  body: unknown,
  code: string,
  says: RegExp,
  method: 'POST' | 'PATCH' = 'POST',
) => {
  const a = await who.ask(method, path, body);
  expect([a.body.code, a.status < 500], `${path}: ${a.text}`).toEqual([code, true]);
  expect(a.body.detail).toMatch(says);
};

/** A system in scope, confirmed, with a model and a prompt. */
async function system(riskClass = 'minimal') {
  const made = await ok(owner, 'POST', 'aiSystem', {
    name: `System ${++n}`,
    purpose: 'answers',
    owner: owner.ref,
    approver: approver.ref,
    oversight: oversight.ref,
    riskClass,
    isoRoles: ['provider'],
    inScope: 'in',
  });
  await ok(boss, 'POST', `aiSystem/${made.ref}/include`);
  return made.ref as string;
}
const component = async (kind: string, systems: string[], more = {}) =>
  (
    await ok(maker, 'POST', 'component', {
      name: `${kind} ${++n}`,
      kind,
      digest: `sha256:${String(n).padStart(64, '0')}`,
      systems,
      ...more,
    })
  ).ref as string;

const preview = async (ref: string) => (await maker.ask('GET', `release/${ref}/gate`)).body;
const why = (result: { checks: { id: string; status: string; reasons: { text: string }[] }[] }) =>
  result.checks
    .filter((c) => c.status !== 'passed')
    .map((c) => `${c.id}: ${c.reasons.map((r) => r.text).join(' ')}`);

describe('an envelope', () => {
  /** A system of class limited would need much; an envelope is judged in the unit tests of the gate. Here: reading it from records. */
  test('lets a release with another prompt through without approvals, and no release with a new tool', async () => {
    await at(START);
    const sys = await system();
    const model = await component('model', [sys]);
    const prompt = await component('prompt', [sys]);
    const in_use = await standing(t, t.app.registry.get('release'), 'allowed', ++n, {
      more: { kind: 'release', system: [sys], components: [model, prompt], previous: [], supplier: [] },
    });
    await ok(maker, 'POST', 'criteria', {}).catch(() => undefined);
    const plan = await standing(t, t.app.registry.get('verificationPlan'), 'fixed', ++n, {
      more: { system: [sys] },
    });
    const envelope = (
      await ok(maker, 'POST', 'change', {
        title: 'Daily prompts',
        owner: maker.ref,
        kind: 'envelope',
        systems: [sys],
        description: 'x',
        impact: 'y',
      })
    ).ref;
    await refused(maker, `change/${envelope}/submit`, {}, 'REQUIREMENTS_MISSING', /Kinds of component/);
    await ok(maker, 'PATCH', `change/${envelope}`, {
      envelopeKinds: ['prompt'],
      endsOn: '2027-06-30',
      plan: [plan],
    });
    await refused(maker, `change/${envelope}/submit`, {}, 'INVALID', /expected a day from .* to 2027-06-13/);
    await ok(maker, 'PATCH', `change/${envelope}`, { endsOn: '2027-06-13' });
    await ok(maker, 'POST', `change/${envelope}/submit`);
    await ok(approver, 'POST', `change/${envelope}/approve`);
    const make = async (components: string[]) => {
      const back = await standing(t, t.app.registry.get('rollbackPlan'), 'approved', ++n, {
        more: { system: [sys] },
      });
      const body = {
        title: `R ${++n}`,
        releaseVersion: String(n),
        system: [sys],
        components,
        change: [envelope],
        plan: [plan],
        rollbackPlan: [back],
        previous: [in_use],
      };
      const { ref } = await ok(maker, 'POST', 'release', body);
      await ok(maker, 'POST', `release/${ref}/submit`);
      return preview(ref);
    };
    const of = (r: { checks: { id: string; status: string }[] }, id: string) =>
      r.checks.find((c) => c.id === id)!.status;
    const inside = await make([model, await component('prompt', [sys])]);
    expect([inside.basis, of(inside, 'change'), of(inside, 'people')], why(inside).join('\n')).toEqual([
      'envelope',
      'passed',
      'passed',
    ]);
    const outside = await make([model, prompt, await component('tool', [sys])]);
    expect([outside.basis, of(outside, 'change'), of(outside, 'people')]).toEqual([
      'approvals',
      'failed',
      'missing',
    ]);
    await hours(1);
    // Another purpose: what was approved beforehand was approved for something else.
    await ok(owner, 'PATCH', `aiSystem/${sys}`, { purpose: 'decides' });
    const other = await make([model, await component('prompt', [sys])]);
    expect(why(other).join('\n')).toMatch(/intended purpose .* is another/);
    // What is in use was edited: nothing can be compared with it.
    await ok(owner, 'PATCH', `aiSystem/${sys}`, { purpose: 'answers' });
    expect(of(await make([model, prompt]), 'change')).toBe('passed');
    await ok(maker, 'PATCH', `component/${model}`, { digest: `sha256:${'e'.repeat(64)}` });
    expect(why(await make([model, prompt])).join('\n')).toMatch(/no longer what the gate let through/);
  });
});

describe('a use clearance', () => {
  test('is submitted by its own step, keeps its kind, and the vendor’s change of model is dated', async () => {
    await at(START);
    const sys = await system('limited');
    const supplier = await standing(t, t.app.registry.get('supplier'), 'proposed', ++n, {
      author: maker.ref,
      more: { owner: owner.ref, assessedOn: '2027-03-01', nextReview: '2027-09-01' },
    });
    await ok(boss, 'POST', `supplier/${supplier}/approve`);
    const { ref } = await ok(maker, 'POST', 'release', {
      title: 'Assist',
      releaseVersion: '4',
      kind: 'useClearance',
      system: [sys],
    });
    await refused(maker, `release/${ref}/submit`, {}, 'CONFLICT', /is a use clearance/);
    await refused(maker, `release/${ref}/submitUse`, {}, 'REQUIREMENTS_MISSING', /Used for/);
    const use = {
      purpose: 'code',
      dataClasses: 'internal',
      overseer: oversight.ref,
      useUntil: '2028-03-01',
      clearedModel: 'acme/4',
      supplier: [supplier],
    };
    await ok(maker, 'PATCH', `release/${ref}`, use);
    await ok(maker, 'POST', `release/${ref}/submitUse`);
    await refused(maker, `release/${ref}`, { kind: 'release' }, 'WRONG_STATE', /"Kind" is settled/, 'PATCH');
    await ok(owner, 'PATCH', `aiSystem/${sys}`, { servedModel: 'acme/4' });
    const of = (r: { checks: { id: string; status: string; reasons: { text: string }[] }[] }, id: string) =>
      r.checks.find((c) => c.id === id)!;
    const asCleared = await preview(ref);
    expect(asCleared.basis).toBe('useClearance');
    for (const id of ['use', 'supplier', 'vendorModel']) expect(of(asCleared, id).status, id).toBe('passed');
    await hours(24);
    await ok(owner, 'PATCH', `aiSystem/${sys}`, { servedModel: 'acme/5' });
    await hours(24);
    await ok(owner, 'PATCH', `aiSystem/${sys}`, { purpose: 'answers, still' });
    const swapped = of(await preview(ref), 'vendorModel');
    expect(swapped.reasons[0]!.text).toMatch(
      /acme\/5 instead of acme\/4, recorded on 2027-03-16.* tested again by 2027-04-15/,
    );
    await at('2027-04-16T09:00:00.000Z');
    expect(of(await preview(ref), 'vendorModel').status).toBe('failed');
  });
});

describe('what else may not be', () => {
  test('an incident that must be reported is closed only after somebody was told', async () => {
    const r = t.app.registry.get('incident');
    const ref = await standing(t, r, 'contained', ++n, {
      author: maker.ref,
      more: { reportable: true, communications: [] },
    });
    await refused(
      boss,
      `incident/${ref}/close`,
      {},
      'REQUIREMENTS_MISSING',
      /"Told in" must be sent: there is none/,
    );
    const told = await standing(t, t.app.registry.get('communication'), 'planned', ++n, {});
    await ok(maker, 'PATCH', `incident/${ref}`, { communications: [told] });
    await refused(boss, `incident/${ref}/close`, {}, 'REQUIREMENTS_MISSING', new RegExp(`${told} is `));
    await ok(boss, 'POST', `communication/${told}/send`);
    expect((await ok(boss, 'POST', `incident/${ref}/close`)).state).toBe('closed');
  });

  test('a release keeps its components while it waits for the gate', async () => {
    const r = t.app.registry.get('release');
    const ref = await standing(t, r, 'submitted', ++n, { author: maker.ref, more: { kind: 'release' } });
    await refused(
      maker,
      `release/${ref}`,
      { components: [] },
      'REQUIREMENTS_MISSING',
      /"Components" cannot be emptied/,
      'PATCH',
    );
  });

  test('tickets of other kinds are neither approved nor reviewed as emergencies', async () => {
    const made = await given(t, 'change', {
      title: 'x',
      owner: maker.ref,
      kind: 'release',
      systems: [await system()],
      rollback: 'r',
      description: 'd',
      impact: 'i',
    });
    await ok(boss, 'POST', `change/${made.ref}/submit`);
    await refused(
      owner,
      `change/${made.ref}/approveEmergency`,
      { reason: 'x' },
      'CONFLICT',
      /is no emergency/,
    );
    await refused(
      owner,
      `change/${made.ref}/review`,
      { reason: 'x' },
      'WRONG_STATE',
      /approved or implemented/,
    );
  });
});
