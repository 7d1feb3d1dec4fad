import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import { criteriaPresets } from '../../src/gate/mode.ts';
import { standing } from '../support/arrange.ts';
import { type Answer, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What an organisation of one, of three and a larger one may decide, and what nobody may loosen without a ticket. */

const HOUR = 3_600_000;
const START = '2027-03-01T08:00:00Z';

async function made(by: Visitor, register: string, body: Record<string, unknown>): Promise<string> {
  const a = await by.ask('POST', register, body);
  expect(a.status, a.text).toBe(201);
  return a.body.ref;
}

const step = (by: Visitor, register: string, ref: string, name: string, body: object = {}): Promise<Answer> =>
  by.ask('POST', `${register}/${ref}/${name}`, body);

const may = async (by: Visitor, register: string, ref: string, name: string) =>
  (await by.ask('GET', `${register}/${ref}`)).body.may.transitions.find(
    (t: { name: string }) => t.name === name,
  );

const presetValues = (name: string) => structuredClone(criteriaPresets.find((p) => p.name === name)!.values);

describe('an organisation of one person', () => {
  const clock = fixedClock(START);
  let t: TestInstance;
  let ada: Visitor;
  let criteria = '';
  beforeAll(async () => {
    t = await testInstance({ clock });
    ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  });
  afterAll(() => t.close());

  test('criteria that say alone are decided alone, a day after the last change, and never as an approval', async () => {
    criteria = await made(ada, 'criteria', { title: 'One', owner: ada.ref, ...presetValues('alone') });
    expect((await step(ada, 'criteria', criteria, 'submit')).status).toBe(200);
    clock.advance(23 * HOUR);
    const early = await step(ada, 'criteria', criteria, 'approve');
    expect([early.status, early.body.code]).toEqual([403, 'OWN_WORK']);
    expect(early.body.detail).toMatch(
      /no one approves their own work.*alone from 2027-03-02 08:00 UTC, 24 hours/,
    );
    expect((await may(ada, 'criteria', criteria, 'approve')).why).toBe(early.body.detail);
    clock.advance(HOUR);
    expect(await may(ada, 'criteria', criteria, 'approve')).toMatchObject({
      allowed: true,
      manner: 'alone',
      label: 'Decide alone',
    });
    const done = await step(ada, 'criteria', criteria, 'approve');
    expect([done.status, done.body.state], done.text).toEqual([200, 'approved']);
    const decision = await ada.ask('GET', `decision/${done.body.decision}`);
    expect(decision.body.values).toMatchObject({ kind: 'approve', manner: 'alone', by: ada.ref });
    expect((await ada.ask('GET', `criteria/${criteria}`)).body.standing).toBe('alone');
    expect((await ada.ask('GET', 'criteria')).body.items[0].standing).toBe('alone');
  });

  test('an edit begins the wait anew', async () => {
    const system = await made(ada, 'aiSystem', { name: 'Bot', purpose: 'x', owner: ada.ref });
    const edit = { approver: ada.ref, isoRoles: ['provider'], riskClass: 'limited', inScope: 'in' };
    expect((await ada.ask('PATCH', `aiSystem/${system}`, edit)).status).toBe(200);
    expect((await step(ada, 'aiSystem', system, 'include')).status).toBe(200);
    clock.advance(25 * HOUR);
    expect((await ada.ask('PATCH', `aiSystem/${system}`, { purpose: 'y' })).status).toBe(200);
    expect((await step(ada, 'aiSystem', system, 'confirm')).body.code).toBe('OWN_WORK');
    clock.advance(25 * HOUR);
    const confirmed = await step(ada, 'aiSystem', system, 'confirm');
    expect(confirmed.status, confirmed.text).toBe(200);
  });

  test('class high, or none, needs a guest, who decides only where they are named', async () => {
    const guest = await t.person('Gus', ['reader']);
    expect((await ada.ask('PATCH', `person/${guest.ref}`, { guest: true })).status).toBe(200);
    const more = await ada.ask('PATCH', `person/${guest.ref}`, { roles: ['contributor'] });
    expect([more.status, more.body.problems[0].path]).toEqual([422, '/roles']);
    const system = (name: string, approver: string) =>
      standing(t, t.app.registry.get('aiSystem'), 'inScope', 1, {
        author: ada.ref,
        more: { name, owner: ada.ref, approver, riskClass: 'high', inScope: 'in' },
      });
    const theirs = await system('Theirs', guest.ref);
    const other = await system('Other', ada.ref);
    const ticket = async (on: string) => {
      const ref = await made(ada, 'change', { title: 'T', owner: ada.ref, systems: [on] });
      await ada.ask('PATCH', `change/${ref}`, { description: 'd', impact: 'i' });
      expect((await step(ada, 'change', ref, 'submit')).status).toBe(200);
      return ref;
    };
    const [one, two] = [await ticket(theirs), await ticket(other)];
    clock.advance(25 * HOUR);
    const denied = await step(ada, 'change', one, 'approve');
    expect([denied.status, denied.body.code]).toEqual([403, 'OWN_WORK']);
    expect(denied.body.detail).toMatch(
      new RegExp(`${theirs} is in another class. Name a guest as its approver`),
    );
    expect((await step(guest, 'change', two, 'approve')).status).toBe(403);
    expect((await step(guest, 'change', one, 'approve')).status).toBe(200);
    // What management does elsewhere, about a system that names the guest.
    expect((await step(guest, 'aiSystem', theirs, 'confirm')).status).toBe(200);
    expect((await step(guest, 'aiSystem', other, 'confirm')).status).toBe(403);
    // Nor are they let in where the step does not lead from.
    expect((await step(ada, 'aiSystem', theirs, 'reconsider')).status).toBe(200);
    expect((await step(guest, 'aiSystem', theirs, 'confirm')).status).toBe(403);
    expect((await ada.ask('GET', `aiSystem/${theirs}`)).body.state).toBe('proposed');
    expect((await guest.ask('POST', 'risk', { title: 'r' })).status).toBe(403);
  });

  test('when a second person joins, deciding alone is over at once', async () => {
    const doc = await made(ada, 'criteria', { title: 'Two', owner: ada.ref, ...presetValues('alone') });
    clock.advance(25 * HOUR);
    expect((await may(ada, 'criteria', doc, 'approve')).allowed).toBe(true);
    const bea = await made(ada, 'person', { name: 'Bea' });
    const over = await step(ada, 'criteria', doc, 'approve');
    expect([over.status, over.body.code]).toEqual([403, 'OWN_WORK']);
    expect(over.body.detail).toMatch(/no longer decide alone/);
    // Nor may somebody else approve criteria that say alone.
    const cleo = await t.person('Cleo', ['designatedManagement']);
    const refused = await step(cleo, 'criteria', doc, 'approve');
    expect([refused.status, refused.body.problems[0].path]).toEqual([409, '/mode']);
    for (const ref of [bea, cleo.ref]) expect((await step(ada, 'person', ref, 'depart')).status).toBe(200);
    expect((await may(ada, 'criteria', doc, 'approve')).allowed).toBe(true);
  });
});

describe('a larger organisation', () => {
  const clock = fixedClock(START);
  let t: TestInstance;
  let manager: Visitor;
  let heads: Visitor[] = [];
  beforeAll(async () => {
    t = await testInstance({ clock });
    manager = await t.person('Manager', ['aimsManager']);
    heads = [];
    for (const name of ['One', 'Two', 'Three']) heads.push(await t.person(name, ['designatedManagement']));
  });
  afterAll(() => t.close());

  const draft = () =>
    made(manager, 'criteria', { title: 'Larger', owner: manager.ref, ...presetValues('larger') });

  test('criteria need two; the page says who has decided and who is next', async () => {
    const ref = await draft();
    const first = await step(heads[0]!, 'criteria', ref, 'approve');
    expect([first.status, first.body.state]).toEqual([200, 'draft']);
    const shown = await may(heads[0]!, 'criteria', ref, 'approve');
    expect(shown.several).toMatchObject({ needed: 2, decided: [{ by: heads[0]!.ref }] });
    expect([shown.allowed, shown.why]).toEqual([
      false,
      expect.stringMatching(/1 of 2 people have. Next: someone else/),
    ]);
    expect((await step(heads[0]!, 'criteria', ref, 'approve')).body.code).toBe('CONFLICT');
    const second = await step(heads[1]!, 'criteria', ref, 'approve');
    expect([second.status, second.body.state]).toEqual([200, 'approved']);
  });

  test('an impact assessment of class high is decided by the approver, then by management; of another class by one', async () => {
    const approver = await t.person('Approver', ['reader']);
    const assessment = async (riskClass: string) => {
      const system = await standing(t, t.app.registry.get('aiSystem'), 'inScope', 5, {
        more: { name: riskClass, owner: manager.ref, approver: approver.ref, riskClass, inScope: 'in' },
      });
      return standing(t, t.app.registry.get('impactAssessment'), 'concluded', 5, {
        more: { owner: manager.ref, systems: [system] },
      });
    };
    const high = await assessment('high');
    const early = await step(heads[0]!, 'impactAssessment', high, 'approve');
    expect([early.status, early.body.detail]).toEqual([403, expect.stringMatching(/^First the approver/)]);
    expect((await may(heads[0]!, 'impactAssessment', high, 'approve')).several.next).toMatch(/the approver/);
    expect((await step(approver, 'impactAssessment', high, 'approve')).body.state).toBe('concluded');
    expect((await step(heads[0]!, 'impactAssessment', high, 'approve')).body.state).toBe('approved');
    const limited = await assessment('limited');
    expect((await step(heads[0]!, 'impactAssessment', limited, 'approve')).body.state).toBe('approved');
  });

  test('in no order of deciding, editing and taking back do fewer than two people approve the same content', async () => {
    const anyAct = fc.oneof(
      fc.record({ do: fc.constant('approve' as const), who: fc.nat({ max: 2 }) }),
      fc.record({
        do: fc.constantFrom('edit' as const, 'submit' as const, 'revise' as const),
        who: fc.constant(0),
      }),
    );
    let approved = 0;
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 2, maxLength: 7 }), async (acts) => {
        const ref = await draft();
        let agreed = new Set<number>();
        let state = 'draft';
        for (const [i, act] of acts.entries()) {
          if (state === 'approved') break;
          tried += 1;
          if (act.do === 'approve') {
            const a = await step(heads[act.who]!, 'criteria', ref, 'approve');
            expect(a.status, a.text).toBe(agreed.has(act.who) ? 409 : 200);
            agreed.add(act.who);
            if (a.status === 200) state = a.body.state;
            expect(state === 'approved').toBe(agreed.size >= 2);
          } else if (act.do === 'edit') {
            const a = await manager.ask('PATCH', `criteria/${ref}`, { method: `again ${i}` });
            expect(a.status, a.text).toBe(200);
            agreed = new Set();
          } else {
            const a = await step(manager, 'criteria', ref, act.do);
            if (a.status !== 200) continue;
            state = a.body.state;
            agreed = new Set();
          }
        }
        if (state === 'approved') approved += 1;
      }),
      { numRuns: 12 },
    );
    expect(tried).toBeGreaterThan(20);
    expect(approved).toBeGreaterThan(0);
  });
});

describe('loosening', () => {
  const clock = fixedClock(START);
  let t: TestInstance;
  let manager: Visitor;
  let head: Visitor;
  let boss: Visitor;
  let system = '';
  beforeAll(async () => {
    t = await testInstance({ clock });
    manager = await t.person('Manager', ['aimsManager']);
    head = await t.person('Head', ['designatedManagement']);
    boss = await t.person('Boss', ['topManagement']);
    system = await standing(t, t.app.registry.get('aiSystem'), 'inScope', 3, {
      more: { name: 'S', owner: manager.ref, approver: manager.ref, riskClass: 'high', inScope: 'in' },
    });
    const first = await made(manager, 'criteria', {
      title: 'A',
      owner: manager.ref,
      ...presetValues('small'),
    });
    expect((await step(head, 'criteria', first, 'approve')).status).toBe(200);
  });
  afterAll(() => t.close());

  async function ticket(kind: string, by = manager): Promise<string> {
    const ref = await made(by, 'change', { title: 'Loosen', owner: by.ref, systems: [system] });
    expect((await by.ask('PATCH', `change/${ref}`, { kind, description: 'd', impact: 'i' })).status).toBe(
      200,
    );
    expect((await step(by, 'change', ref, 'submit')).status).toBe(200);
    return ref;
  }

  test('looser criteria name what is looser, and need a ticket that management approved; tighter ones need none', async () => {
    const looser = await made(manager, 'criteria', {
      title: 'B',
      owner: manager.ref,
      ...presetValues('small'),
      appetite: 12,
    });
    const none = await step(head, 'criteria', looser, 'approve');
    expect([none.status, none.body.code]).toEqual([409, 'CONFLICT']);
    expect(none.body.detail).toMatch(
      /risks up to level 12 may stay as they are; before, up to 8.*change ticket of kind criteria/,
    );
    expect(none.body.problems.map((p: { path: string }) => p.path)).toEqual(['/change', '/appetite']);
    const wrong = await ticket('release');
    const right = await ticket('criteria');
    const link = (refs: string[]) => manager.ask('PATCH', `criteria/${looser}`, { change: refs });
    await link([wrong]);
    expect((await step(boss, 'change', wrong, 'approve')).status).toBe(200);
    expect((await step(head, 'criteria', looser, 'approve')).body.detail).toMatch(
      /of kind release, not criteria/,
    );
    await link([right]);
    expect((await step(head, 'criteria', looser, 'approve')).body.detail).toMatch(/has not been approved/);
    expect((await step(boss, 'change', right, 'approve')).status).toBe(200);
    const done = await step(head, 'criteria', looser, 'approve');
    expect([done.status, done.body.state], done.text).toEqual([200, 'approved']);
    const tighter = await made(manager, 'criteria', {
      title: 'C',
      owner: manager.ref,
      ...presetValues('small'),
      appetite: 5,
    });
    expect((await step(head, 'criteria', tighter, 'approve')).status).toBe(200);
    // The ticket is spent.
    const again = await made(manager, 'criteria', {
      title: 'D',
      owner: manager.ref,
      ...presetValues('small'),
      appetite: 12,
      change: [right],
    });
    expect((await step(head, 'criteria', again, 'approve')).body.detail).toMatch(
      /was for CRI-0002; open another/,
    );
  });

  test('superseding the criteria in force is no way around the comparison, nor is an older draft', async () => {
    const older = await made(manager, 'criteria', {
      title: 'Old',
      owner: manager.ref,
      ...presetValues('small'),
    });
    const newer = await made(manager, 'criteria', {
      title: 'New',
      owner: manager.ref,
      ...presetValues('small'),
      appetite: 4,
    });
    expect((await step(head, 'criteria', newer, 'approve')).status).toBe(200);
    expect((await step(head, 'criteria', newer, 'supersede', { reason: 'r' })).status).toBe(200);
    expect((await step(head, 'criteria', older, 'approve')).body.detail).toMatch(/is newer than/);
    const next = await made(manager, 'criteria', {
      title: 'N',
      owner: manager.ref,
      ...presetValues('small'),
    });
    expect((await step(head, 'criteria', next, 'approve')).body.detail).toMatch(/asks for less than/);
  });

  test('a lower class and leaving the scope need an approved ticket for the system, in one step or in three', async () => {
    const lower = () => manager.ask('PATCH', `aiSystem/${system}`, { riskClass: 'limited' });
    const before = await lower();
    expect([before.status, before.body.problems[0].path]).toEqual([409, '/riskClass']);
    expect(before.body.detail).toMatch(/risk class is limited; before, high/);
    const out = await step(head, 'aiSystem', system, 'exclude', { values: undefined });
    expect(out.status).not.toBe(200);
    // Around: reconsider, lower, take in again.
    expect((await step(manager, 'aiSystem', system, 'reconsider')).status).toBe(200);
    expect((await lower()).status).toBe(200);
    const around = await step(manager, 'aiSystem', system, 'include');
    expect([around.status, around.body.code], around.text).toEqual([409, 'CONFLICT']);
    const excluded = await step(head, 'aiSystem', system, 'exclude');
    expect([excluded.status, excluded.body.problems?.[0]?.path], excluded.text).toEqual([409, '/inScope']);
    const mine = await ticket('criteria');
    // The approver of the system alone is not management.
    const other = await t.person('Approver', ['reader']);
    await manager.ask('PATCH', `aiSystem/${system}`, { approver: other.ref });
    expect((await step(other, 'change', mine, 'approve')).status).toBe(200);
    expect((await step(manager, 'aiSystem', system, 'include')).body.detail).toMatch(/designated management/);
    const theirs = await ticket('criteria');
    expect((await step(head, 'change', theirs, 'approve')).status).toBe(200);
    expect((await step(manager, 'aiSystem', system, 'include')).status).toBe(200);
    // Higher again needs none.
    expect((await manager.ask('PATCH', `aiSystem/${system}`, { riskClass: 'high' })).status).toBe(200);
  });
});

describe('delegation', () => {
  const clock = fixedClock(START);
  let t: TestInstance;
  let author: Visitor;
  let approver: Visitor;
  let delegate: Visitor;
  let stranger: Visitor;
  const systems: string[] = [];
  beforeAll(async () => {
    t = await testInstance({ clock });
    author = await t.person('Author', ['contributor']);
    approver = await t.person('Approver', ['contributor']);
    delegate = await t.person('Delegate', ['contributor']);
    stranger = await t.person('Stranger', ['aimsManager']);
    for (const name of ['One', 'Two'])
      systems.push(
        await standing(t, t.app.registry.get('aiSystem'), 'inScope', 4, {
          more: { name, owner: approver.ref, approver: approver.ref, riskClass: 'limited', inScope: 'in' },
        }),
      );
  });
  afterAll(() => t.close());

  const submitted = async (by: Visitor, on: string[]) => {
    const ref = await made(by, 'change', { title: 'T', owner: by.ref, systems: on });
    await by.ask('PATCH', `change/${ref}`, { description: 'd', impact: 'i' });
    expect((await step(by, 'change', ref, 'submit')).status).toBe(200);
    return ref;
  };

  const lending = (more: Record<string, unknown> = {}) => ({
    title: 'While away',
    kind: 'delegation',
    owner: delegate.ref,
    delegator: approver.ref,
    endsOn: '2027-03-02',
    ...more,
  });
  const lend = (by: Visitor, more: Record<string, unknown> = {}) =>
    by.ask('POST', 'responsibility', lending(more));
  const delegated = (more: Record<string, unknown> = {}) => made(approver, 'responsibility', lending(more));
  /** One that stands accepted although no rule would let this person make it. */
  const accepted = (by: Visitor, more: Record<string, unknown> = {}) =>
    standing(t, t.app.registry.get('responsibility'), 'accepted', 6, {
      author: by.ref,
      more: { startsOn: undefined, systems: [], ...lending(more) },
    });
  const accept = (ref: string) => step(delegate, 'responsibility', ref, 'accept');
  const end = (ref: string) => step(stranger, 'responsibility', ref, 'end', { reason: 'over' });
  const allowed = async (ref: string) => (await may(delegate, 'change', ref, 'approve')).allowed as boolean;

  test('it counts once accepted, says for whom, and is over when its day begins', async () => {
    const one = await submitted(author, [systems[0]!]);
    const denied = await step(delegate, 'change', one, 'approve');
    expect([denied.status, denied.body.code]).toEqual([403, 'NOT_ALLOWED']);
    const lent = await delegated();
    expect(await allowed(one)).toBe(false);
    expect((await accept(lent)).status).toBe(200);
    expect(await may(delegate, 'change', one, 'approve')).toMatchObject({
      allowed: true,
      onBehalfOf: approver.ref,
    });
    clock.set('2027-03-01T23:59:59Z');
    const done = await step(delegate, 'change', one, 'approve');
    expect(done.status, done.text).toBe(200);
    expect((await author.ask('GET', `decision/${done.body.decision}`)).body.values).toMatchObject({
      by: delegate.ref,
      onBehalfOf: approver.ref,
      role: 'systems.approver',
    });
    const two = await submitted(author, [systems[0]!]);
    clock.set('2027-03-02T00:00:00Z');
    expect((await step(delegate, 'change', two, 'approve')).status).toBe(403);
    clock.set('2027-03-01T23:59:59Z');
    expect(await allowed(two)).toBe(true);
    expect((await end(lent)).status).toBe(200);
    expect(await allowed(two)).toBe(false);
  });

  test('what it lets its delegate edit, it lets them edit by every door', async () => {
    const release = await standing(t, t.app.registry.get('release'), 'draft', 9, {
      more: { system: [systems[0]!], title: 'R' },
    });
    const file = (title: string) => JSON.stringify([{ ref: release, title }]);
    const doors: [string, () => Promise<Answer>][] = [
      ['route', () => delegate.ask('PATCH', `release/${release}`, { title: 'by route' })],
      ['bulk', () => delegate.ask('POST', 'release/bulk', { refs: [release], values: { title: 'by bulk' } })],
      ['import', () => delegate.ask('POST', 'release/import?format=json', file('by import'))],
    ];
    const tried = async () => Promise.all(doors.map(async ([door, go]) => [door, (await go()).status < 300]));
    expect(await tried()).toEqual(doors.map(([door]) => [door, false]));
    const lent = await delegated();
    expect((await accept(lent)).status).toBe(200);
    for (const [door, go] of doors) {
      const done = await go();
      expect([door, done.status], done.text).toEqual([door, 200]);
      const [version] = (await author.ask('GET', `release/${release}/versions`)).body.items;
      expect([version.values.title, version.as]).toEqual([`by ${door}`, `system.owner for ${approver.ref}`]);
    }
    await end(lent);
  });

  test('it reaches the named systems only, and begins on its day', async () => {
    const [first, both] = [await submitted(author, [systems[0]!]), await submitted(author, systems)];
    const lent = await delegated({ systems: [systems[0]!], startsOn: '2027-03-02', endsOn: '2027-03-03' });
    expect((await accept(lent)).status).toBe(200);
    expect(await allowed(first)).toBe(false);
    clock.set('2027-03-02T00:00:00Z');
    expect([await allowed(first), await allowed(both)]).toEqual([true, false]);
    // A second back, and so the write follows the newest entry.
    clock.set('2027-03-01T23:59:59Z');
    await end(lent);
  });

  test('never on the work of either, and never lent further', async () => {
    const lent = await delegated();
    expect((await accept(lent)).status).toBe(200);
    expect(await allowed(await submitted(approver, [systems[0]!]))).toBe(false);
    expect(await allowed(await submitted(delegate, [systems[0]!]))).toBe(false);
    // As owner the delegate edits; what the delegate wrote the delegate does not decide on.
    const edited = await delegate.ask('PATCH', `aiSystem/${systems[0]}`, { servedModel: 'acme/large-3' });
    expect(edited.status, edited.text).toBe(200);
    const third = await t.person('Third', ['contributor']);
    const on = { owner: third.ref, endsOn: '2027-03-10' };
    const theirs = await lend(delegate, on);
    expect([theirs.status, theirs.body.problems[0].path], theirs.text).toEqual([403, '/delegator']);
    const own = await lend(delegate, { ...on, delegator: delegate.ref });
    expect([own.status, own.body.code], own.text).toEqual([409, 'CONFLICT']);
    // Nor by one that stands all the same.
    const further = [
      await accepted(delegate, on),
      await accepted(delegate, { ...on, delegator: delegate.ref }),
    ];
    const one = await submitted(author, [systems[0]!]);
    expect((await may(third, 'change', one, 'approve')).allowed).toBe(false);
    expect(await allowed(one)).toBe(true);
    for (const ref of further) expect((await end(ref)).status).toBe(200);
    await end(lent);
  });

  test('nobody takes what the delegator did not write: not by creating, changing or accepting it', async () => {
    const one = await submitted(author, [systems[0]!]);
    const refused = await lend(delegate);
    expect([refused.status, refused.body.problems[0].path], refused.text).toEqual([403, '/delegator']);
    const forged = await accepted(delegate);
    expect(await allowed(one)).toBe(false);
    await end(forged);
    const narrow = await delegated({ systems: [systems[1]!] });
    const widened = await step(delegate, 'responsibility', narrow, 'accept', { values: { systems: [] } });
    expect(widened.status).not.toBe(200);
    expect((await stranger.ask('PATCH', `responsibility/${narrow}`, { systems: [] })).status).toBe(200);
    await accept(narrow);
    expect(await allowed(one)).toBe(false);
    const unending = await lend(approver, { endsOn: undefined });
    expect([unending.status, unending.body.problems[0].path], unending.text).toEqual([422, '/endsOn']);
    await accepted(approver, { endsOn: undefined });
    expect(await allowed(one)).toBe(false);
  });

  test('it is over when the delegator has left', async () => {
    const one = await submitted(author, [systems[0]!]);
    expect((await accept(await delegated())).status).toBe(200);
    expect(await allowed(one)).toBe(true);
    const present = (state: string) =>
      t.app.db.asOwner({
        text: 'update record set state = $2 where organisation = $3 and ref = $1',
        values: [approver.ref, state, t.organisation.id],
      });
    const { state } = (await stranger.ask('GET', `person/${approver.ref}`)).body;
    await present('departed');
    expect(await allowed(one)).toBe(false);
    await present(state);
    expect(await allowed(one)).toBe(true);
    const successor = await t.person('Successor', ['contributor']);
    const left = await step(stranger, 'person', approver.ref, 'depart', { successor: successor.ref });
    expect(left.status, left.text).toBe(200);
    expect(await allowed(one)).toBe(false);
  });

  test('a denial costs one statement more, a right of one’s own none', async () => {
    const one = await submitted(author, [systems[0]!]);
    await t.quiet();
    const asked = async (who: Visitor, status: number) => {
      const seen: string[] = [];
      t.app.db.observe = (text) => seen.push(text);
      const a = await step(who, 'change', one, 'revise');
      t.app.db.observe = undefined;
      expect(a.status, a.text).toBe(status);
      expect(seen.length).toBeGreaterThan(1);
      return seen.filter((text) => text.includes('worked_version')).length;
    };
    expect([await asked(delegate, 403), await asked(stranger, 200)]).toEqual([1, 0]);
  });
});
