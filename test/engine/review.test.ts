import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReviewInput } from '../../src/answers/assure.ts';
import { drawInputs } from '../../src/app/assure/review.ts';
import { namedIn } from '../../src/app/assure/review-rules.ts';
import { INPUT_NAMES } from '../../src/app/assure/review-text.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { sampleInput, standing, stored } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

const clock = fixedClock('2028-01-10T08:00:00.000Z');
let t: TestInstance;
let top: Visitor;
let manager: Visitor;
let reader: Visitor;
beforeAll(async () => {
  t = await testInstance({ clock });
  top = await t.person('Top', ['topManagement']);
  manager = await t.person('Manager', ['aimsManager']);
  reader = await t.person('Reader', ['reader']);
});
afterAll(() => t.close());

/** The clock never stands still between two writes that a period shall tell apart; sessions last some hours. */
const tick = () => clock.advance(60_000);

async function review(more: Record<string, unknown> = {}): Promise<string> {
  return (await given(t, 'managementReview', { title: 'Review', owner: manager.ref, ...more })).ref;
}
const step = (by: Visitor, ref: string, name: string, body: unknown = {}) =>
  by.ask('POST', `managementReview/${ref}/${name}`, body);
const inputsOf = async (ref: string) => (await reader.ask('GET', `managementReview/${ref}/inputs`)).body;
const row = (inputs: readonly ReviewInput[], name: string) => inputs.find((i) => i.input === name)!;
const HELD = () => ({
  heldOn: clock.now().toISOString().slice(0, 10),
  attendees: [top.ref],
  minutes: 'x',
  decisions: 'none needed, because',
  nextOn: '2029-01-01',
});

describe('an organisation that recorded nothing', () => {
  test('has no data for any input, and says nothing good', async () => {
    const ref = await review();
    const prepared = await step(manager, ref, 'prepare');
    expect(prepared.status, prepared.text).toBe(200);
    const { inputs, inputsAt } = prepared.body.values;
    expect(inputs.map((i: ReviewInput) => i.input)).toEqual(INPUT_NAMES);
    for (const i of inputs)
      expect([i.missing, i.found.startsWith('No data: ')], i.input).toEqual([true, true]);
    expect(inputsAt).toMatch(/^log 1, size \d+, 2028-/);
  });

  test('is not held before each of them is named with a reason', async () => {
    const ref = await review();
    await step(manager, ref, 'prepare');
    const before = await stored(t);
    const some = INPUT_NAMES.slice(1).map((n) => `- ${n}: none so far`);
    const refused = await step(manager, ref, 'hold', {
      values: { ...HELD(), reasons: `${INPUT_NAMES[0]}\n${some.join('\n')}` },
    });
    expect([refused.status, refused.body.code], refused.text).toEqual([409, 'REQUIREMENTS_MISSING']);
    expect(refused.body.problems).toEqual([
      { path: '/values/reasons', message: `needs a line "${INPUT_NAMES[0]}: …"` },
    ]);
    expect(await stored(t)).toEqual(before);
    const reasons = INPUT_NAMES.map((n) => `${n.toUpperCase()} – the first review`).join('\n');
    const alone = await step(manager, ref, 'hold', {
      values: { ...HELD(), attendees: [manager.ref], reasons },
    });
    expect([alone.status, alone.body.problems[0].path]).toEqual([409, '/values/attendees']);
    const tomorrow = await step(manager, ref, 'hold', {
      values: { ...HELD(), heldOn: '2030-01-01', reasons },
    });
    expect([tomorrow.status, tomorrow.body.problems[0].path]).toEqual([422, '/values/heldOn']);
    const held = await step(manager, ref, 'hold', { values: { ...HELD(), reasons } });
    expect([held.status, held.body.state], held.text).toEqual([200, 'held']);
    // What it was held on cannot be taken away afterwards.
    const edited = await manager.ask('PATCH', `managementReview/${ref}`, { reasons: 'none' });
    expect(edited.status).toBe(409);
    expect((await step(manager, ref, 'close')).status).toBe(403);
    expect((await step(top, ref, 'close')).body.state).toBe('closed');
  });

  test('people cannot write inputs themselves', async () => {
    const ref = await review();
    for (const body of [{ inputs: [] }, { inputsAt: 'log 1, size 1, 2028-01-01T00:00:00Z' }])
      expect((await manager.ask('PATCH', `managementReview/${ref}`, body)).status).toBe(422);
    expect((await step(manager, ref, 'prepare', { values: { inputs: [] } })).status).toBe(422);
  });
});

test('a line names an input exactly when it begins with it and goes on to say something', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...INPUT_NAMES),
      fc.string({ minLength: 3 }).filter((s) => s.trim().length >= 3 && !/[\r\n]/.test(s)),
      (name, why) => {
        expect(namedIn(`x\n* ${name}: ${why.trim()}`, name)).toBe(true);
        expect(namedIn(`x ${name}: ${why}`, name)).toBe(false);
        expect(namedIn(name, name)).toBe(false);
        expect(namedIn(`${name}:`, name)).toBe(false);
      },
    ),
  );
});

/** The scores of a risk, before treatment and after it: one impact on everybody. */
const rated = (likelihood: number, n: number) => ({
  likelihood,
  impactOrganisation: n,
  impactIndividuals: n,
  impactSociety: n,
});
const left = (residualLikelihood: number, n: number) => ({
  residualLikelihood,
  residualOrganisation: n,
  residualIndividuals: n,
  residualSociety: n,
});

describe('with records', () => {
  let last = '';
  beforeAll(async () => {
    const registry = t.app.registry;
    const at = (name: string, state: string, n: number, more = {}) =>
      standing(t, registry.get(name), state, n, { more });
    const deed = await at('action', 'agreed', 1, { kind: 'improvement', dueOn: '2028-01-01' });
    last = await at('managementReview', 'held', 2, {
      heldOn: '2028-01-10',
      actions: [deed, await at('action', 'dropped', 3)],
    });
    clock.set('2028-01-11T06:00:00.000Z');
    await at('nonconformity', 'closed', 4);
    await at('nonconformity', 'open', 5);
    for (const [n, latest] of [
      [6, 1],
      [7, 9],
    ] as const) {
      const more = { threshold: 5, direction: 'atMost', latest, reviewBy: '2028-01-01' };
      await at('monitor', 'running', n, more);
    }
    await at('monitor', 'running', 8, { reviewBy: '2029-01-01' });
    await at('audit', 'closed', 9, { kind: 'audit' });
    await at('auditFinding', 'raised', 10, { grade: 'major' });
    await at('concern', 'received', 11, { about: [manager.ref] });
    await at('criteria', 'approved', 12, { appetite: 8 });
    await at('risk', 'treated', 13, { ...rated(5, 5), ...left(3, 3) });
    await at('risk', 'accepted', 14, { ...rated(1, 1), ...left(1, 1) });
    await at('risk', 'closed', 15, rated(5, 5));
    await at('contextIssue', 'raised', 16, { opportunity: true });
  });

  test('each input says how many of how many, since the review before', async () => {
    const { redrawn, frozen, same } = await inputsOf(await review({ previous: [last] }));
    expect([frozen, same]).toEqual([null, null]);
    const inputs = redrawn.inputs as ReviewInput[];
    expect(row(inputs, 'Actions of earlier reviews')).toMatchObject({ count: 2, missing: false });
    expect(row(inputs, 'Actions of earlier reviews').found).toContain(
      'Of 2 actions: 1 agreed, 1 dropped; 1 overdue.',
    );
    expect(row(inputs, 'Nonconformities and corrective actions').found).toContain(`2 found since ${last}`);
    expect(row(inputs, 'Nonconformities and corrective actions').found).toContain(
      // A third one is what samples link to.
      'Of 3 in all: 1 closed, 2 open.',
    );
    expect(row(inputs, 'Monitoring and measurement')).toMatchObject({
      count: 2,
      found:
        'Of 3 running monitors: 1 within the limit, 1 outside, 1 without limit or reading; 2 overdue for review.',
    });
    // The one not rated is what samples link to.
    expect(row(inputs, 'Risks against the appetite').found).toMatch(
      /^Of 2 rated risks: 1 above the appetite of \d+ \(CRI-\d+\), 0 of these accepted by a decision that still counts\. 1 not rated\.$/,
    );
    // Nobody decided on it: it was only put into that state.
    expect(row(inputs, 'Acceptances of risk').found).toContain('Of 1 acceptance: 1 no longer count');
    // Whoever it is about is told how many there are, and nothing else.
    // The other one is what samples link to.
    expect(row(inputs, 'Concerns')).toMatchObject({ count: 2, missing: false });
    expect(row(inputs, 'Objectives')).toMatchObject({ count: 0, missing: true });
    expect(row(inputs, 'Releases at the gate').missing).toBe(true);
  });

  test('drawn again at the same point they say the same, whatever happened since; drawn now they do not', async () => {
    const ref = await review({ previous: [last] });
    tick();
    const prepared = await step(manager, ref, 'prepare');
    expect(prepared.status, prepared.text).toBe(200);
    const registry = t.app.registry;
    const names = [
      'action',
      'nonconformity',
      'risk',
      'monitor',
      'objective',
      'concern',
      'incident',
      'auditFinding',
      'contextIssue',
    ];
    let seed = 100;
    const deed = fc.record({ name: fc.constantFrom(...names), which: fc.nat(50), make: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 3, maxLength: 6 }), async (deeds) => {
        for (const d of deeds) {
          tick();
          seed += 1;
          const r = registry.get(d.name);
          if (d.make) await standing(t, r, r.states[d.which % r.states.length]!, seed);
          else {
            const list = (await manager.ask('GET', `${d.name}?limit=50`)).body.items;
            const one = list[d.which % Math.max(1, list.length)];
            // Refused where the record is locked or not theirs; that changes nothing, and is as good here.
            if (one) await manager.ask('PATCH', `${d.name}/${one.ref}`, await sampleInput(t, r, seed));
          }
        }
        const { same, redrawn, frozen } = await inputsOf(ref);
        expect(redrawn).toEqual(frozen);
        expect(same).toBe(true);
      }),
      { numRuns: 8, seed: 3 },
    );
    const now = await drawInputs(t.app, t.organisation.id, ref);
    expect(now.inputs).not.toEqual(prepared.body.values.inputs);
  });

  test('what the database counts is what the lists show', async () => {
    const drawn = await drawInputs(t.app, t.organisation.id, await review());
    const total = async (query: string) =>
      (await top.ask('GET', `${query}${query.includes('?') ? '&' : '?'}total=true&limit=1`)).body.total;
    const found = row(drawn.inputs, 'Monitoring and measurement').found;
    for (const [word, value] of [
      ['within the limit', 'yes'],
      ['outside', 'no'],
    ])
      expect(found).toContain(`${await total(`monitor?state=running&withinLimit=${value}`)} ${word}`);
    expect(row(drawn.inputs, 'Incidents').count).toBe(await total('incident'));
    expect(row(drawn.inputs, 'External and internal issues').count).toBe(await total('contextIssue'));
  });

  test('takes as many statements for many records as for few', async () => {
    const ref = await review();
    // What works by itself would be counted too.
    await t.quiet();
    const count = async () => {
      const { at } = await drawInputs(t.app, t.organisation.id, ref);
      let n = 0;
      t.app.db.observe = () => {
        n += 1;
      };
      await drawInputs(t.app, t.organisation.id, ref, at);
      t.app.db.observe = undefined;
      return n;
    };
    const few = await count();
    for (let i = 0; i < 40; i++) await standing(t, t.app.registry.get('nonconformity'), 'open', 900 + i);
    expect(await count()).toBe(few);
    expect(few).toBeLessThan(12);
  });
});

test("an answer that is not frozen is nobody else's business: strangers read nothing", async () => {
  const ref = await review();
  const other = await t.person('Eve', ['topManagement'], await t.newOrganisation('other'));
  expect((await other.ask('GET', `managementReview/${ref}/inputs`)).status).toBe(404);
  expect((await reader.ask('GET', 'managementReview/MRV-9999/inputs')).status).toBe(404);
  expect((await reader.ask('POST', `managementReview/${ref}/prepare`, {})).status).toBe(403);
});
