import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Effects } from '../../src/answers/effects.ts';
import { engineActor } from '../../src/app/people/people.ts';
import { createChecked, createRecord, editRecord, transitRecord } from '../../src/app/write/commit.ts';
import { presentBinding } from '../../src/app/write/decisions.ts';
import { readStatement, toStored } from '../../src/store/records/records.ts';
import { dayFrom, published, standing } from '../support/arrange.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let boss: Visitor;
let maker: Visitor;
beforeAll(async () => {
  t = await testInstance();
  boss = await t.person('Boss', ['topManagement', 'aimsManager']);
  maker = await t.person('Maker', ['aimsManager']);
});
afterAll(() => t.close());

let seed = 0;
const digestOf = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}`;
const nextDigest = () => digestOf(1000 + ++seed);

/** A record in the state before a decision, then the decision itself by another. */
async function decided(
  register: string,
  from: string,
  step: string,
  more: Record<string, unknown>,
  body: Record<string, unknown> = {},
): Promise<string> {
  const ref = await standing(t, t.app.registry.get(register), from, ++seed, { author: maker.ref, more });
  const a = await boss.ask('POST', `${register}/${ref}/${step}`, body);
  expect(a.status, `${register}.${step}: ${a.text}`).toBe(200);
  return ref;
}

async function component(kind: string, systems: string[]): Promise<string> {
  return (await given(t, 'component', { name: `${kind} ${++seed}`, kind, digest: nextDigest(), systems }))
    .ref;
}

/** A system with everything that may rest on it; the components are linked to it before. */
async function furnish(system: string, components: string[]) {
  const links = { systems: [system] };
  const until = dayFrom(t, 60);
  const impacts = { impactOrganisation: 3, impactIndividuals: 3, impactSociety: 1 };
  const rating = { likelihood: 3, ...impacts, reviewBy: dayFrom(t, 90) };
  const assessment = await decided('riskAssessment', 'concluded', 'approve', { ...links, risks: [] });
  const impact = await decided('impactAssessment', 'concluded', 'approve', { ...links, risks: [] });
  const risk = await decided(
    'risk',
    'treated',
    'accept',
    { ...links, ...rating, controls: [], criteria: [] },
    { reason: 'r', until, password: PASSWORD },
  );
  const documents = [await published(t)];
  const control = await decided('control', 'applicable', 'implement', {
    ...links,
    documents,
    code: `A.${++seed}`,
  });
  const plan = (
    await given(t, 'rollbackPlan', {
      title: 'back',
      system: [system],
      target: '1',
      steps: 's',
      maxDuration: 'PT9M',
    })
  ).ref;
  const drill = await decided('drill', 'held', 'verify', { rollbackPlan: [plan] });
  const release = await decided('release', 'submitted', 'approve', {
    system: [system],
    components,
    change: [],
    plan: [],
    rollbackPlan: [],
    previous: [],
  });
  const run = await testOf(release);
  return { assessment, impact, risk, control, plan, drill, release, run };
}

async function testOf(release: string): Promise<string> {
  const r = t.app.registry.get('release');
  const [rows] = await t.app.db.run(t.organisation.id, [readStatement(r, release)]);
  const { digest } = await presentBinding(t.app, t.organisation.id, r, release, toStored(rows![0]!));
  const contents = {
    values: { title: 'run', toolRunId: `run-${++seed}`, subjectDigest: digest },
    links: { release: [release] },
  };
  return (
    await createChecked(
      t.app,
      { actor: engineActor(t.organisation) },
      t.app.registry.get('testRun'),
      contents,
      { as: 'engine' },
    )
  ).record.ref;
}

async function effects(path: string): Promise<Effects> {
  const a = await boss.ask('GET', `${path}/effects`);
  expect(a.status, a.text).toBe(200);
  return a.body as Effects;
}

const having = (e: Effects, status: string) =>
  e.items
    .filter((i) => i.status === status)
    .map((i) => i.ref)
    .sort();

async function edit(ref: string, values: Record<string, unknown>): Promise<void> {
  const register = t.app.registry.ofRef(ref)!;
  await editRecord(t.app, { actor: engineActor(t.organisation) }, register, ref, values);
}

describe('what a change makes stale', () => {
  interface World {
    shared: string;
    data: string;
    prompt: string;
    one: Awaited<ReturnType<typeof furnish>> & { system: string };
    two: Awaited<ReturnType<typeof furnish>> & { system: string };
    three: Awaited<ReturnType<typeof furnish>> & { system: string };
  }
  /** One and two share a model; two has a data set besides; one's release has a prompt; three has a model of its own. */
  async function world(): Promise<World> {
    const sys = async () =>
      standing(t, t.app.registry.get('aiSystem'), 'inScope', ++seed, { more: { inScope: 'in' } });
    const [a, b, c] = [await sys(), await sys(), await sys()];
    const shared = await component('model', [a, b]);
    const data = await component('dataset', [b]);
    const prompt = await component('prompt', [a]);
    const other = await component('model', [c]);
    return {
      shared,
      data,
      prompt,
      one: { system: a, ...(await furnish(a, [shared, prompt])) },
      two: { system: b, ...(await furnish(b, [shared, data])) },
      three: { system: c, ...(await furnish(c, [other])) },
    };
  }
  const parts = (f: World['one']) => [f.assessment, f.impact, f.risk, f.control];
  const all = (f: World['one']) => [...parts(f), f.release, f.run];

  const CASES: [
    string,
    (w: World) => [ref: string, values: Record<string, unknown>],
    (w: World) => string[],
  ][] = [
    [
      'the digest of a model that two systems share',
      (w) => [w.shared, { digest: nextDigest() }],
      (w) => [...all(w.one), ...all(w.two)],
    ],
    ['the digest of a data set of one of them', (w) => [w.data, { digest: nextDigest() }], (w) => all(w.two)],
    [
      'a prompt: only releases that contain it, and their tests',
      (w) => [w.prompt, { digest: nextDigest() }],
      (w) => [w.one.release, w.one.run],
    ],
    ['notes on a model: immaterial', (w) => [w.shared, { notes: 'seen' }], () => []],
    [
      'where a model is used besides: a link that is immaterial there, material to the system it joins',
      (w) => [w.shared, { systems: [w.one.system, w.two.system, w.three.system] }],
      (w) => parts(w.three),
    ],
  ];
  test.each(CASES)('%s', async (_name, change, expected) => {
    const w = await world();
    const [ref, values] = change(w);
    const before = await effects(`component/${ref}`);
    expect(having(before, 'stale')).toEqual([]);
    await edit(ref, values);
    const after = await effects(`component/${ref}`);
    expect(having(after, 'stale')).toEqual(expected(w).sort());
    // What would become stale was foretold, for those that rested on it before.
    const joined = Object.hasOwn(values, 'systems');
    if (!joined && expected(w).length > 0) expect(having(before, 'current')).toEqual(expected(w).sort());
    for (const i of after.items.filter((x) => x.status === 'stale')) {
      expect(
        i.because.map((b) => b.ref),
        i.ref,
      ).toEqual([ref]);
      if (!joined)
        expect([i.because[0]!.from, i.because[0]!.to, i.because[0]!.fields], i.ref).toEqual([
          1,
          2,
          [{ name: 'digest', label: 'Digest' }],
        ]);
      else expect([i.because[0]!.from, i.because[0]!.to]).toEqual([null, 2]);
    }
    expect(after.counts.stale).toBe(expected(w).length);
    // The same seen from each system, and from a ticket that names the component.
    let seen = 0;
    for (const f of [w.one, w.two, w.three]) {
      const mine = [...all(f), f.drill].filter((r) => expected(w).includes(r));
      expect(having(await effects(`aiSystem/${f.system}`), 'stale'), f.system).toEqual(mine.sort());
      seen += mine.length;
    }
    expect(seen).toBe(expected(w).length);
    const ticket = await given(t, 'change', {
      title: 'x',
      owner: maker.ref,
      systems: [w.one.system],
      components: [ref],
    });
    expect(having(await effects(`change/${ticket.ref}`), 'stale')).toEqual(expected(w).sort());
  });

  test('a rollback plan that changes makes its drill stale, and nothing else', async () => {
    const w = await world();
    await edit(w.one.plan, { steps: 'other steps' });
    expect(having(await effects(`aiSystem/${w.one.system}`), 'stale')).toEqual([w.one.drill]);
    expect(having(await effects(`aiSystem/${w.two.system}`), 'stale')).toEqual([]);
  });

  test('the served model is of the system itself: its assessments are stale, and say which field', async () => {
    const w = await world();
    await edit(w.one.system, { servedModel: 'vendor/next' });
    const found = await effects(`aiSystem/${w.one.system}`);
    expect(having(found, 'stale')).toEqual([w.one.assessment, w.one.impact].sort());
    for (const i of found.items.filter((x) => x.status === 'stale'))
      expect(i.because).toMatchObject([{ ref: w.one.system, fields: [{ name: 'servedModel' }] }]);
  });

  test('what was decided again is renewed; a later cause is not laid at the door of an earlier one', async () => {
    const w = await world();
    await edit(w.data, { digest: nextDigest() });
    const again = await boss.ask('POST', `riskAssessment/${w.two.assessment}/approve`, {});
    expect(again.status, again.text).toBe(200);
    const found = await effects(`component/${w.data}`);
    expect(having(found, 'renewed')).toEqual([w.two.assessment]);
    expect(found.items.find((i) => i.status === 'renewed')!.by).toEqual([again.body.decision]);
    await edit(w.shared, { digest: nextDigest() });
    expect(having(await effects(`component/${w.shared}`), 'stale')).toContain(w.two.assessment);
    expect(having(await effects(`component/${w.data}`), 'stale')).not.toContain(w.two.assessment);
  });

  test('a component that is retired or leaves the system is named as no longer part of it', async () => {
    const w = await world();
    await edit(w.data, { systems: [] });
    const found = await effects(`component/${w.data}`);
    expect(having(found, 'stale')).toEqual(parts(w.two).sort());
    for (const i of found.items.filter((x) => x.status === 'stale'))
      expect(i.because).toMatchObject([{ from: 1, to: null }]);
    const actor = { actor: engineActor(t.organisation) };
    await transitRecord(t.app, actor, t.app.registry.get('component'), w.shared, 'retire', { reason: 'old' });
    expect(having(await effects(`component/${w.shared}`), 'stale')).toEqual(
      [...parts(w.one), ...parts(w.two)].sort(),
    );
  });

  test('a new model that a ticket brings is foretold before it is part of the system', async () => {
    const w = await world();
    const fresh = await component('model', []);
    const ticket = await given(t, 'change', {
      title: 'x',
      owner: maker.ref,
      systems: [w.one.system],
      components: [fresh],
    });
    const found = await effects(`change/${ticket.ref}`);
    expect(having(found, 'current')).toEqual(parts(w.one).sort());
    expect(having(found, 'stale')).toEqual([]);
    const prompt = await component('prompt', []);
    const small = await given(t, 'change', {
      title: 'y',
      owner: maker.ref,
      systems: [w.one.system],
      components: [prompt],
    });
    expect((await effects(`change/${small.ref}`)).items).toEqual([]);
  });

  test('an assessment that was concluded and approved by nobody is stale by what changed since', async () => {
    const w = await world();
    const actor = { actor: engineActor(t.organisation) };
    const ras = t.app.registry.get('riskAssessment');
    const { record } = await createRecord(t.app, actor, ras, {
      title: 'x',
      owner: maker.ref,
      systems: [w.three.system],
      heldOn: dayFrom(t, 0),
      summary: 's',
    });
    await transitRecord(t.app, actor, ras, record.ref, 'conclude');
    expect(having(await effects(`aiSystem/${w.three.system}`), 'stale')).toEqual([]);
    await edit(w.three.system, { purpose: 'quite another' });
    const found = (await effects(`aiSystem/${w.three.system}`)).items.find((i) => i.ref === record.ref)!;
    expect(found).toMatchObject({
      status: 'stale',
      said: 'conclusion',
      because: [{ ref: w.three.system, fields: [{ name: 'purpose' }] }],
    });
  });

  test('it costs the same number of statements, however much rests on it', async () => {
    const w = await world();
    // What works by itself would be counted too.
    await t.quiet();
    const count = async (path: string) => {
      let n = 0;
      // Otherwise what places earlier entries in the log would be counted too.
      await t.app.sequencer.settle(t.organisation.id);
      t.app.db.observe = () => {
        n += 1;
      };
      try {
        await effects(path);
      } finally {
        t.app.db.observe = undefined;
      }
      return n;
    };
    await edit(w.shared, { digest: nextDigest() });
    const few = await count(`component/${w.shared}`);
    for (let i = 0; i < 12; i++) await testOf(w.one.release);
    await edit(w.shared, { digest: nextDigest() });
    expect(await count(`component/${w.shared}`)).toBe(few);
    expect(few).toBeLessThanOrEqual(18);
  });

  test('limits and unknown records are told; nothing is written', async () => {
    expect((await boss.ask('GET', 'component/CMP-9999/effects')).status).toBe(404);
    expect((await boss.ask('GET', 'component/CMP-0001/effects?limit=0')).status).toBe(400);
    const w = await world();
    await edit(w.shared, { digest: nextDigest() });
    const a = (await boss.ask('GET', `component/${w.shared}/effects?limit=2`)).body as Effects;
    expect([a.items.length, a.more, a.counts.stale]).toEqual([2, true, 12]);
  });
});
