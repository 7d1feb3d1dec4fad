import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restingStates } from '../../src/register/decisions.ts';
import { registry } from '../../src/registers/index.ts';
import { coverDigestSql } from '../../src/store/authority/covers.ts';
import { dayFrom } from '../support/arrange.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
let bea: Visitor;
let cleo: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  bea = await t.person('Bea', ['designatedManagement']);
  cleo = await t.person('Cleo', ['contributor']);
});
afterAll(() => t.close());

const done = async (who: Visitor, path: string, body: Record<string, unknown> = {}) => {
  const a = await who.ask('POST', path, body);
  expect(a.status, `${path}: ${a.text}`).toBe(200);
  return a.body;
};
const edit = async (path: string, values: Record<string, unknown>, who = ada) => {
  const a = await who.ask('PATCH', path, values);
  expect(a.status, `${path}: ${a.text}`).toBe(200);
};

/** What the list, the page and the decision on it say of a record; they must agree. */
async function standingOf(ref: string): Promise<string | undefined> {
  const register = registry.ofRef(ref)!.name;
  const page = (await ada.ask('GET', `${register}/${ref}`)).body;
  const listed = (await ada.ask('GET', `${register}?ref=${ref}`)).body.items[0];
  expect(listed.standing, `list and page of ${ref}`).toBe(page.standing);
  const agreeing = page.decisions.filter((d: { kind: string }) => d.kind !== 'refuse');
  if (page.standing)
    expect(agreeing.some((d: { current: boolean }) => d.current)).toBe(page.standing === 'current');
  return page.standing;
}

/** A system in scope with a model, a prompt, and an approved assessment of it. */
async function assessed() {
  const system = (
    await given(t, 'aiSystem', {
      name: 'Chat',
      purpose: 'Answers',
      owner: cleo.ref,
      approver: bea.ref,
      isoRoles: ['provider'],
      riskClass: 'limited',
      inScope: 'in',
    })
  ).ref;
  await done(ada, `aiSystem/${system}/include`);
  const part = async (kind: string) =>
    (await given(t, 'component', { name: kind, kind, systems: [system] })).ref;
  const [model, prompt] = [await part('model'), await part('prompt')];
  const assessment = (
    await given(t, 'riskAssessment', {
      title: 'Yearly',
      owner: cleo.ref,
      systems: [system],
      heldOn: dayFrom(t, -1),
      summary: 'Nothing new',
    })
  ).ref;
  await done(cleo, `riskAssessment/${assessment}/conclude`);
  await done(bea, `riskAssessment/${assessment}/approve`);
  return { system, model, prompt, assessment };
}

describe('an approval stands on what was approved', () => {
  test('one material field changed: stale at once, in list, page and decisions; the same said again: current', async () => {
    const { system } = await assessed();
    expect(await standingOf(system)).toBe('current');
    await edit(`aiSystem/${system}`, { purpose: 'Answers and sells' });
    expect(await standingOf(system)).toBe('stale');
    const page = (await ada.ask('GET', `aiSystem/${system}`)).body;
    expect(page.decisions[0]).toMatchObject({
      current: false,
      changed: [{ ref: system, from: page.decisions[0].version, to: null }],
    });
    // What was approved is there again: the approval is about it.
    await edit(`aiSystem/${system}`, { purpose: 'Answers' });
    expect(await standingOf(system)).toBe('current');
    await edit(`aiSystem/${system}`, { purpose: 'Answers and sells' });
    await done(bea, `aiSystem/${system}/confirm`);
    expect(await standingOf(system)).toBe('current');
  });

  test('an immaterial field changed: carried forward', async () => {
    const { system, assessment } = await assessed();
    await edit(`aiSystem/${system}`, { stage: 'operation' });
    expect([await standingOf(system), await standingOf(assessment)]).toEqual(['current', 'current']);
  });

  test('a model of the system changed: its assessment is stale and names the model; a prompt leaves it alone', async () => {
    const { system, model, prompt, assessment } = await assessed();
    const other = await assessed();
    await edit(`component/${prompt}`, { componentVersion: '2' });
    expect(await standingOf(assessment)).toBe('current');
    await edit(`component/${model}`, { digest: `sha256:${'a'.repeat(64)}` });
    expect(await standingOf(assessment)).toBe('stale');
    const page = (await ada.ask('GET', `riskAssessment/${assessment}`)).body;
    expect(page.decisions[0].changed).toEqual([{ ref: model, from: 1, to: 2 }]);
    expect([await standingOf(system), await standingOf(other.assessment)]).toEqual(['current', 'current']);
    await done(bea, `riskAssessment/${assessment}/approve`);
    expect(await standingOf(assessment)).toBe('current');
  });

  test('a model added, retired or taken to another system: stale, and named', async () => {
    for (const change of ['added', 'retired', 'moved'] as const) {
      const { system, model, assessment } = await assessed();
      const away = (await given(t, 'aiSystem', { name: 'Away', purpose: 'x', owner: cleo.ref })).ref;
      let ref = model;
      if (change === 'added')
        ref = (await given(t, 'component', { name: 'New', kind: 'tool', systems: [system] })).ref;
      if (change === 'retired') await done(ada, `component/${model}/retire`, { reason: 'old' });
      if (change === 'moved') await edit(`component/${model}`, { systems: [away] });
      expect(await standingOf(assessment), change).toBe('stale');
      const page = (await ada.ask('GET', `riskAssessment/${assessment}`)).body;
      expect(page.decisions[0].changed.map((c: { ref: string }) => c.ref)).toEqual([ref]);
    }
  });

  test('an acceptance whose end has come says so', async () => {
    const { system } = await assessed();
    const risk = (
      await given(t, 'risk', {
        title: 'R',
        owner: cleo.ref,
        systems: [system],
        scenario: 's',
        reviewBy: dayFrom(t, 90),
      })
    ).ref;
    const rating = Object.keys(registry.get('risk').fields).filter((f) => /^(likelihood|impact)/.test(f));
    await edit(`risk/${risk}`, Object.fromEntries(rating.map((f) => [f, 4])), cleo);
    await done(cleo, `risk/${risk}/assess`);
    const accept = { reason: 'for now', until: dayFrom(t, 2), password: PASSWORD };
    await done(ada, `risk/${risk}/accept`, accept);
    expect(await standingOf(risk)).toBe('current');
    await t.app.db.asOwner({
      text: `alter table record disable trigger user`,
    });
    // Only the day is moved: what the decision says of the record stays.
    await t.app.db.asOwner({
      text: `update record set "values" = jsonb_set("values", '{until}', '"2020-01-01"') where register = 'decision'
        and "values"->>'subject' = $1`,
      values: [risk],
    });
    await t.app.db.asOwner({ text: `alter table record enable trigger user` });
    expect(await standingOf(risk)).toBe('ended');
  });
});

test('the digest of what is covered is the same in the database and in the program, whatever is covered', async () => {
  const { system, assessment } = await assessed();
  const register = registry.get('riskAssessment');
  const sql = coverDigestSql(registry, register, 's');
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          name: fc.string({ minLength: 1, maxLength: 20 }),
          kind: fc.constantFrom('model', 'prompt', 'dataset'),
        }),
        {
          maxLength: 3,
        },
      ),
      async (parts) => {
        for (const p of parts) {
          const name = p.name.replaceAll('\u0000', '').trim() || 'x';
          const a = await ada.ask('POST', 'component', {
            ...p,
            name: name.replace(/[\r\n]/g, ' '),
            systems: [system],
          });
          expect(a.status, a.text).toBe(201);
        }
        await done(bea, `riskAssessment/${assessment}/approve`).catch(() => {});
        const [decision] = (await ada.ask('GET', `riskAssessment/${assessment}`)).body.decisions;
        const kept = (await ada.ask('GET', `decision/${decision.ref}`)).body.values.coverDigest;
        const [rows] = await t.app.db.run(t.organisation.id, [
          { text: `select ${sql} as digest from record s where s.ref = $1`, values: [assessment] },
        ]);
        expect(rows![0]!.digest).toBe(kept);
        compared += 1;
      },
    ),
    { numRuns: 12 },
  );
  expect(compared).toBe(12);
});

test('the states that rest on a decision are those that only a decision leads to', () => {
  const resting = (name: string) => [...restingStates(registry.get(name))];
  expect(resting('aiSystem')).toEqual(['inScope']);
  expect(resting('risk')).toEqual(['accepted']);
  expect(resting('document')).toEqual(['approved']);
  expect(resting('release')).toEqual([]);
  expect(registry.all.filter((r) => restingStates(r).size > 0).length).toBeGreaterThan(12);
});
