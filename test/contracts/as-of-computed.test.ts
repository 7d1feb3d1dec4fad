import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SoaStatement } from '../../src/answers/risk.ts';
import type { App, Asking } from '../../src/app/context.ts';
import { erase } from '../../src/app/erasure/erasure.ts';
import type { Query } from '../../src/app/read/as-of.ts';
import { atPoint, readThenBy, standAt } from '../../src/app/read/earlier-state.ts';
import { readEffects } from '../../src/app/release/effects.ts';
import { previewGate } from '../../src/app/release/gate.ts';
import { readRequirements } from '../../src/app/release/requirements.ts';
import { readTriggers } from '../../src/app/risk/impact-triggers.ts';
import { readMatrix } from '../../src/app/risk/matrix.ts';
import { readEstimated, readQuantified } from '../../src/app/risk/money.ts';
import { readStanding } from '../../src/app/risk/standing.ts';
import { readStatement, statementCsv } from '../../src/app/risk/statement-of-applicability.ts';
import { editRecord, transitRecord } from '../../src/app/write/commit.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { loadDemo } from '../../src/demo/index.ts';
import { closedTo } from '../../src/register/closed.ts';
import type { Actor, Role } from '../../src/register/who.ts';
import { registers } from '../../src/registers/index.ts';
import { KNOWN_THEN } from '../../src/store/facts/earlier-state.ts';
import { readManyStatement, toStored, valuesOf } from '../../src/store/records/records.ts';
import { sampleInput, targetOf } from '../support/arrange.ts';
import { everyNth } from '../support/depth.ts';
import { given, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What is computed, asked of an earlier state: the demo grows, its answers are kept at several sizes, and asked again when all of it has happened. */

const BEGINNING = '2026-10-05T07:00:00.000Z';
const clock = fixedClock(BEGINNING);

interface Kept {
  size: number;
  who: string;
  what: string;
  answer: unknown;
}

let t: TestInstance;
let organisation = 0;
const kept: Kept[] = [];
const points = new Map<number, string>();

/** Somebody who reads everything, and somebody who may not read every register. */
const asking = (who: string): Asking => ({
  actor: {
    organisation,
    organisationSlug: 'demo',
    kind: who === 'key' ? 'apiKey' : 'person',
    ref: who === 'key' ? 'KEY-0999' : 'PSN-0999',
    name: who,
    roles: [(who === 'key' ? 'reader' : 'aimsManager') satisfies Role],
  },
});

/** The application as a request of theirs gets it. */
const seenBy = (ask: Asking): App => ({
  ...t.app,
  db: t.app.db.as(ask.actor.ref, closedTo(t.app.registry, ask.actor)),
});

const READERS: Record<string, (app: App, ask: Asking, ref: string) => Promise<object>> = {
  statement: (app, ask) => readStatement(app, ask),
  csv: async (app, ask) => ({ csv: statementCsv(await readStatement(app, ask)) }),
  matrix: (app, ask) => readMatrix(app, ask, { basis: 'now' }),
  before: (app, ask) => readMatrix(app, ask, { basis: 'before' }),
  standing: (app, ask, ref) => readStanding(app, ask, ref),
  matrixOfSystem: (app, ask, ref) => readMatrix(app, ask, { basis: 'now', system: ref }),
  // What is made of them is pure, and takes long.
  portfolio: async (app, ask) => ({ risks: (await readEstimated(app, ask, undefined)).risks }),
  money: (app, ask, ref) => readQuantified(app, ask, ref),
  triggers: (app, ask, ref) => readTriggers(app, ask, ref),
  requirements: (app, ask, ref) => readRequirements(app, ask, ref),
  gate: (app, ask, ref) => previewGate(app, ask, ref),
  effects: (app, ask, ref) => readEffects(app, ask, t.app.registry.ofRef(ref)!, ref, 200),
};

const OF: Record<string, readonly string[]> = {
  [registers.risk.name]: ['standing', 'money'],
  [registers.impactAssessment.name]: ['triggers'],
  [registers.aiSystem.name]: ['requirements', 'effects', 'matrixOfSystem'],
  [registers.release.name]: ['gate'],
  [registers.component.name]: ['effects'],
  [registers.change.name]: ['effects'],
};

/** Every question that can be asked now: `standing RSK-0001`. */
async function questions(): Promise<string[]> {
  const [rows] = await t.app.db.run(organisation, [
    {
      text: 'select ref, register from record where register = any($1) order by ref',
      values: [Object.keys(OF)],
    },
  ]);
  return [
    ...['statement', 'csv', 'matrix', 'before', 'portfolio'].map((r) => `${r} -`),
    ...rows!.flatMap((r) => OF[String(r.register)]!.map((reader) => `${reader} ${String(r.ref)}`)),
  ];
}

const answer = async (app: App, ask: Asking, what: string): Promise<object> => {
  const [reader, ref] = what.split(' ') as [string, string];
  // What cannot be answered is an answer, too: a release without a system, a number that is not there yet.
  return READERS[reader]!(app, ask, ref).catch((e: Error) => ({ refused: e.message }));
};

async function keep(): Promise<void> {
  const { size } = await t.app.sequencer.settle(organisation);
  const [row] = await t.app.db.asOwner({
    text: 'select at from checkpoint where organisation = $1 and size = $2',
    values: [organisation, size],
  });
  points.set(size, (row!.at as Date).toISOString());
  const all = await questions();
  const readerOf = (what: string) => what.split(' ')[0]!;
  for (const [i, what] of all.entries()) {
    const who = what.startsWith('effects') && i % 3 === 0 ? 'key' : 'manager';
    // Of each reader every few questions, others at each point; at least one.
    const same = all.filter((other) => readerOf(other) === readerOf(what));
    const each = Math.min(everyNth(10), same.length);
    if (!what.includes('atri') && (same.indexOf(what) + points.size) % each !== 0) continue;
    kept.push({ size, who, what, answer: await answer(seenBy(asking(who)), asking(who), what) });
  }
}

beforeAll(async () => {
  t = await testInstance({ clock });
  let steps = 0;
  await loadDemo(t.app, join(ROOT, 'demo'), () => {}, {
    clock,
    step: async ({ id }) => {
      organisation = id;
      steps += 1;
      if (steps % 55 === 0) await keep();
    },
  });
  await keep();
  // All estimates of the demo come at once.
  clock.advance(60_000);
  const ask = asking('manager');
  for (const r of (await readEstimated(seenBy(ask), ask, undefined)).risks.filter((r) => r.values.lossHigh))
    await editRecord(seenBy(ask), ask, t.app.registry.of(registers.risk), r.ref, {
      lossHigh: r.values.lossHigh! * 2,
    });
  await t.app.sequencer.settle(organisation);
}, 180_000);
afterAll(() => t.close());

test('what was answered while the organisation grew is what is answered of these sizes and times when all has happened', async () => {
  expect(points.size).toBeGreaterThan(3);
  const asked = new Map<string, number>();
  const changed = new Set<string>();
  for (const [i, k] of kept.entries()) {
    const point = i % 2 === 0 ? String(k.size) : points.get(k.size)!;
    const ask = asking(k.who);
    const { asOf, erased, ...then } = await readThenBy(seenBy(ask), ask, point, (app) =>
      answer(app, ask, k.what),
    );
    expect([asOf.size, erased], `${k.what} as of ${point}`).toEqual([k.size, []]);
    expect(then, `${k.what} as of ${point}, asked by ${k.who}`).toEqual(k.answer);
    asked.set(k.what.split(' ')[0]!, (asked.get(k.what.split(' ')[0]!) ?? 0) + 1);
    if (
      !changed.has(k.what.split(' ')[0]!) &&
      JSON.stringify(await answer(seenBy(ask), ask, k.what)) !== JSON.stringify(k.answer)
    )
      changed.add(k.what.split(' ')[0]!);
  }
  // It looked at every reader, and each answers something else at the end.
  expect([...asked.keys()].sort()).toEqual(Object.keys(READERS).sort());
  expect([...changed].sort()).toEqual(Object.keys(READERS).sort());
});

test('what the gate recorded when it decided is what it is told to have said of the log that it saw', async () => {
  const [rows] = await t.app.db.run(organisation, [
    {
      text: `select d."values", r.ref as release from record d join link l on l.organisation = d.organisation and l.from_id = d.id
          join record r on r.organisation = l.organisation and r.id = l.to_id where d.register = $1 order by d.number`,
      values: [registers.gateDecision.name],
    },
  ]);
  const verdicts = new Set<string>();
  for (const row of rows!) {
    const said = valuesOf(registers.gateDecision)(row.values);
    const ask = asking('manager');
    const then = await readThenBy(seenBy(ask), ask, String(said.logSize), (app) =>
      previewGate(app, ask, String(row.release)),
    );
    const where = `${String(row.release)} at ${said.logSize}`;
    expect([then.verdict, then.riskClass, then.subject, then.basis], where).toEqual([
      said.verdict,
      said.riskClass,
      said.subjectDigest,
      said.basis ?? then.basis,
    ]);
    expect(
      then.checks.map((c) => [c.id, c.status]),
      where,
    ).toEqual(said.checks?.map((c) => [c.id, c.status]));
    verdicts.add(then.verdict);
  }
  expect([...verdicts].sort()).toEqual(['allow', 'refuse']);
});

describe('nothing of today is told', () => {
  const at = <T>(body: (ask: Query, query: Query) => Promise<T>) =>
    atPoint(t.app, organisation, String([...points.keys()][0]), async (query, point) =>
      body((await standAt(t.app, organisation, query, t.app.registry.all, point)).ask, query),
    );

  /** What each of these statements is refused with, or nothing. */
  const refusals = (texts: readonly string[]) =>
    at(async (ask, query) => {
      const out: string[] = [];
      for (const text of texts) {
        await query({ text: 'savepoint before' });
        out.push(
          await ask({ text }).then(
            () => '',
            (e: Error) => e.message,
          ),
        );
        await query({ text: 'rollback to savepoint before' });
      }
      return out;
    });

  test('of every table of the database only those whose earlier state is known can be read', async () => {
    const rows = await t.app.db.asOwner({
      text: `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'v', 'p', 'm')`,
    });
    const tables = rows.map((r) => String(r.name));
    expect(tables.length).toBeGreaterThan(25);
    expect(tables).toEqual(expect.arrayContaining([...KNOWN_THEN, 'standing', 'use_finding', 'membership']));
    const refused = await refusals(tables.map((table) => `select count(*) from ${table}`));
    expect(tables.filter((_, i) => refused[i] === '').sort()).toEqual([...KNOWN_THEN].sort());
    for (const [i, table] of tables.entries())
      if (refused[i] !== '') expect(refused[i], table).toContain('not known of an earlier state');
    for (const why of await refusals(tables.map((table) => `select count(*) from public.${table}`)))
      expect(why).toContain('names a present table');
  });

  test('nor is a function asked that looks at the present tables', async () => {
    const rows = await t.app.db.asOwner({
      text: `select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'`,
    });
    const names = new Set(rows.map((r) => String(r.name)));
    const timeless = ['present_organisation', 'present_actor', 'prefix_of', 'instant_text'];
    expect([...names]).toEqual(expect.arrayContaining([...timeless, 'search_records', 'links_below']));
    const others = [...names].filter((name) => !timeless.includes(name));
    for (const [i, why] of (await refusals(others.map((name) => `select ${name}()`))).entries())
      expect(why, others[i]).toContain('not known of an earlier state');
  });

  test('tables hold what was entered before the point, and nothing else', async () => {
    const [size] = points.keys();
    const [row] = await at((ask) =>
      ask({
        text: `select (select count(*)::int from leaf) as leaves, (select max(size)::int from checkpoint) as checked,
      (select size::int from log) as size, (select count(*)::int from version) as versions, (select count(*)::int from record) as records,
      (select count(*)::int from record r where not exists (select from version v where v.record_id = r.id and v.version = r.version
        and v.state = r.state)) as otherwise, (select count(*)::int from link l where not exists (select from record r where r.id = l.from_id)) as loose,
      (select count(*)::int from content c where not exists (select from version v where v.record_id = c.record_id and v.version = c.version)) as parts`,
      }),
    );
    const [then] = await t.app.db.asOwner({
      text: `select count(*)::int as versions, count(distinct record_id)::int as records from leaf where organisation = $1 and index < $2 and record_id is not null`,
      values: [organisation, size],
    });
    expect(row).toEqual({ leaves: size, checked: size, size, ...then, otherwise: 0, loose: 0, parts: 0 });
  });

  test('it is read by one person, at the time of the point, and nothing of it stays', async () => {
    const [size] = points.keys();
    const ask = asking('manager');
    await readThenBy(seenBy(ask), ask, String(size), async (app) => {
      expect(app.clock.now().toISOString()).toBe(points.get(size!));
      expect(() => app.db.as('')).toThrow('by one person');
      return {};
    });
    const left = await t.app.db.asOwner({
      text: `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname like 'pg_temp%' and c.relkind in ('r', 'v')`,
    });
    expect(left).toEqual([]);
  });
});

test('hidden records and closed registers stay so, changed since or not', async () => {
  const ann = await t.person('Ann', ['aimsManager']);
  const bob = await t.person('Bob', ['aimsManager']);
  const cid = await t.person('Cid', ['contributor']);
  const register = t.app.registry.of(registers.concern);
  const body = {
    ...(await sampleInput(t, register, 1, 'required')),
    about: [bob.ref],
    systems: [await targetOf(t, 'aiSystem')],
  };
  const made: string[] = [];
  for (let i = 0; i < 2; i++) made.push((await given(t, register.name, body)).ref);
  const { size } = await t.app.sequencer.settle(t.organisation.id);
  const edited = await ann.ask('PATCH', `concern/${made[0]}`, { owner: ann.ref });
  expect(edited.status, edited.text).toBe(200);
  await given(t, register.name, body);
  await t.app.sequencer.settle(t.organisation.id);
  const sees = async (who: Visitor, roles: readonly Role[]) => {
    const actor: Actor = {
      organisation: t.organisation.id,
      organisationSlug: t.organisation.slug,
      kind: 'person',
      ref: who.ref,
      name: who.name,
      roles,
    };
    return atPoint(seenBy({ actor }), t.organisation.id, String(size), async (query, point) => {
      const { ask } = await standAt(seenBy({ actor }), t.organisation.id, query, t.app.registry.all, point);
      const refs = async (text: string) => (await ask({ text, values: [register.name] })).map((r) => r.ref);
      return [
        await refs('select ref from record where register = $1 order by ref'),
        await refs(
          `select distinct f.ref from link l join record f on f.id = l.from_id where l.from_register = $1 order by 1`,
        ),
      ];
    });
  };
  expect(await sees(ann, ['aimsManager'])).toEqual([made, made]);
  expect(await sees(bob, ['aimsManager'])).toEqual([[], []]);
  expect(await sees(cid, ['contributor'])).toEqual([[], []]);
});

test('what was erased since is named, and whether its decision counted is left open', async () => {
  const ask: Asking = { ...asking('manager'), reauthenticate: async () => true };
  const control = t.app.registry.of(registers.control);
  const at = String(Math.max(...points.keys()));
  const linesOf = (s: SoaStatement) => s.groups.flatMap((g) => g.lines);
  const before = await readThenBy(seenBy(ask), ask, at, (app) => readStatement(app, ask));
  const line = linesOf(before).find((l) => l.standing === 'current' && l.why !== null)!;
  const ref = line.ref!;
  const [own] = await t.app.db.run(organisation, [readManyStatement([ref])]);
  const { version } = toStored(own![0]!);
  await transitRecord(seenBy(ask), ask, control, ref, 'revise', { values: {}, reason: 'Looked at again.' });
  await editRecord(seenBy(ask), ask, control, ref, { implementation: 'Carried out otherwise.' });
  await erase(seenBy(ask), ask, {
    kind: 'parts',
    ref,
    versions: [1, version],
    groups: ['text'],
    basis: 'other.law',
    reason: 'Asked for.',
  });
  await t.app.sequencer.settle(organisation);
  const after = await readThenBy(seenBy(ask), ask, at, (app) => readStatement(app, ask));
  expect(after.erased).toEqual([{ ref, register: control.name, parts: ['text'] }]);
  expect(before.erased).toEqual([]);
  const now = linesOf(after).find((l) => l.ref === ref)!;
  expect([now.why, now.standing, now.state]).toEqual([null, null, line.state]);
  expect(statementCsv(after)).toContain('Erased since');
  expect(
    statementCsv(after)
      .split('\n')
      .filter((l) => l.includes(',text')).length,
  ).toBe(1);
  // All other lines are as they were.
  const others = (s: SoaStatement) => linesOf(s).filter((l) => l.ref !== ref);
  expect(others(after)).toEqual(others(before));
  const risks = await readThenBy(seenBy(ask), ask, at, (app) => readMatrix(app, ask, { basis: 'now' }));
  expect(risks.erased).toEqual(after.erased);
});

test('nor is it told whether a decision counted that covers what was erased since', async () => {
  const ask: Asking = { ...asking('manager'), reauthenticate: async () => true };
  const component = t.app.registry.of(registers.component);
  const at = String(Math.max(...points.keys()));
  const stands = async () =>
    (await readThenBy(seenBy(ask), ask, at, (app) => readStatement(app, ask))).groups
      .flatMap((g) => g.lines)
      .flatMap((l) => (l.standing === null || !l.ref ? [] : [l.ref]));
  const before = await stands();
  const [rows] = await t.app.db.run(organisation, [
    {
      text: `select c.ref, c.version, array_agg(distinct s.ref) as lines from record c join link l on l.from_id = c.id and l.name = 'systems'
        join link k on k.to_id = l.to_id and k.name = 'systems' join record s on s.id = k.from_id and s.ref = any($1)
        where c.register = $2 and c.state = 'current' group by 1, 2 order by 1 limit 1`,
      values: [before, component.name],
    },
  ]);
  const { ref, version, lines } = rows![0]! as { ref: string; version: number; lines: string[] };
  await editRecord(seenBy(ask), ask, component, ref, { name: 'Called otherwise since' });
  expect(await stands()).toEqual(before);
  await erase(seenBy(ask), ask, {
    kind: 'parts',
    ref,
    versions: [1, version],
    groups: ['values'],
    basis: 'other.law',
    reason: 'Asked for.',
  });
  await t.app.sequencer.settle(organisation);
  expect(lines.length).toBeGreaterThan(0);
  expect(await stands()).toEqual(before.filter((l) => !lines.includes(l)));
});

test('nor does the gate say that what was erased since had changed, or that tests were of something else', async () => {
  const ask: Asking = { ...asking('manager'), reauthenticate: async () => true };
  const component = t.app.registry.of(registers.component);
  const [rows] = await t.app.db.run(organisation, [
    {
      text: `select d."values"->>'logSize' as size, r.ref as release, c.ref, c.version from record d join link l on l.from_id = d.id and l.name = 'release'
          join record r on r.id = l.to_id join link k on k.from_id = r.id and k.name = 'components' join record c on c.id = k.to_id
        where d.register = $1 and d."values"->>'verdict' = 'allow' and c.state = 'current' order by d.number desc limit 1`,
      values: [registers.gateDecision.name],
    },
  ]);
  const { size, release, ref, version } = rows![0]! as {
    size: string;
    release: string;
    ref: string;
    version: number;
  };
  const told = async () => {
    const { checks } = await readThenBy(seenBy(ask), ask, size, (app) => previewGate(app, ask, release));
    return checks.map((c) => ({ ...c, messages: c.reasons.map((r) => r.message) }));
  };
  const changed = ['gate.deciding.stale', 'gate.tests.otherContent', 'gate.tests.noneRun'];
  const saying = (checks: Awaited<ReturnType<typeof told>>, messages: readonly string[]) =>
    checks.flatMap((c) => c.messages.filter((m) => messages.includes(m)));
  const speaking = async () => {
    const { items } = await readThenBy(seenBy(ask), ask, size, (app) =>
      readEffects(app, ask, component, ref, 200),
    );
    return items.map((i) => `${i.ref} ${i.status} ${i.because.map((b) => b.ref)}`);
  };
  const spoke = await speaking();
  const before = await told();
  expect(before.every((c) => c.status === 'passed')).toBe(true);
  await editRecord(seenBy(ask), ask, component, ref, { name: 'Called otherwise since' });
  await erase(seenBy(ask), ask, {
    kind: 'parts',
    ref,
    versions: [1, version],
    groups: ['values'],
    basis: 'other.law',
    reason: 'Asked for.',
  });
  await t.app.sequencer.settle(organisation);
  const after = await told();
  expect(saying(after, changed)).toEqual(saying(before, changed));
  for (const message of ['gate.deciding.incomparable', 'gate.tests.incomparable'])
    expect(saying(after, [message]), message).not.toEqual([]);
  // Nor do effects say that it made anything stale.
  expect(spoke.some((s) => s.includes('current'))).toBe(true);
  const speaks = await speaking();
  expect(speaks.filter((s) => !spoke.includes(s))).toEqual([]);
  expect(speaks.length).toBeLessThan(spoke.length);
  // Neither is anything known to be wrong: it cannot be told.
  const checked = (id: string) => after.find((c) => c.id === id)!.status;
  expect(['people', 'tests'].map(checked)).toEqual(['missing', 'missing']);
});
