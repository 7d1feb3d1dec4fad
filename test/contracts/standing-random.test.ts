import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Instance } from '../../src/instance.ts';
import type { Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { standing } from '../support/arrange.ts';
import { times } from '../support/depth.ts';
import {
  PASSWORD,
  type TestApp,
  type TestInstance,
  testInstance,
  type Visitor,
} from '../support/instance.ts';
import {
  allKept,
  dayOf,
  decided,
  forgetKept,
  keptNow,
  rewritten,
  standingWork,
} from '../support/kept-standing.ts';

/**
 * Whatever several people change at once, in two processes, while both keep: what is kept is what computing it all from nothing gives, and my work says the
 * same at every moment in between.
 */

const WRITERS = 4;
const CHANGES = times(60);

let t: TestInstance;
let second: Instance & { app: TestApp; as(who: Visitor): Visitor };
let ada: Visitor;
const people: { who: Visitor; roles: Role[] }[] = [];
const systems: string[] = [];
const parts: string[] = [];
const subjects: string[] = [];
let seed = 0;

/** What rests on decisions, with the state it rests in, and by which kind. */
const RESTING = [
  ['risk', 'accepted', 'accept'],
  ['riskAssessment', 'approved', 'approve'],
  ['impactAssessment', 'approved', 'approve'],
  ['control', 'implemented', 'approve'],
  ['control', 'excluded', 'waive'],
  ['drill', 'verified', 'approve'],
  ['process', 'approved', 'approve'],
] as const;

/** Numbers that look random and are the same in every run. */
function repeatable(from: number): (below: number) => number {
  let s = from >>> 0;
  return (below) => {
    s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}

beforeAll(async () => {
  t = await testInstance();
  second = await t.again(registry);
  const person = async (name: string, roles: Role[]) => {
    const who = await t.person(name, roles);
    people.push({ who, roles });
    return who;
  };
  ada = await person('Ada', ['topManagement', 'aimsManager']);
  await person('Dan', ['designatedManagement']);
  await person('Cleo', ['contributor']);
  await person('Rea', ['reader']);
  for (let i = 0; i < 4; i++) systems.push(await put('aiSystem', 'inScope', { owner: owner(i) }));
  for (let i = 0; i < 8; i++)
    parts.push(await put('component', 'current', { kind: 'model', systems: [systems[i % 4]!] }));
  for (let i = 0; i < 14; i++) await makeSubject(repeatable(i));
});
afterAll(async () => {
  await second?.close();
  await t?.close();
});

const owner = (n: number): string => people[n % people.length]!.who.ref;

function put(register: string, state: string, more: Record<string, unknown>): Promise<string> {
  seed += 1;
  return standing(t, registry.get(register), state, seed, { more });
}

async function makeSubject(pick: (n: number) => number): Promise<void> {
  const [register, state, kind] = RESTING[pick(RESTING.length)]!;
  const links = registry.get(register).links.systems ? { systems: [systems[pick(4)]!] } : {};
  const ref = await put(register, state, { owner: owner(pick(9)), ...links });
  if (pick(3) > 0) await decided(t, ref, { kind, ...end(pick) });
  subjects.push(ref);
}

const end = (pick: (n: number) => number) => ({
  ...(pick(2) ? { until: dayOf(t, pick(120) - 20) } : {}),
  manner: pick(4) === 0 ? 'alone' : 'single',
  old: pick(6) === 0,
});

const some = (all: readonly string[], pick: (n: number) => number): string[] => [
  ...new Set(Array.from({ length: pick(3) }, () => all[pick(all.length)]!)),
];

/** One change of one of the kinds there are; true when it was written. */
async function change(pick: (n: number) => number, on: { app: TestApp }): Promise<boolean> {
  const part = parts[pick(parts.length)]!;
  const subject = subjects[pick(subjects.length)]!;
  const register = registry.ofRef(subject)!;
  switch (pick(11)) {
    case 0:
      return rewritten(t, part, { values: { name: `Part ${pick(4)}` } }, on);
    case 1:
    case 2:
      return rewritten(t, part, { links: { systems: some(systems, pick) } }, on);
    case 3:
      return rewritten(t, part, { values: { kind: ['model', 'prompt', 'tool'][pick(3)] } }, on);
    case 4:
      return rewritten(t, part, { state: ['current', 'retired'][pick(2)] }, on);
    case 5:
      return rewritten(t, systems[pick(4)]!, { values: { purpose: `Purpose ${pick(3)}` } }, on);
    case 6: {
      const kind = RESTING.find(([name]) => name === register.name)![2];
      await decided(t, subject, { kind: pick(5) ? kind : 'refuse', ...end(pick) }, on);
      return true;
    }
    case 7:
      return rewritten(t, subject, { state: register.states[pick(register.states.length)]! }, on);
    case 8:
      return rewritten(
        t,
        subject,
        register.links.systems
          ? { links: { systems: [systems[pick(4)]!] } }
          : { values: { [register.title]: `Name ${pick(3)}` } },
        on,
      );
    case 9:
      parts.push(await put('component', 'current', { kind: 'model', systems: some(systems, pick) }));
      return true;
    default:
      await makeSubject(pick);
      return true;
  }
}

/** My work of everybody, on several days, in both processes. */
async function everybody(days: readonly number[]): Promise<number> {
  let told = 0;
  for (const on of [t, second])
    for (const { who, roles } of people)
      for (const d of days) told += (await standingWork(t, { ref: who.ref, roles }, dayOf(t, d), on)).length;
  return told;
}

/** Waits for both to rest, and finds that what they kept is what there is. */
async function same(): Promise<void> {
  await t.app.sequencer.settle(t.organisation.id);
  for (let done = false; !done; )
    done = (await Promise.all([t, second].map((x) => x.standings.settle(t.organisation.id)))).some(Boolean);
  expect(await keptNow(t)).toEqual({ read: true, touched: 0 });
  const kept = await allKept(t);
  await forgetKept(t);
  for (let done = false; !done; ) done = await t.standings.settle(t.organisation.id);
  expect(kept).toEqual(await allKept(t));
  expect(kept.length).toBeGreaterThan(5);
}

test('several write, two keep, and everybody reads', async () => {
  await same();
  let written = 0;
  const ways = new Set<string>();
  // Everybody looks at somebody's work between their changes, while the others write.
  const writer = async (n: number) => {
    const pick = repeatable(1_000 + n);
    const on = n % 2 ? t : second;
    for (let i = 0; i < CHANGES; i++) {
      if (await change(pick, on)) written += 1;
      if (pick(4) > 0) continue;
      const { who, roles } = people[pick(people.length)]!;
      await standingWork(t, { ref: who.ref, roles }, dayOf(t, pick(90)), on);
      const { read, touched } = await keptNow(t);
      ways.add(`${read ? 'kept' : 'computed'}${touched > 0 ? ' and touched' : ''}`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
  expect(written).toBeGreaterThan(WRITERS * CHANGES * 0.7);
  expect(ways).toContain('kept and touched');
  expect(await everybody([0, 30, 60, 365])).toBeGreaterThan(20);
  await same();
  expect(await everybody([0, 30, 60, 365])).toBeGreaterThan(20);
});

test('after an import, a bulk edit, a departure, an erasure and a new log it is the same', async () => {
  const leaver = await t.person('Leaver', ['contributor']);
  const risk = await put('risk', 'accepted', { owner: leaver.ref, systems: [systems[0]!] });
  await decided(t, risk, { kind: 'accept' });
  await same();
  const csv = `name,kind,systems\nOne,model,${systems[0]}\nTwo,tool,${systems[1]}\n`;
  const open = await Promise.all(
    [1, 2].map((n) =>
      put('risk', 'accepted', { title: `Risk ${n}`, owner: ada.ref, systems: [systems[n]!] }),
    ),
  );
  for (const ref of open) await decided(t, ref, { kind: 'accept', by: people[1]!.who.ref });
  await same();
  const act = { basis: 'gdpr.17.1.a', reason: 'asked', password: PASSWORD };
  const deeds: [string, unknown, Record<string, string>?][] = [
    ['component/import?format=csv', csv, { 'content-type': 'text/csv' }],
    ['risk/bulk', { refs: open, values: { scenario: 'Another one' } }],
    [`person/${leaver.ref}/depart`, { successor: ada.ref, keys: 'revoke' }],
    ['erasure', { ...act, kind: 'person', ref: leaver.ref }],
    ['log/new', { because: 'compromised', reason: 'x', password: PASSWORD }],
  ];
  for (const [path, body, headers] of deeds) {
    const a = await ada.ask('POST', path, body, headers);
    expect(a.status, `${path}: ${a.text}`).toBeLessThan(300);
    expect(await everybody([0, 60]), path).toBeGreaterThan(0);
  }
  await same();
});
