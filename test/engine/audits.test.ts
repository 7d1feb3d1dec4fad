import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import { standing, stored } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

const clock = fixedClock('2027-06-01T08:00:00.000Z');
let t: TestInstance;
let top: Visitor;
let manager: Visitor;
let auditor: Visitor;
let worker: Visitor;
let boss: Visitor;
let system = '';
let other = '';
beforeAll(async () => {
  t = await testInstance({ clock });
  top = await t.person('Top', ['topManagement']);
  manager = await t.person('Manager', ['aimsManager', 'auditor']);
  auditor = await t.person('Auditor', ['auditor']);
  worker = await t.person('Worker', ['contributor']);
  boss = await t.person('Boss', ['contributor', 'auditor']);
  await top.ask('PATCH', `person/${worker.ref}`, { manager: boss.ref });
  system = (
    await given(t, 'aiSystem', { name: 'Audited', purpose: 'x', owner: worker.ref, approver: manager.ref })
  ).ref;
  other = (await given(t, 'aiSystem', { name: 'Other', purpose: 'x', owner: auditor.ref })).ref;
});
afterAll(() => t.close());

const BASE = {
  title: 'x',
  kind: 'audit',
  from: '2027-06-01',
  to: '2027-06-10',
  objectives: 'x',
  criteria: 'x',
  scope: 'x',
  declaration: 'x',
};
let seed = 0;
const approved = (more: Record<string, unknown>) =>
  standing(t, t.app.registry.get('audit'), 'approved', ++seed, {
    more: {
      ...BASE,
      owner: auditor.ref,
      auditors: [],
      systems: [system],
      processes: [],
      programme: [],
      coversFrom: '2027-01-01',
      coversTo: '2027-12-31',
      ...more,
    },
  });
const independence = async (ref: string) => {
  const a = await auditor.ask('GET', `audit/${ref}/independence`);
  expect(a.status, a.text).toBe(200);
  return a.body;
};
const found = (
  body: { auditors: { ref: string; conflicts: { why: string; ref: string; detail: string }[] }[] },
  who: Visitor,
) => body.auditors.find((a) => a.ref === who.ref)!.conflicts.map((c) => `${c.why} ${c.ref} ${c.detail}`);
const begin = (by: Visitor, ref: string) => by.ask('POST', `audit/${ref}/begin`, {});

describe('independence', () => {
  test('whoever has nothing to do with it: no conflict found, and no more than that is said', async () => {
    const ref = await approved({});
    const body = await independence(ref);
    expect(body).toMatchObject({ audit: ref, from: '2027-01-01', to: '2027-12-31', waiver: null });
    expect(body.auditors).toEqual([
      { ref: auditor.ref, name: 'Auditor', result: 'no conflict found', conflicts: [], totals: {} },
    ]);
    expect((await begin(auditor, ref)).body.state).toBe('running');
  });

  test('owner, approver and their line managers, at any remove', async () => {
    const chief = await t.person('Chief', ['auditor']);
    await top.ask('PATCH', `person/${boss.ref}`, { manager: chief.ref });
    // Even a chain that goes in a circle comes to an end.
    await top.ask('PATCH', `person/${chief.ref}`, { manager: boss.ref });
    const body = await independence(
      await approved({ owner: worker.ref, auditors: [boss.ref, chief.ref, manager.ref] }),
    );
    expect(found(body, worker)).toEqual([`owner ${system} owner`]);
    expect(found(body, boss)).toEqual([`lineManager ${system} owner ${worker.ref}`]);
    expect(found(body, chief)).toEqual([`lineManager ${system} owner ${worker.ref}`]);
    expect(found(body, manager)).toEqual([`owner ${system} approver`]);
  });

  test('made, changed or decided on anything linked to it, within the period', async () => {
    const maker = await t.person('Maker', ['contributor', 'auditor']);
    const decider = await t.person('Decider', ['designatedManagement', 'auditor']);
    const made = await maker.ask('POST', 'risk', { title: 'x', owner: worker.ref, systems: [system] });
    const objective = await standing(t, t.app.registry.get('objective'), 'proposed', 77, {
      more: { owner: worker.ref, systems: [system] },
    });
    expect((await decider.ask('POST', `objective/${objective}/agree`, {})).status).toBe(200);
    await maker.ask('POST', 'risk', { title: 'elsewhere', owner: worker.ref, systems: [other] });
    const in_ = await independence(await approved({ owner: maker.ref, auditors: [decider.ref] }));
    expect(found(in_, maker)).toEqual([`author ${made.body.ref} create`]);
    expect(found(in_, decider)).toEqual([`decider ${objective} approve`]);
    const before = { coversFrom: '2026-01-01', coversTo: '2027-05-31' };
    const out = await independence(await approved({ owner: maker.ref, auditors: [decider.ref], ...before }));
    expect([found(out, maker), found(out, decider)]).toEqual([[], []]);
  });

  test('an ownership that was given up counts for as long as it lasted', async () => {
    const former = await t.person('Former', ['contributor', 'auditor']);
    const process = (await given(t, 'process', { title: 'x', owner: former.ref })).ref;
    clock.advance(40 * 86_400_000);
    const { editRecord } = await import('../../src/app/write/commit.ts');
    const { engineActor } = await import('../../src/app/people/people.ts');
    await editRecord(t.app, { actor: engineActor(t.organisation) }, t.app.registry.get('process'), process, {
      owner: worker.ref,
    });
    manager = await again('Manager', manager);
    auditor = await again('Auditor', auditor);
    const audit = { owner: former.ref, systems: [], processes: [process] };
    expect(found(await independence(await approved(audit)), former)).toEqual([`owner ${process} owner`]);
    const later = await approved({ ...audit, coversFrom: '2027-07-20' });
    expect(found(await independence(later), former)).toEqual([]);
  });

  test('responsible or accountable by the RACI matrix, for it or for everything; consulted is not', async () => {
    const register = t.app.registry.get('responsibility');
    const duty = async (part: string, more: Record<string, unknown>) => {
      const { ref } = await given(t, 'person', { name: `Duty ${seed}` });
      await standing(t, register, 'accepted', ++seed, {
        more: {
          owner: ref,
          kind: 'raci',
          part,
          systems: [],
          startsOn: '2027-01-01',
          endsOn: '2028-01-01',
          ...more,
        },
      });
      return ref;
    };
    const people = [
      await duty('accountable', {}),
      await duty('responsible', { systems: [system] }),
      await duty('consulted', {}),
      await duty('responsible', { systems: [other] }),
      await duty('responsible', { endsOn: '2026-12-31', startsOn: '2026-01-01' }),
    ];
    const body = await independence(await approved({ auditors: people }));
    expect(people.map((p) => body.auditors.find((a: { ref: string }) => a.ref === p).result)).toEqual([
      'conflicts found',
      'conflicts found',
      'no conflict found',
      'no conflict found',
      'no conflict found',
    ]);
  });

  test('an audit that names nothing is one of everything', async () => {
    const body = await independence(await approved({ systems: [], processes: [] }));
    expect(found(body, auditor)).toContain(`owner ${other} owner`);
  });

  test('a conflicted auditor does not begin, unless top management waives it with a reason, until its end', async () => {
    const ref = await approved({ owner: worker.ref });
    worker = await again('Worker', worker);
    top = await again('Top', top);
    const before = await stored(t);
    const refused = await begin(worker, ref);
    expect([refused.status, refused.body.code, refused.body.problems[0].path], refused.text).toEqual([
      403,
      'OWN_WORK',
      '/owner',
    ]);
    expect(refused.body.detail).toMatch(
      new RegExp(`${worker.ref} is named in [A-Z]{3}-\\d+ \\(owner\\) and \\d+ more`),
    );
    expect(await stored(t)).toEqual(before);
    const until = '2027-08-01';
    expect((await manager.ask('POST', `audit/${ref}/waive`, { reason: 'x', until })).status).toBe(403);
    expect((await top.ask('POST', `audit/${ref}/waive`, { until })).status).toBe(409);
    const waived = await top.ask('POST', `audit/${ref}/waive`, { reason: 'nobody else', until });
    expect([waived.status, waived.body.state], waived.text).toEqual([200, 'approved']);
    expect((await independence(ref)).waiver).toEqual({
      ref: waived.body.decision,
      by: top.ref,
      reason: 'nobody else',
      until,
    });
    expect((await begin(worker, ref)).body.state).toBe('running');
    const late = await approved({ owner: worker.ref });
    await top.ask('POST', `audit/${late}/waive`, { reason: 'nobody else', until: '2027-07-20' });
    clock.set('2027-07-21T08:00:00.000Z');
    worker = await again('Worker', worker);
    expect((await begin(worker, late)).status).toBe(403);
  });
});

/** The same person with a new session: the clock has moved by weeks. */
async function again(name: string, who: Visitor): Promise<Visitor> {
  const { staying } = await import('../support/stay.ts');
  return staying(t, { ...who, name });
}

describe('a finding', () => {
  const finding = async (grade: string, state = 'answered') =>
    standing(t, t.app.registry.get('auditFinding'), state, ++seed, {
      more: { grade, owner: worker.ref, systems: [system], audit: [await approved({ owner: auditor.ref })] },
    });
  const open = (by: Visitor, ref: string, body: unknown = {}) =>
    by.ask('POST', `auditFinding/${ref}/nonconformity`, body);

  test('opens a nonconformity that is filled in and linked; who may, is said', async () => {
    auditor = await again('Auditor', auditor);
    worker = await again('Worker', worker);
    const ref = await finding('minor', 'raised');
    const made = await open(auditor, ref);
    expect(made.status, made.text).toBe(201);
    const page = (await auditor.ask('GET', `auditFinding/${ref}`)).body;
    expect(made.body).toMatchObject({
      register: 'nonconformity',
      state: 'open',
      values: {
        title: page.title,
        kind: 'actual',
        owner: worker.ref,
        criterion: page.values.criterion,
        what: page.values.fact,
      },
      links: { findings: [ref], systems: [system] },
    });
    expect((await open(worker, ref, { title: 'Another', owner: worker.ref })).body.title).toBe('Another');
    const strange = await t.person('Strange', ['auditor']);
    const refused = await open(strange, ref);
    expect([refused.status, refused.body.code]).toEqual([403, 'NOT_ALLOWED']);
    expect(refused.body.detail).toContain('the lead auditor');
    expect((await open(worker, await finding('conforms'))).status).toBe(409);
    expect((await open(worker, await finding('minor', 'draft'))).body.code).toBe('WRONG_STATE');
    expect((await open(worker, await finding('opportunity'))).body.values.kind).toBe('potential');
    expect((await open(worker, ref, { owner: 'nobody' })).status).toBe(422);
  });

  test('that is grave is not closed before its nonconformity; an opportunity is', async () => {
    const ref = await finding('major');
    const close = (x: string) => auditor.ask('POST', `auditFinding/${x}/close`, {});
    expect((await close(ref)).body.detail).toContain('open one from it');
    const made = await open(worker, ref);
    const before = await stored(t);
    const still = await close(ref);
    expect([still.status, still.body.detail.includes(`${made.body.ref} is open`)]).toEqual([409, true]);
    expect(await stored(t)).toEqual(before);
    const other_ = await finding('minor');
    await standing(t, t.app.registry.get('nonconformity'), 'closed', ++seed, {
      more: { findings: [other_] },
    });
    expect((await close(other_)).body.state).toBe('closed');
    expect((await close(await finding('opportunity'))).body.state).toBe('closed');
  });
});

test('a programme is part of none', async () => {
  const programme = await standing(t, t.app.registry.get('audit'), 'planned', ++seed, {
    more: { ...BASE, kind: 'programme', programme: [] },
  });
  const part = await standing(t, t.app.registry.get('audit'), 'planned', ++seed, {
    more: { ...BASE, kind: 'programme', programme: [programme] },
  });
  const a = await manager.ask('POST', `audit/${part}/approve`, {});
  expect([a.status, a.body.problems[0].path], a.text).toEqual([422, '/programme']);
});
