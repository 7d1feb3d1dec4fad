import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { easedMonitor } from '../../src/app/govern/easing-rules.ts';
import { dayFrom } from '../support/arrange.ts';
import { type Crew, crewOf, criteriaInForce, gated, inState, ok } from '../support/gated.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What is refused in one step is not had in several: taken back, eased and begun again by whoever it stops. */

let t: TestInstance;
let crew: Crew;
let system: string;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  await criteriaInForce(t, crew);
  system = (await gated(t, crew)).system;
});
afterAll(() => t.close());

const refused = async (who: Visitor, method: 'POST' | 'PATCH', path: string, body: unknown, code: string) => {
  const a = await who.ask(method, path, body);
  expect([path, a.body.code], a.text).toEqual([path, code]);
  return a.body.detail as string;
};

/** The same edit by its page, in bulk and by a file. */
const refusedByEveryDoor = async (
  who: Visitor,
  register: string,
  ref: string,
  values: Record<string, unknown>,
) => {
  await refused(who, 'PATCH', `${register}/${ref}`, values, 'NOT_ALLOWED');
  await refused(who, 'POST', `${register}/bulk`, { refs: [ref], values }, 'NOT_ALLOWED');
  const file = await who.ask('POST', `${register}/import?format=json`, JSON.stringify([{ ref, ...values }]));
  expect(file.status, file.text).toBe(422);
};

test('who answers for a system that was in scope is not named by its owner while it is reconsidered', async () => {
  await ok(crew.owner, 'POST', `aiSystem/${system}/reconsider`);
  for (const field of ['approver', 'oversight', 'owner'])
    await refusedByEveryDoor(crew.owner, 'aiSystem', system, { [field]: crew.maker.ref });
  await refused(crew.boss, 'PATCH', `aiSystem/${system}`, { approver: crew.boss.ref }, 'OWN_WORK');
  await ok(crew.owner, 'PATCH', `aiSystem/${system}`, { purpose: 'answers questions' });
  await ok(crew.boss, 'PATCH', `aiSystem/${system}`, { oversight: crew.maker.ref });
  await ok(crew.boss, 'POST', `aiSystem/${system}/include`);
  // One that never was is named as its owner proposes.
  const fresh = (
    await ok(crew.owner, 'POST', 'aiSystem', { name: 'New', purpose: 'p', owner: crew.owner.ref })
  ).ref as string;
  await ok(crew.owner, 'PATCH', `aiSystem/${fresh}`, { approver: crew.maker.ref });
  await ok(crew.owner, 'PATCH', `aiSystem/${fresh}`, { approver: crew.approver.ref });
});

test('by what tests a confirmed hazard is found is not changed by whoever wants to release', async () => {
  const hazard = (
    await ok(crew.owner, 'POST', 'hazard', {
      code: 'HZ-T',
      title: 'h',
      severity: 'high',
      systems: [system],
      testIds: 'hijacking',
    })
  ).ref as string;
  await ok(crew.owner, 'PATCH', `hazard/${hazard}`, { testIds: 'hijacking, injection' });
  await ok(crew.approver, 'POST', `hazard/${hazard}/confirm`);
  for (const change of [{ testIds: 'spelling' }, { testIds: null }, { code: 'HZ-U' }])
    await refusedByEveryDoor(crew.owner, 'hazard', hazard, change);
  await ok(crew.owner, 'PATCH', `hazard/${hazard}`, { title: 'It is hijacked' });
  await ok(crew.boss, 'PATCH', `hazard/${hazard}`, { testIds: 'hijacking' });
});

test('a risk is not taken off systems and hazards by whoever owns it', async () => {
  const { system: other, hazard } = await gated(t, crew);
  const input = { title: 'r', owner: crew.owner.ref, systems: [system, other], hazards: [hazard] };
  const gone: Record<string, unknown>[] = [{ systems: [other] }, { hazards: [] }];
  const raised = (await ok(crew.maker, 'POST', 'risk', input)).ref as string;
  const own = (await ok(crew.owner, 'POST', 'risk', input)).ref as string;
  for (const change of gone) {
    await refusedByEveryDoor(crew.owner, 'risk', raised, change);
    // What somebody wrote themselves and nobody assessed yet may have named the wrong one.
    await ok(crew.owner, 'PATCH', `risk/${own}`, change);
  }
  for (const state of ['assessed', 'treated', 'accepted']) {
    const ref = await inState(t, 'risk', state, input);
    for (const change of gone) await refusedByEveryDoor(crew.owner, 'risk', ref, change);
    await ok(crew.boss, 'PATCH', `risk/${ref}`, { hazards: [] });
    await ok(crew.owner, 'PATCH', `risk/${ref}`, { hazards: [hazard] });
  }
});

test('a bad verdict is not taken back by whoever it stops', async () => {
  const { system: of, release, rollbackPlan } = await gated(t, crew);
  const verdict = async (who: Visitor, id: string) => {
    const a = await who.ask('GET', `release/${release}/gate`);
    return a.body.checks.find((x: { id: string }) => x.id === id).status as string;
  };
  expect(await verdict(crew.owner, 'impact')).toBe('passed');
  for (const state of ['concluded', 'approved']) {
    const ref = await inState(t, 'impactAssessment', state, {
      title: 'against',
      owner: crew.owner.ref,
      heldOn: dayFrom(t, 0),
      affected: 'users',
      conclusion: 'notAcceptable',
      systems: [of],
    });
    expect(await verdict(crew.owner, 'impact')).toBe('failed');
    const path = `impactAssessment/${ref}`;
    expect(await refused(crew.owner, 'POST', `${path}/reopen`, { reason: 'no' }, 'NOT_ALLOWED')).toMatch(
      /take back that the impact is not acceptable/,
    );
    for (const [who, allowed] of [
      [crew.owner, false],
      [crew.boss, true],
    ] as const) {
      const page = await who.ask('GET', path);
      const may = page.body.may.transitions.find((x: { name: string }) => x.name === 'reopen');
      expect(may.allowed).toBe(allowed);
    }
    expect(await verdict(crew.owner, 'impact')).toBe('failed');
    await ok(crew.boss, 'POST', `${path}/reopen`, { reason: 'of another system' });
    await ok(crew.boss, 'PATCH', path, { conclusion: 'acceptable' });
    await ok(crew.owner, 'POST', 'impactAssessment', { title: 'o', owner: crew.owner.ref, systems: [of] });
  }
  const drill = await inState(t, 'drill', 'held', {
    title: 'failed',
    kind: 'rollback',
    owner: crew.maker.ref,
    heldOn: dayFrom(t, -1),
    duration: 'PT1H',
    outcome: 'failed',
    rollbackPlan: [rollbackPlan],
  });
  await refused(crew.maker, 'POST', `drill/${drill}/reopen`, {}, 'NOT_ALLOWED');
  await ok(crew.boss, 'POST', `drill/${drill}/reopen`);
});

test('an action that was agreed on stays with the nonconformity that waits for it', async () => {
  const problem = await inState(t, 'nonconformity', 'acting', {
    title: 'n',
    kind: 'actual',
    owner: crew.owner.ref,
  });
  const action = async () =>
    (
      await ok(crew.owner, 'POST', 'action', {
        title: 'a',
        kind: 'corrective',
        owner: crew.owner.ref,
        verifier: crew.approver.ref,
        plan: 'p',
        dueOn: dayFrom(t, 30),
        criterion: 'c',
        exposureDays: 1,
        nonconformities: [problem],
      })
    ).ref as string;
  const never = await action();
  await ok(crew.owner, 'PATCH', `action/${never}`, { nonconformities: [] });
  const ref = await action();
  await ok(crew.owner, 'POST', `action/${ref}/agree`);
  await ok(crew.owner, 'POST', `action/${ref}/replan`);
  for (const who of [crew.owner, crew.boss])
    expect(await refused(who, 'PATCH', `action/${ref}`, { nonconformities: [] }, 'WRONG_STATE')).toMatch(
      /drop it with the reason/,
    );
  await ok(crew.boss, 'POST', `action/${ref}/drop`, { reason: 'another one does it' });
});

describe('a monitor that is started again', () => {
  const says = {
    kind: 'metric',
    threshold: 5,
    direction: 'atMost',
    unit: '%',
    interval: 'P7D',
    keptFor: 'P180D',
  } as const;

  test('shows no less than before, but by the word of management', async () => {
    const ref = (
      await ok(crew.maker, 'POST', 'monitor', {
        title: 'm',
        owner: crew.owner.ref,
        what: 'w',
        reviewBy: dayFrom(t, 30),
        systems: [system],
        ...says,
      })
    ).ref as string;
    await ok(crew.owner, 'POST', `monitor/${ref}/start`);
    const path = `monitor/${ref}`;
    for (const [change, back] of [
      [{ threshold: 50 }, { threshold: 5 }],
      [{ systems: [] }, { systems: [system] }],
    ]) {
      await ok(crew.owner, 'POST', `${path}/pause`, { reason: 'r' });
      await ok(crew.owner, 'PATCH', path, change);
      expect(await refused(crew.owner, 'POST', `${path}/start`, {}, 'NOT_ALLOWED')).toMatch(
        /start it again with/,
      );
      await ok(crew.owner, 'PATCH', path, back);
      await ok(crew.owner, 'POST', `${path}/start`);
    }
    await ok(crew.owner, 'POST', `${path}/pause`, { reason: 'r' });
    await ok(crew.owner, 'PATCH', path, { threshold: 50 });
    await ok(crew.boss, 'POST', `${path}/start`);
  });

  test('is compared in all that it is judged by', () => {
    expect(easedMonitor(says, says)).toEqual([]);
    expect(easedMonitor(says, { ...says, threshold: 1, interval: 'P1D', keptFor: 'P1Y' })).toEqual([]);
    const eased: [keyof typeof says, unknown][] = [
      ['kind', 'usage'],
      ['unit', 'cases'],
      ['direction', 'atLeast'],
      ['threshold', 6],
      ['threshold', undefined],
      ['interval', 'P8D'],
      ['keptFor', 'P90D'],
      ['keptFor', undefined],
    ];
    for (const [field, value] of eased)
      expect(easedMonitor(says, { ...says, [field]: value }).map((e) => e.field)).toContain(field);
    expect(
      easedMonitor({ ...says, direction: 'atLeast' }, { ...says, direction: 'atLeast', threshold: 4 }),
    ).toHaveLength(1);
  });
});
