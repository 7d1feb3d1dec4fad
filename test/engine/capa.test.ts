import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transitRecord } from '../../src/app/write/commit.ts';
import { dayAfter, firstDayOf } from '../../src/authority/rules.ts';
import { fixedClock } from '../../src/base/clock.ts';
import type { Failure } from '../../src/base/failure.ts';
import { registers } from '../../src/registers/index.ts';
import { stored } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { staying } from '../support/stay.ts';

const START = '2027-03-01T09:00:00.000Z';
const clock = fixedClock(START);
let t: TestInstance;
let manager: Visitor;
let owner: Visitor;
let verifier: Visitor;
let designated: Visitor;
beforeAll(async () => {
  t = await testInstance({ clock });
  manager = staying(t, await t.person('Manager', ['aimsManager']));
  owner = staying(t, await t.person('Owner', ['contributor']));
  verifier = staying(t, await t.person('Verifier', ['contributor']));
  designated = staying(t, await t.person('Designated', ['designatedManagement']));
});
afterAll(() => t.close());

/** The first day on which an action may be confirmed. */
const checkedFrom = (values: { doneOn?: string; exposureDays?: number }) =>
  firstDayOf(registers.action.transitions.confirm, values);

const PLAN = { plan: 'x', dueOn: '2027-04-01', criterion: 'no case', exposureDays: 30 };

async function nonconformity(more: Record<string, unknown> = {}): Promise<string> {
  const made = await given(t, 'nonconformity', {
    title: 'x',
    kind: 'actual',
    owner: owner.ref,
    foundOn: '2027-02-20',
    criterion: '8.2',
    what: 'x',
    correction: 'x',
    cause: 'x',
    elsewhere: 'x',
    ...more,
  });
  for (const step of ['analyse', 'act'])
    expect((await owner.ask('POST', `nonconformity/${made.ref}/${step}`, {})).status, step).toBe(200);
  return made.ref;
}

async function action(more: Record<string, unknown> = {}): Promise<string> {
  const input = {
    title: 'x',
    kind: 'corrective',
    owner: owner.ref,
    verifier: verifier.ref,
    ...PLAN,
    ...more,
  };
  return (await given(t, 'action', input)).ref;
}

const today = () => clock.now().toISOString().slice(0, 10);
const act = (by: Visitor, ref: string, step: string, body: unknown = {}) =>
  by.ask('POST', `action/${ref}/${step}`, body);
const stateOf = async (ref: string) => {
  const register = t.app.registry.ofRef(ref)!.name;
  return (await manager.ask('GET', `${register}/${ref}`)).body.state as string;
};

/** Carries an action to where it was reported as done today. */
async function done(more: Record<string, unknown> = {}): Promise<string> {
  const ref = await action(more);
  const agreed = await act(owner, ref, 'agree');
  expect(agreed.status, agreed.text).toBe(200);
  const finished = await act(owner, ref, 'finish', { values: { doneOn: today(), result: 'x' } });
  expect(finished.status, finished.text).toBe(200);
  return ref;
}

const close = (ref: string) => designated.ask('POST', `nonconformity/${ref}/close`, { reason: 'all worked' });

describe('whoever checks an action', () => {
  test('is not its owner, and nobody who worked on it', async () => {
    const own = await action({ verifier: owner.ref });
    const agreed = await act(manager, own, 'agree');
    expect([agreed.status, agreed.body.code, agreed.body.problems[0].path]).toEqual([
      403,
      'OWN_WORK',
      '/verifier',
    ]);
    const self = await action({ verifier: manager.ref });
    expect((await act(manager, self, 'agree')).body.code).toBe('OWN_WORK');
    const edited = await action({ verifier: manager.ref });
    expect((await manager.ask('PATCH', `action/${edited}`, { costs: 'none' })).status).toBe(200);
    expect((await act(owner, edited, 'agree')).body.detail).toContain(`${manager.ref} worked on it`);
    expect(await stateOf(edited)).toBe('planned');
  });

  test('does not report it as done', async () => {
    const ref = await action({ verifier: manager.ref });
    expect((await act(owner, ref, 'agree')).status).toBe(200);
    const finished = await act(manager, ref, 'finish', { values: { doneOn: today(), result: 'x' } });
    expect([finished.status, finished.body.code]).toEqual([403, 'OWN_WORK']);
    expect(finished.body.detail).toContain('the owner of the record');
    expect(await stateOf(ref)).toBe('agreed');
  });

  test('is not chosen by the owner once it was agreed on, and never is the owner', async () => {
    const ref = await done();
    const third = staying(t, await t.person('Third', ['contributor']));
    const chosen = await owner.ask('PATCH', `action/${ref}`, { verifier: third.ref });
    expect([chosen.status, chosen.body.code]).toEqual([403, 'NOT_ALLOWED']);
    expect((await manager.ask('PATCH', `action/${ref}`, { verifier: owner.ref })).body.code).toBe('OWN_WORK');
    expect((await manager.ask('PATCH', `action/${ref}`, { verifier: manager.ref })).body.code).toBe(
      'OWN_WORK',
    );
    expect((await manager.ask('PATCH', `action/${ref}`, { verifier: third.ref })).status).toBe(200);
    // Whoever becomes the owner afterwards cannot be the one who checks either.
    expect((await manager.ask('PATCH', `action/${ref}`, { owner: third.ref })).status).toBe(200);
    clock.advance(40 * 86_400_000);
    const confirmed = await act(third, ref, 'confirm', { values: { casesSeen: 1 }, reason: 'x' });
    expect([confirmed.status, confirmed.body.code]).toEqual([403, 'OWN_WORK']);
  });
});

describe('by what an action is judged', () => {
  test('stays as it was agreed on, by an edit, a step or a file; planned anew it may change', async () => {
    const ref = await done({ exposureCases: 200 });
    const before = await stored(t);
    for (const change of [{ exposureDays: 1 }, { exposureCases: null }, { criterion: 'anything' }]) {
      const edited = await owner.ask('PATCH', `action/${ref}`, change);
      expect([edited.status, edited.body.code, edited.body.problems[0].path]).toEqual([
        409,
        'WRONG_STATE',
        `/${Object.keys(change)[0]}`,
      ]);
    }
    const file = await manager.ask(
      'POST',
      'action/import?format=json',
      JSON.stringify([{ ref, exposureDays: 1 }]),
    );
    expect(file.status).toBe(422);
    const earlier = await owner.ask('PATCH', `action/${ref}`, { doneOn: '2027-02-01' });
    expect([earlier.status, earlier.body.problems[0].path]).toEqual([409, '/doneOn']);
    expect(await stored(t)).toEqual(before);
    const other = await action();
    expect((await act(owner, other, 'agree')).status).toBe(200);
    const values = { doneOn: today(), result: 'x', exposureDays: 0 };
    expect((await act(owner, other, 'finish', { values })).body.code).toBe('WRONG_STATE');
    expect((await act(owner, other, 'replan', { values: { exposureDays: 5 } })).status).toBe(200);
    // It asks for less now, so somebody else agrees.
    expect((await act(owner, other, 'agree')).body.code).toBe('OWN_WORK');
    expect((await act(manager, other, 'agree')).status).toBe(200);
  });

  test('an action is not done tomorrow', async () => {
    const ref = await action();
    await act(owner, ref, 'agree');
    const values = { doneOn: dayAfter(today(), 1), result: 'x' };
    const finished = await act(owner, ref, 'finish', { values });
    expect([finished.status, finished.body.problems[0].path]).toEqual([422, '/values/doneOn']);
  });

  test('confirmed exactly from the day on that time and cases were agreed for; a failure is told at once', async () => {
    let early = 0;
    let few = 0;
    let right = 0;
    const register = t.app.registry.get('action');
    // Past the sessions, which end while the clock moves on by months.
    const step = (who: Visitor, ref: string, name: string, input = {}) => {
      const { slug, id } = t.organisation;
      const actor = {
        organisation: id,
        organisationSlug: slug,
        kind: 'person' as const,
        ref: who.ref,
        name: who.name,
      };
      return transitRecord(
        t.app,
        { actor: { ...actor, roles: ['contributor'] } },
        register,
        ref,
        name,
        input,
      ).catch((e: Failure) => e);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: -3, max: 3 }),
        fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 86_399 }),
        async (exposureDays, off, exposureCases, casesSeen, second) => {
          const ref = await action({
            exposureDays,
            ...(exposureCases === undefined ? {} : { exposureCases }),
          });
          await step(owner, ref, 'agree');
          await step(owner, ref, 'finish', { values: { doneOn: today(), result: 'x' } });
          const from = dayAfter(today(), exposureDays);
          // Never back in time, and to any second of the day.
          const to = Date.parse(`${dayAfter(from, off)}T00:00:00Z`) + second * 1000;
          if (to > clock.now().getTime()) clock.set(new Date(to).toISOString());
          const before = await stored(t);
          const a = await step(verifier, ref, 'confirm', { values: { casesSeen }, reason: 'looked' });
          if (today() < from) {
            early += 1;
            expect(a).toMatchObject({
              code: 'WRONG_STATE',
              message: expect.stringContaining(`from ${from} on`),
            });
          } else if (casesSeen < (exposureCases ?? 0)) {
            few += 1;
            expect(a).toMatchObject({
              code: 'REQUIREMENTS_MISSING',
              problems: [{ path: '/values/casesSeen' }],
            });
          } else {
            right += 1;
            expect(a).toMatchObject({ record: { state: 'effective', values: { casesSeen } } });
            return;
          }
          expect(await stored(t)).toEqual(before);
          const failed = await step(verifier, ref, 'fail', { values: { casesSeen }, reason: 'it came back' });
          expect(failed).toMatchObject({ record: { state: 'ineffective' } });
        },
      ),
      { numRuns: 60, seed: 9 },
    );
    expect(Math.min(early, few, right)).toBeGreaterThan(3);
  });

  test('the day from which never comes before the day it was done, and moves with it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (n, days) => {
          const doneOn = dayAfter('2000-01-01', n);
          const from = checkedFrom({ doneOn, exposureDays: days })!;
          expect(from >= doneOn).toBe(true);
          expect(checkedFrom({ doneOn: dayAfter(doneOn, 1), exposureDays: days })).toBe(dayAfter(from, 1));
          expect((Date.parse(from) - Date.parse(doneOn)) / 86_400_000).toBeGreaterThanOrEqual(days);
        },
      ),
    );
    expect(checkedFrom({})).toBeUndefined();
  });

  test('the cases looked at are told with each check, not taken from the one before', async () => {
    const ref = await done({ exposureDays: 0, exposureCases: 10 });
    const without = await act(verifier, ref, 'confirm', { reason: 'x' });
    expect([without.status, without.body.problems[0].path]).toEqual([409, '/values/casesSeen']);
    expect((await act(verifier, ref, 'fail', { values: { casesSeen: 50 }, reason: 'x' })).status).toBe(200);
    expect((await act(owner, ref, 'agree')).status).toBe(200);
    expect((await act(owner, ref, 'finish')).status).toBe(200);
    const [shown] = (await verifier.ask('GET', `action/${ref}`)).body.may.transitions.filter(
      (x: { name: string }) => x.name === 'confirm',
    );
    expect(shown.missing).toEqual(['casesSeen']);
    expect((await act(verifier, ref, 'confirm', { reason: 'x' })).status).toBe(409);
    // Found out with the decision, and nothing else changed by it.
    const more = await act(verifier, ref, 'confirm', { values: { casesSeen: 12, costs: 'y' }, reason: 'x' });
    expect([more.status, more.body.problems[0].path]).toEqual([422, '/values/costs']);
    const confirmed = await act(verifier, ref, 'confirm', { values: { casesSeen: 12 }, reason: 'x' });
    expect(confirmed.status, confirmed.text).toBe(200);
    const decision = (await manager.ask('GET', `decision/${confirmed.body.decision}`)).body;
    expect(decision.values).toMatchObject({ kind: 'approve', subject: ref, by: verifier.ref, reason: 'x' });
    const page = (await manager.ask('GET', `action/${ref}`)).body;
    expect(page.decisions[0]).toMatchObject({ kind: 'approve', current: true, version: page.version });
  });
});

describe('a nonconformity', () => {
  test('closes only when there is an action, and every one worked or was dropped with a reason', async () => {
    const ncn = await nonconformity();
    const none = await close(ncn);
    expect([none.status, none.body.code, none.body.problems[0].path]).toEqual([
      409,
      'REQUIREMENTS_MISSING',
      '/actions',
    ]);
    const first = await done({ nonconformities: [ncn], exposureDays: 0 });
    const second = await action({ nonconformities: [ncn] });
    const open = await close(ncn);
    expect(open.body.detail).toContain(`${first} is done, ${second} is planned`);
    expect((await act(verifier, first, 'confirm', { values: { casesSeen: 0 }, reason: 'x' })).status).toBe(
      200,
    );
    expect((await close(ncn)).body.problems.map((p: { message: string }) => p.message)).toEqual([
      `${second} is planned`,
    ]);
    expect((await act(manager, second, 'drop', {})).status).toBe(409);
    expect((await act(manager, second, 'drop', { reason: 'not needed' })).status).toBe(200);
    const closed = await close(ncn);
    expect([closed.status, closed.body.state], closed.text).toEqual([200, 'closed']);
  });

  test('that could become one may close without an action', async () => {
    expect((await close(await nonconformity({ kind: 'potential' }))).status).toBe(200);
  });

  test('goes back to the beginning when an action did not work, with it or not at all', async () => {
    const one = await nonconformity();
    const two = await nonconformity();
    const still = (await given(t, 'nonconformity', { title: 'y', kind: 'actual', owner: owner.ref })).ref;
    const ref = await done({ nonconformities: [one, two, still], exposureDays: 0 });
    const before = await stored(t);
    const failed = await act(verifier, ref, 'fail', { values: { casesSeen: 3 }, reason: 'it came back' });
    expect([failed.status, failed.body.state], failed.text).toEqual([200, 'ineffective']);
    expect(failed.body.decision).toMatch(/^DEC-/);
    const after = await stored(t);
    // The action, its decision, and the two that were past the beginning.
    expect([after.versions! - before.versions!, after.leaves! - before.leaves!]).toEqual([4, 4]);
    for (const ncn of [one, two]) {
      expect(await stateOf(ncn)).toBe('open');
      const [newest] = (await manager.ask('GET', `nonconformity/${ncn}/versions`)).body.items;
      expect(newest).toMatchObject({ transition: 'fallBack', as: 'engine', reason: `${ref} did not work.` });
    }
    expect((await manager.ask('GET', `nonconformity/${still}`)).body.version).toBe(1);
    // What did not work and was dropped is no action that worked.
    expect((await act(manager, ref, 'drop', { reason: 'useless' })).status).toBe(200);
    for (const step of ['analyse', 'act']) await owner.ask('POST', `nonconformity/${one}/${step}`, {});
    expect((await close(one)).body.detail).toContain('nothing that worked took its place');
  });

  test('one that was closed is open again when an action added later fails; whoever checked may still close it', async () => {
    const checker = staying(t, await t.person('Checker', ['designatedManagement']));
    const ncn = await nonconformity({ kind: 'potential' });
    expect((await close(ncn)).status).toBe(200);
    const ref = await done({ nonconformities: [ncn], exposureDays: 0, verifier: checker.ref });
    expect((await act(checker, ref, 'fail', { values: { casesSeen: 1 }, reason: 'x' })).status).toBe(200);
    expect(await stateOf(ncn)).toBe('open');
    expect((await act(manager, ref, 'drop', { reason: 'x' })).status).toBe(200);
    const next = await done({ nonconformities: [ncn], exposureDays: 0 });
    expect((await act(verifier, next, 'confirm', { values: { casesSeen: 1 }, reason: 'x' })).status).toBe(
      200,
    );
    for (const step of ['analyse', 'act']) await owner.ask('POST', `nonconformity/${ncn}/${step}`, {});
    const closed = await checker.ask('POST', `nonconformity/${ncn}/close`, { reason: 'x' });
    expect([closed.status, closed.body.state], closed.text).toEqual([200, 'closed']);
  });

  test('people do not take the step that belongs to the system', async () => {
    const ncn = await nonconformity();
    const a = await manager.ask('POST', `nonconformity/${ncn}/fallBack`, { reason: 'x' });
    expect([400, 403, 404]).toContain(a.status);
    expect(await stateOf(ncn)).toBe('acting');
  });
});
