import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { easedAction } from '../../src/app/assure/capa-rules.ts';
import { fixedIn } from '../../src/register/fixed.ts';
import { asList } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { dayFrom } from '../support/arrange.ts';
import { type Crew, crewOf, inState, ok } from '../support/gated.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Days and grades that somebody is held to are not eased by themselves alone. */

let t: TestInstance;
let crew: Crew;
let lead: Visitor;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  lead = await t.person('Lead', ['auditor']);
});
afterAll(() => t.close());

test('a day of review that others decide with is not moved by whoever owns the record', () => {
  const open: string[] = [];
  let looked = 0;
  for (const r of registry.all)
    for (const [name, f] of Object.entries(r.fields)) {
      if (f.kind !== 'date' || f.material) continue;
      for (const [step, s] of Object.entries(r.transitions)) {
        const byOthers = !asList(s.by).some((w) => w === 'owner' || w === 'author');
        if (!s.requires?.includes(name) || !byOthers) continue;
        looked += 1;
        if (!r.locked.includes(s.to) && !fixedIn(r, s.to).includes(name))
          open.push(`${r.name}.${name} after ${step}`);
      }
    }
  expect(open).toEqual([]);
  expect(looked).toBeGreaterThanOrEqual(6);
});

const refused = async (who: Visitor, method: 'POST' | 'PATCH', path: string, body: unknown, code: string) => {
  const a = await who.ask(method, path, body);
  expect([path, a.body.code], a.text).toEqual([path, code]);
  return a.body.detail as string;
};

describe('an action that was agreed on', () => {
  const plan = () => ({
    plan: 'teach everybody',
    dueOn: dayFrom(t, 30),
    criterion: 'no case',
    exposureDays: 30,
    exposureCases: 200,
  });
  const agreed = async () => {
    const ref = (
      await ok(crew.owner, 'POST', 'action', {
        title: 'a',
        kind: 'corrective',
        owner: crew.owner.ref,
        verifier: crew.approver.ref,
        ...plan(),
      })
    ).ref as string;
    await ok(crew.owner, 'POST', `action/${ref}/agree`);
    return ref;
  };

  test('is not due later, by an edit', async () => {
    const ref = await agreed();
    for (const who of [crew.owner, crew.boss])
      expect(
        await refused(who, 'PATCH', `action/${ref}`, { dueOn: dayFrom(t, 90) }, 'WRONG_STATE'),
      ).toContain('settled');
  });

  test('asks for less only when somebody else agrees who neither does it nor wrote it', async () => {
    const eased: Record<string, unknown>[] = [
      { dueOn: dayFrom(t, 31) },
      { exposureDays: 29 },
      { exposureCases: 199 },
      { exposureCases: null },
      { criterion: 'few cases' },
      { plan: 'send a mail' },
      { kind: 'improvement' },
    ];
    for (const change of eased) {
      const ref = await agreed();
      await ok(crew.owner, 'POST', `action/${ref}/replan`);
      await ok(crew.owner, 'PATCH', `action/${ref}`, change);
      expect(await refused(crew.owner, 'POST', `action/${ref}/agree`, {}, 'OWN_WORK')).toMatch(
        /would now ask for less/,
      );
      // In two rounds neither: what was agreed on last is what counts.
      await ok(crew.boss, 'POST', `action/${ref}/agree`);
    }
    const ref = await agreed();
    await ok(crew.owner, 'POST', `action/${ref}/replan`);
    await ok(crew.boss, 'PATCH', `action/${ref}`, { exposureDays: 1 });
    await refused(crew.boss, 'POST', `action/${ref}/agree`, {}, 'OWN_WORK');
    await ok(crew.boss, 'PATCH', `action/${ref}`, { exposureDays: 31, dueOn: dayFrom(t, 20) });
    await ok(crew.owner, 'POST', `action/${ref}/agree`);
  });

  test('every field that it is judged by is compared', () => {
    const was = plan();
    expect(easedAction(was, was)).toEqual([]);
    expect(easedAction(was, { ...was, dueOn: dayFrom(t, 1), exposureDays: 40, exposureCases: 300 })).toEqual(
      [],
    );
    const register = registry.get('action');
    const settled = Object.keys(register.fixed).filter(
      (n) => register.fields[n] && register.fixed[n]!.includes('agreed'),
    );
    const other: Record<string, unknown> = { dueOn: '2999-01-01', exposureDays: 0, exposureCases: 0 };
    for (const name of settled)
      expect(
        easedAction(was, { ...was, [name]: other[name] ?? 'another' }).map((e) => e.field),
        name,
      ).toEqual([name]);
    expect(settled.length).toBeGreaterThanOrEqual(6);
  });
});

describe('an audit finding', () => {
  const draft = async (author: Visitor, owner: Visitor) => {
    const audit = await inState(t, 'audit', 'running', { title: 'a', kind: 'audit', owner: lead.ref });
    return (
      await ok(author, 'POST', 'auditFinding', {
        title: 'f',
        grade: 'major',
        criterion: '6.1.2',
        fact: 'seen',
        owner: owner.ref,
        audit: [audit],
      })
    ).ref as string;
  };

  test('is not graded by whoever answers it, as a draft neither, whoever wrote it', async () => {
    for (const [author, owner] of [
      [lead, crew.owner],
      [crew.boss, crew.boss],
    ] as const) {
      const ref = await draft(author, owner);
      for (const change of [{ grade: 'minor' }, { fact: 'nothing' }, { owner: crew.maker.ref }])
        await refused(owner, 'PATCH', `auditFinding/${ref}`, change, 'OWN_WORK');
      const raised = await owner.ask('POST', `auditFinding/${ref}/raise`, {});
      expect([raised.status, raised.body.code]).toEqual([403, author === owner ? 'OWN_WORK' : 'NOT_ALLOWED']);
      await ok(lead, 'PATCH', `auditFinding/${ref}`, { grade: 'minor' });
      await ok(lead, 'POST', `auditFinding/${ref}/raise`);
    }
  });
});

test('a hazard that is confirmed is graded less, or taken off a system, by management alone', async () => {
  const system = (
    await ok(crew.owner, 'POST', 'aiSystem', { name: 'S', purpose: 'p', owner: crew.owner.ref })
  ).ref as string;
  const hazard = (
    await ok(crew.maker, 'POST', 'hazard', { code: 'HZ-E', title: 'h', severity: 'high', systems: [system] })
  ).ref as string;
  const path = `hazard/${hazard}`;
  // Until it is confirmed it is a proposal.
  await ok(crew.owner, 'PATCH', path, { severity: 'medium' });
  await ok(crew.owner, 'PATCH', path, { severity: 'high' });
  await ok(crew.approver, 'POST', `${path}/confirm`);
  for (const who of [crew.owner, crew.maker])
    for (const change of [{ severity: 'medium' }, { severity: 'low' }, { systems: [] }]) {
      await refused(who, 'PATCH', path, change, 'NOT_ALLOWED');
      await refused(who, 'POST', 'hazard/bulk', { refs: [hazard], values: change }, 'NOT_ALLOWED');
      const file = await who.ask(
        'POST',
        'hazard/import?format=json',
        JSON.stringify([{ ref: hazard, ...change }]),
      );
      expect(file.status, file.text).toBe(422);
    }
  await ok(crew.owner, 'PATCH', path, { severity: 'critical' });
  await ok(crew.boss, 'PATCH', path, { severity: 'low' });
});

test('until when somebody answers, or somebody is told, is brought forward by whoever does it, and put off by others', async () => {
  const cases: [string, string, string][] = [
    [
      'concern',
      'answerBy',
      await inState(t, 'concern', 'examining', { title: 'c', content: 'x', owner: crew.owner.ref }),
    ],
    [
      'incident',
      'reportBy',
      await inState(t, 'incident', 'handling', {
        title: 'i',
        severity: 'high',
        what: 'w',
        owner: crew.owner.ref,
      }),
    ],
  ];
  for (const [register, field, ref] of cases) {
    const path = `${register}/${ref}`;
    await ok(crew.owner, 'PATCH', path, { [field]: dayFrom(t, 20) });
    await ok(crew.owner, 'PATCH', path, { [field]: dayFrom(t, 10) });
    for (const later of [dayFrom(t, 11), null])
      expect(await refused(crew.owner, 'PATCH', path, { [field]: later }, 'NOT_ALLOWED')).toMatch(/put off/);
    await ok(crew.boss, 'PATCH', path, { [field]: dayFrom(t, 30) });
  }
});
