import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asking } from '../../src/app/context.ts';
import { engineActor } from '../../src/app/people/people.ts';
import { createRecord, editRecord, transitRecord } from '../../src/app/write/commit.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { Failure } from '../../src/base/failure.ts';
import { asList, type Register, type Transition } from '../../src/register/register.ts';
import { demandedIn } from '../../src/register/values.ts';
import { type Actor, admittedAs, type Role, type Who, whoText } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import {
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../src/store/records/records.ts';
import { byPeople, dayFrom, sampleFields, targetOf } from '../support/arrange.ts';
import { DEPTH, times } from '../support/depth.ts';
import { given, type TestInstance, testInstance } from '../support/instance.ts';
import { representing } from '../support/representatives.ts';
import { found, wanted } from '../support/wanted.ts';

// Sample days are in 2027: at the beginning of 2028 nothing of it is in the future.
const clock = fixedClock('2028-01-10T08:00:00.000Z');
let t: TestInstance;
/** Several people of each kind: with one of a role, nobody would be left to decide on their work. */
const people: Actor[] = [];
let engine: Actor;
let systems: string[] = [];
const CAST: readonly Role[][] = [
  ['topManagement'],
  ['designatedManagement'],
  ['aimsManager'],
  ['contributor'],
  ['auditor'],
  ['reader'],
  ['topManagement', 'aimsManager'],
  ['designatedManagement', 'auditor'],
  ['contributor', 'auditor'],
  ['aimsManager'],
];

beforeAll(async () => {
  t = await testInstance({ clock });
  // What works by itself would be taken for what a step left behind.
  await t.concerns.stop();
  await t.emergencies.stop();
  engine = engineActor(t.organisation);
  const { id, slug } = t.organisation;
  for (const [i, roles] of CAST.entries()) {
    const { ref } = await given(t, 'person', { name: `Person ${i}`, roles });
    people.push({
      organisation: id,
      organisationSlug: slug,
      kind: 'person',
      ref,
      name: `Person ${i}`,
      roles,
    });
  }
  const who = (i: number) => people[i % people.length]!.ref;
  for (const i of [0, 3])
    systems.push(
      (
        await given(t, 'aiSystem', {
          name: `S${i}`,
          purpose: 'x',
          owner: who(i),
          approver: who(i + 1),
          oversight: who(i + 2),
        })
      ).ref,
    );
  systems = [...systems].sort();
});
afterAll(() => t.close());

const asking = (actor: Actor): Asking => ({ actor, reauthenticate: async () => true });

/** What a step of a walk may be. Numbers choose among what there is at that moment. */
interface Step {
  kind: 'create' | 'edit' | 'transit' | 'help' | 'clock';
  who: number;
  record: number;
  which: number;
  /** Which fields are set, which cleared. */
  set: number;
  clear: number;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'create',
    'edit',
    'edit',
    'transit',
    'transit',
    'help',
    'help',
    'help',
    'help',
    'clock',
  ),
  who: fc.nat(1000),
  record: fc.nat(1000),
  which: fc.nat(1000),
  set: fc.nat(2 ** 30),
  clear: fc.nat(2 ** 30),
});

/**
 * Steps that no walk gets to, and states that only they lead to: the gate is asked in the write that puts a release into use, and lets none of those through
 * that a walk makes; what says that something was done is shown by records that no walk makes. `shipping.test.ts` and `shown.test.ts` are about them.
 */
const BEYOND: Readonly<Record<string, { steps: readonly string[]; states: readonly string[] }>> = {
  release: { steps: ['ship', 'rollBack'], states: ['shipped', 'rolledBack'] },
  ...Object.fromEntries(
    registry.all.flatMap((r) => {
      const shown = Object.entries(r.transitions).filter(([, s]) => s.shown);
      const others = Object.values(r.transitions).filter((s) => !s.shown);
      const states = shown.map(([, s]) => s.to).filter((s) => !others.some((o) => o.to === s));
      return shown.length > 0 ? [[r.name, { steps: shown.map(([name]) => name), states }]] : [];
    }),
  ),
};
const stepsOf = (r: Register) => Object.keys(r.transitions).filter((n) => !BEYOND[r.name]?.steps.includes(n));
const statesOf = (r: Register) => r.states.filter((s) => !BEYOND[r.name]?.states.includes(s));

/** The walk of one register: its records, what was reached, and who worked on what, as the test itself saw it. */
class Walk {
  readonly register: Register;
  readonly refs: string[] = [];
  readonly reached = new Set<string>();
  readonly taken = new Map<string, number>();
  readonly authors = new Map<string, Set<string>>();
  readonly codes = new Map<string, number>();
  walks = 0;
  done = 0;
  refused = 0;
  ownWork = 0;
  private seed = 0;

  constructor(register: Register) {
    this.register = register;
  }

  /** Every state was reached, every transition taken. */
  get everywhere(): boolean {
    const { register } = this;
    return this.reached.size === statesOf(register).length && this.taken.size === stepsOf(register).length;
  }

  async step(s: Step): Promise<void> {
    const { register } = this;
    const ref = this.refs[s.record % Math.max(1, this.refs.length)];
    const actor = people[s.who % people.length]!;
    if (s.kind === 'clock') return void clock.advance((1 + (s.which % 70)) * 86_400_000 + s.set);
    if (s.kind === 'create' || ref === undefined) return this.create(byPeople(register) ? actor : engine, s);
    if (s.kind === 'edit') return void (await this.edit(actor, ref, await this.change(s)));
    const names = Object.keys(register.transitions);
    if (names.length === 0) return;
    if (s.kind === 'help') return this.help(s);
    const name = names[s.which % names.length]!;
    const t_ = register.transitions[name]!;
    // Sometimes with values and reasons, sometimes without.
    await this.transit(actor, ref, name, {
      ...(s.set % 3 === 0 ? { values: await this.change(s) } : found(t_)),
      ...(s.set % 5 > 0 ? { reason: 'because' } : {}),
      ...(s.set % 7 > 0 ? { until: dayFrom(t, 30) } : {}),
    });
  }

  /** A value for every field that people may fill, anew each time. */
  private async sample(): Promise<Record<string, unknown>> {
    this.seed += 1;
    const { register, seed } = this;
    const body = sampleFields(t, register, seed);
    const someone = (n: number) => people[(seed + n) % people.length]!.ref;
    Object.entries(register.fields).forEach(([name, f], i) => {
      if (f.kind === 'person' && name in body) body[name] = someone(i);
      if (f.kind === 'people' && name in body) body[name] = [someone(i), someone(i + 1)];
    });
    // A comment stays beside its record.
    if (register.name === 'comment') body.subject = systems[0];
    if (register.name === 'person')
      Object.assign(body, { email: `walker.${seed}@acme.example`, roles: ['reader'] });
    for (const [name, l] of Object.entries(register.links)) {
      if (l.engine) continue;
      // A link to the register itself leads to what walks there: these could go in circles.
      const own = this.refs[(seed * 7) % Math.max(1, this.refs.length)];
      body[name] = [
        l.to === 'aiSystem' ? systems[seed % 2] : l.to === register.name && own ? own : await linkable(l.to),
      ];
    }
    return body;
  }

  /** An edit: some fields set, some cleared, now and then one to what it can never be. */
  private async change(s: Step): Promise<Record<string, unknown>> {
    const body = await this.sample();
    const out: Record<string, unknown> = {};
    Object.keys(body).forEach((name, i) => {
      if ((s.clear >> (i % 30)) & (s.clear >> ((i + 7) % 30)) & 1)
        out[name] = this.register.links[name] ? [] : null;
      else if ((s.set >> (i % 30)) & 1) out[name] = body[name];
    });
    if (s.which % 29 === 0) out[Object.keys(body)[0] ?? 'x'] = { never: 'this' };
    return out;
  }

  private async create(actor: Actor, s: Step): Promise<void> {
    const { register } = this;
    const all = byPeople(register) ? await this.sample() : {};
    // Mostly without what can wait, so that steps have something to ask for.
    const input = Object.fromEntries(
      Object.entries(all).filter(([n], i) => {
        const needed = register.fields[n]?.required || (register.links[n]?.min ?? 0) > 0;
        return needed || (s.set >> (i % 30)) & 1;
      }),
    );
    const a = await this.attempt(register.permissions.create, actor, undefined, () =>
      createRecord(t.app, asking(actor), register, input),
    );
    if (!a) return;
    expect([a.state, a.version]).toEqual([register.states[0], 1]);
    this.refs.push(a.ref);
    this.authors.set(a.ref, new Set([actor.ref]));
  }

  private async edit(actor: Actor, ref: string, body: Record<string, unknown>): Promise<boolean> {
    const { register } = this;
    const before = await read(register, ref);
    const a = await this.attempt(register.permissions.edit, actor, before, () =>
      editRecord(t.app, asking(actor), register, ref, body),
    );
    if (!a) return false;
    expect(a.state, `${ref}: an edit moved it`).toBe(before.state);
    if (a.version === before.version) return true;
    expect(register.locked, `${ref} was edited although it is ${before.state}`).not.toContain(before.state);
    expect(a.version).toBe(before.version + 1);
    this.authors.get(ref)!.add(actor.ref);
    return true;
  }

  private async transit(
    actor: Actor,
    ref: string,
    name: string,
    input: Record<string, unknown>,
  ): Promise<boolean> {
    const { register } = this;
    const step = register.transitions[name]!;
    const before = await read(register, ref);
    const a = await this.attempt(asList(step.by), actor, before, () =>
      transitRecord(t.app, asking(actor), register, ref, name, input),
    );
    if (!a) return false;
    expect(asList(step.from), `${ref}: ${name} from ${before.state}`).toContain(before.state);
    const many = Math.max(step.quorum ?? 1, step.order?.length ?? 1) > 1;
    expect(many ? [step.to, before.state] : [step.to], `${ref}: ${name}`).toContain(a.state);
    expect(a.version).toBe(before.version + 1);
    if (step.separate) {
      expect(this.authors.get(ref)!.has(actor.ref), `${ref}: ${actor.ref} decided on their own work`).toBe(
        false,
      );
    }
    if (step.reason) expect(String(input.reason ?? '').length).toBeGreaterThan(0);
    if (!step.decision && !asList(step.by).every((w) => w === 'engine'))
      this.authors.get(ref)!.add(actor.ref);
    if (a.state === step.to) this.taken.set(name, (this.taken.get(name) ?? 0) + 1);
    return true;
  }

  /**
   * Does one thing and looks at what came of it. Done: the record is in a state of its register with everything that state demands, and every
   * version has its one entry. Refused: with a code of the 400s and a sentence that helps; and nothing has changed.
   */
  private async attempt(
    who: readonly Who[],
    actor: Actor,
    before: StoredWithRelations | undefined,
    deed: () => Promise<{ record: { ref: string } }>,
  ): Promise<StoredWithRelations | undefined> {
    const { register } = this;
    const was = known ?? (await counts());
    known = was;
    try {
      const { record } = await deed();
      this.done += 1;
      const now = await counts();
      known = now;
      expect(now.entries, `${record.ref}: versions and entries`).toBe(now.versions);
      const after = await read(register, record.ref);
      expect(register.states).toContain(after.state);
      this.reached.add(after.state);
      for (const name of demandedIn(register).get(after.state)!)
        expect(filled(after, name), `${record.ref} is ${after.state} without ${name}`).toBe(true);
      return after;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.refused += 1;
      this.codes.set(error.code, (this.codes.get(error.code) ?? 0) + 1);
      expect(error.status, error.message).toBeGreaterThanOrEqual(400);
      expect(error.status, error.message).toBeLessThan(500);
      expect(error.message.length).toBeGreaterThan(15);
      const may = admittedAs(actor, who, before?.relations);
      if (!may) {
        // Whoever may not is told who may, unless what they sent was no input at all.
        expect(['NOT_ALLOWED', 'INVALID'], error.message).toContain(error.code);
        if (error.code === 'NOT_ALLOWED') expect(error.message).toContain(whoText(who, register.whoLabels));
      }
      if (error.code === 'REQUIREMENTS_MISSING' || error.code === 'INVALID')
        expect(error.problems.length, error.message).toBeGreaterThan(0);
      expect(await counts(), `${error.message} left something`).toEqual(was);
      if (before) expect(await read(register, before.ref)).toEqual(before);
      return undefined;
    }
  }

  /** Takes the next step on the shortest way to the transition that was taken least, with everything it needs, by somebody who may. */
  private async help(s: Step): Promise<void> {
    const { register } = this;
    const all = Object.entries(register.transitions).filter(([n]) => stepsOf(register).includes(n));
    const times = ([name]: [string, Transition]) => this.taken.get(name) ?? 0;
    const least = all.toSorted(
      (a, b) => times(a) - times(b) || ((a[0].length * s.which) % 7) - ((b[0].length * s.which) % 7),
    )[0]!;
    const records = await Promise.all(this.refs.slice(-12).map((ref) => read(register, ref)));
    const ways = records.flatMap((r) => {
      const way = wayTo(register, r.state, least[0]);
      return way ? [{ r, way }] : [];
    });
    const best = ways.toSorted((a, b) => a.way.length - b.way.length)[0];
    if (!best) return this.create(byPeople(register) ? people[6]! : engine, s);
    await this.arranged(best.r, best.way[0]!);
  }

  /** Arranges what a step needs, by the ways people have, and takes it. */
  private async arranged(record: StoredWithRelations, name: string): Promise<void> {
    const { register } = this;
    const { ref } = record;
    const step = register.transitions[name]!;
    const sample = await this.sample();
    const missing = (step.requires ?? []).filter((n) => !filled(record, n) && !step.finds?.includes(n));
    const more: Record<string, unknown> = {
      ...Object.fromEntries(missing.map((n) => [n, sample[n]])),
      ...(await wanted(t, `${register.name}.${name}`)),
    };
    known = undefined;
    // What only the engine writes, the steps themselves have written here.
    for (const n of Object.keys(more)) if (register.fields[n]?.engine) delete more[n];
    const differs = Object.keys(more).some(
      (n) => JSON.stringify(record.values[n] ?? record.links[n]) !== JSON.stringify(more[n]),
    );
    if (differs && !register.locked.includes(record.state)) {
      const editor = this.admitted(register.permissions.edit, record);
      for (const actor of editor) if (await this.edit(actor, ref, more)) break;
    }
    await HELP[`${register.name}.${name}`]?.(ref, this);
    known = undefined;
    const now = await read(register, ref);
    const body = {
      ...found(step),
      reason: 'because',
      ...(step.until ? { until: dayFrom(t, 30) } : {}),
    };
    if (asList(step.by).every((w) => w === 'engine')) {
      await this.transit(engine, ref, name, body);
      return;
    }
    // Somebody who may but for having worked on it tries first.
    const own = this.admitted(asList(step.by), now).find((a) => this.authors.get(ref)!.has(a.ref));
    if (step.separate && own) {
      expect(await this.transit(own, ref, name, body), `${ref}: ${own.ref} decided on their own work`).toBe(
        false,
      );
      this.ownWork += 1;
    }
    const able = this.admitted(asList(step.by), now).filter(
      (a) => !step.separate || !this.authors.get(ref)!.has(a.ref),
    );
    for (const actor of able) if (await this.transit(actor, ref, name, body)) return;
    // Everybody who could has worked on it, or a rule stands in the way: a new record may fare better.
    await this.create(byPeople(register) ? people[this.done % people.length]! : engine, {
      kind: 'create',
      who: 0,
      record: 0,
      which: 0,
      set: this.done * 7919,
      clear: 0,
    });
  }

  private admitted(who: readonly Who[], record: StoredWithRelations): Actor[] {
    const able = people.filter((a) => admittedAs(a, who, record.relations) !== undefined);
    const turn = this.done % Math.max(1, able.length);
    return [...able.slice(turn), ...able.slice(0, turn)];
  }
}

/** What a rule wants that lies outside the record. */
const HELP: Readonly<Record<string, (ref: string, walk: Walk) => Promise<void>>> = {
  'action.confirm': async (ref) => {
    const { values } = await read(registry.get('action'), ref);
    clock.advance((1 + Number(values.exposureDays ?? 0)) * 86_400_000);
  },
};

const filled = (r: StoredWithRelations, name: string): boolean => {
  const v = r.values[name] ?? r.links[name];
  return Array.isArray(v) ? v.length > 0 : v !== undefined && v !== null && v !== '';
};

async function read(register: Register, ref: string): Promise<StoredWithRelations> {
  const [rows] = await t.app.db.run(t.organisation.id, [readStatement(register, ref)]);
  return toStoredWithRelations(rows![0]!);
}

/** What was counted last; undefined once something was arranged. Counting it anew before each of thousands of steps took half the time. */
let known: Record<string, number> | undefined;

/** A record to link to; arranging it is no step of a walk. */
async function linkable(register: string): Promise<string> {
  const ref = await targetOf(t, register);
  if (!linked.has(ref)) known = undefined;
  linked.add(ref);
  return ref;
}
const linked = new Set<string>();

/** All that a write may touch; an entry waits or has its place. */
async function counts(): Promise<Record<string, number>> {
  const [row] = await t.app.db.asOwner({
    text: `select (select count(*)::int from record) as records, (select count(*)::int from version) as versions,
      (select count(*)::int from content) as contents, (select count(*)::int from link) as links,
      (select count(*)::int from leaf where record_id is not null) + (select count(*)::int from outbox where record_id is not null)
        as entries`,
    name: 'walk-counts',
  });
  return row as Record<string, number>;
}

/** Names of transitions, the last being `goal`, that lead there from a state; the fewest. */
function wayTo(register: Register, state: string, goal: string): string[] | undefined {
  const all = Object.entries(register.transitions);
  const ways = new Map<string, string[]>([[state, []]]);
  for (const [from, way] of ways)
    for (const [name, step] of all) {
      if (!asList(step.from).includes(from)) continue;
      if (name === goal) return [...way, name];
      if (!ways.has(step.to)) ways.set(step.to, [...way, name]);
    }
  return undefined;
}

const walked: Walk[] = [];
const closely = representing(registry.all, 'people', 3);

test.each(registry.all.map((r) => [r.name, r] as const))(
  '%s: whoever does whatever in whichever order, it is where its declaration lets it be',
  async (_, register) => {
    const walk = new Walk(register);
    walked.push(walk);
    const transitions = Object.keys(register.transitions).length;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 12, maxLength: 16, size: 'max' }), async (steps) => {
        // Where another register stands for this one, it is enough to have been everywhere.
        if (walk.everywhere && walk.walks >= (closely.has(register.name) ? times(3) : 1)) return;
        walk.walks += 1;
        for (const s of steps) await walk.step(s);
        await t.app.sequencer.settle(t.organisation.id);
        const [gaps] = await t.app.db.asOwner({
          text: `select count(*)::int as n from version v full join (select * from leaf where record_id is not null) l
            on l.organisation = v.organisation and l.record_id = v.record_id and l.version = v.version
            where l.index is null or v.record_id is null`,
        });
        expect(gaps!.n).toBe(0);
      }),
      {
        // Long workflows need more walks until each of their steps was taken; those that are left then are not walked.
        numRuns: DEPTH * (2 + Math.ceil(transitions * (transitions < 8 ? 1.5 : 2))),
        seed: 20 + registry.all.indexOf(register),
        endOnFailure: true,
      },
    );
    expect([...walk.reached].sort(), `refused: ${JSON.stringify([...walk.codes])}`).toEqual(
      [...statesOf(register)].sort(),
    );
    const never = stepsOf(register).filter((n) => !walk.taken.has(n));
    expect(never, 'transitions never taken').toEqual([]);
    expect(walk.done).toBeGreaterThan(transitions);
  },
);

test('the walks did and were refused much, for every kind of reason', () => {
  expect(walked.length).toBe(registry.all.length);
  expect(walked.reduce((n, w) => n + w.done, 0)).toBeGreaterThan(500);
  expect(walked.reduce((n, w) => n + w.refused, 0)).toBeGreaterThan(500);
  expect(walked.reduce((n, w) => n + w.ownWork, 0)).toBeGreaterThan(30);
  const codes = new Set(walked.flatMap((w) => [...w.codes.keys()]));
  for (const code of ['NOT_ALLOWED', 'OWN_WORK', 'WRONG_STATE', 'REQUIREMENTS_MISSING', 'INVALID'])
    expect(codes).toContain(code);
});
