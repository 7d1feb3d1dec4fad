import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asking } from '../../src/app/context.ts';
import { erase } from '../../src/app/erasure/erasure.ts';
import { rotateKey } from '../../src/app/log/log-admin.ts';
import { beginNewLog } from '../../src/app/log/new-log.ts';
import { findOrganisation } from '../../src/app/people/organisations.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { DEPTH } from '../support/depth.ts';
import { FAULTS, type Fault, Faulty } from '../support/faulty.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { expectWholeLog, keptOutside } from '../support/whole-log.ts';

/**
 * Every statement that a deed sends is made to fail: a commit in each way, any other in one of them, which differ from one statement to the
 * next, and one that was sent before in the same words not again; with greater depth each of them in each way. Which statements there are is
 * observed, not written down. Afterwards nothing is there by half, doing it again goes through, and the log fits together.
 */

const clock = fixedClock('2027-03-01T10:00:00.000Z');
let t: TestInstance;
let ada: Visitor;
let ask: Asking;
let faulty: Faulty;

beforeAll(async () => {
  t = await testInstance({ clock });
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  const actor = await t.app.identity.identify({ cookie: ada.headers.cookie }, 'acme');
  if (!actor) throw new Error('nobody is signed in');
  ask = { actor, reauthenticate: async () => true };
  // Whatever works beside the deed would be struck in its place.
  await t.quiet();
  await t.app.sequencer.settle(t.organisation.id);
  faulty = new Faulty(t.app.db.pool);
});
afterAll(() => t?.close());

const id = () => t.organisation.id;
const settle = () => t.app.sequencer.settle(id());

/** Everything that a deed may leave behind, counted when all of it has its place. */
type Counts = Record<string, number>;
async function counts(): Promise<Counts> {
  await settle();
  const [row] = await t.app.db.asOwner({
    text: `select (select count(*)::int from record where organisation = $1) as records,
      (select count(*)::int from version where organisation = $1) as versions,
      (select count(*)::int from content where organisation = $1) as contents,
      (select count(*)::int from secret where organisation = $1) as secrets,
      (select count(*)::int from leaf where organisation = $1 and record_id is not null) as leaves,
      (select count(*)::int from leaf where organisation = $1 and record_id is null
        and convert_from(entry, 'UTF8')::jsonb->>'about' = 'snapshot')
        as snapshots,
      (select count(*)::int from leaf where organisation = $1 and record_id is null
        and convert_from(entry, 'UTF8')::jsonb->>'about' is distinct from 'snapshot') as notes,
      (select count(*)::int from log_key where organisation = $1) as keys,
      (select number from log where organisation = $1) as logs,
      (select count(*)::int from outbox where organisation = $1) as waiting`,
    values: [id()],
  });
  const [log] = await t.app.db.asOwner({
    text: 'select checkpoint from log where organisation = $1',
    values: [id()],
  });
  expect(keptOutside(t)).toBe(log!.checkpoint);
  return row as Counts;
}

const difference = (after: Counts, before: Counts): Counts =>
  Object.fromEntries(
    Object.keys(after).flatMap((name) =>
      after[name] === before[name] ? [] : [[name, after[name]! - before[name]!]],
    ),
  );

/**
 * What is done to which statement. Whether the connection lives, and whether the statement was carried out, differ from one statement to the
 * next.
 */
function strikes(statements: readonly string[]): { fault: Fault; step: number }[] {
  const struck = (text: string, i: number, way: number) =>
    text === 'commit' || (statements.indexOf(text) === i && i % FAULTS.length === way);
  return FAULTS.flatMap((fault, way) =>
    statements.flatMap((text, i) => (DEPTH > 1 || struck(text, i, way) ? [{ fault, step: i + 1 }] : [])),
  );
}

interface Deed {
  /** What must stand before it; nothing of it is made to fail. Answers `nothing` when it stores nothing. */
  arrange?: () => Promise<unknown>;
  act: () => Promise<unknown>;
  /** What it leaves behind, snapshots aside. */
  leaves: Counts;
  /** The same request again is known to be the same: it is repeated also when it was stored. */
  known?: boolean;
}

/** The law of this file, for one deed. Answers how many times it failed and was stored all the same. */
async function everyStep(deed: Deed): Promise<{ statements: string[]; kept: number }> {
  // What is looked up once only is not sent again: the second time shows what every later time sends.
  await deed.arrange?.();
  await deed.act();
  await deed.arrange?.();
  const start = await counts();
  const statements = await faulty.observed(deed.act);
  expect(statements.length).toBeGreaterThan(3);
  const { snapshots: _, ...once } = difference(await counts(), start);
  expect(once).toEqual(deed.leaves);
  let rounds = 0;
  let kept = 0;
  // Counting costs more than the deed: what was counted last still holds when nothing was stored since.
  let last = await counts();
  const counted = async () => {
    last = await counts();
    return last;
  };
  for (const { fault, step } of strikes(statements)) {
    rounds += 1;
    const about = `${fault} at statement ${step}, ${statements[step - 1]!.slice(0, 80)}`;
    const idle = !deed.arrange || (await deed.arrange()) === 'nothing';
    const before = idle ? last : await counted();
    const failed = await faulty.struckAt(step, fault, deed.act);
    // The work may end a statement earlier than it did.
    if (faulty.missed) {
      expect(failed, about).toBeUndefined();
      expect(step, about).toBeGreaterThanOrEqual(statements.length - 1);
      await counted();
      continue;
    }
    const { snapshots: __, ...left } = difference(await counted(), before);
    const stored = Object.keys(left).length > 0;
    if (stored) expect(left, about).toEqual(deed.leaves);
    if (!failed) expect(stored, `${about}: acknowledged and lost`).toBe(true);
    if (failed && stored) kept += 1;
    if (!stored || deed.known) {
      await deed.act();
      const { snapshots: ___, ...again } = difference(await counted(), before);
      expect(again, `${about}, again`).toEqual(deed.leaves);
    }
  }
  expect(rounds).toBeGreaterThan(new Set(statements).size);
  await expectWholeLog(t);
  return { statements, kept };
}

let n = 0;
const hazard = () => given(t, 'hazard', { code: `F-${n++}`, title: 'x', severity: 'low' });

test('a record is written', { timeout: 300_000 }, async () => {
  let code = '';
  const { statements, kept } = await everyStep({
    arrange: async () => {
      code = `W-${n++}`;
      return 'nothing';
    },
    act: async () => {
      const body = { code, title: 'x', severity: 'low' };
      const done = await ada.ask('POST', 'hazard', body, { 'idempotency-key': code });
      if (done.status >= 300) throw new Error(`${done.status} ${done.text}`);
    },
    leaves: await (async () => {
      const before = await counts();
      await hazard();
      return difference(await counts(), before);
    })(),
    known: true,
  });
  expect(statements.filter((s) => s.includes('write_records'))).toHaveLength(1);
  // A commit that was carried out and whose answer was not: on a broken connection and on one that lives; besides, in a
  // pipeline everything was sent before the first answer.
  expect(kept).toBeGreaterThanOrEqual(2);
});

test('a batch of the sequencer, without a snapshot', { timeout: 300_000 }, async () => {
  await expectBatches(async () => {}, 0);
});

test('a batch of the sequencer on a new day: exactly one snapshot comes first', {
  timeout: 300_000,
}, async () => {
  await expectBatches(async () => clock.advance(86_400_000), 1);
});

/** As `everyStep`, for what gives places: the entries stand already, and every one must be placed once. */
async function expectBatches(arrange: () => Promise<void>, snapshots: number): Promise<void> {
  await counts();
  const ready = async () => {
    const before = await counts();
    await arrange();
    await hazard();
    return before;
  };
  await ready();
  await settle();
  await ready();
  const statements = await faulty.observed(settle);
  expect(statements.filter((s) => s.startsWith('insert into leaf'))).toHaveLength(1);
  expect(statements.filter((s) => s.startsWith('insert into checkpoint'))).toHaveLength(1);
  expect(statements.filter((s) => s.includes('distinct on (record_id)'))).toHaveLength(snapshots);
  let rounds = 0;
  for (const { fault, step } of strikes(statements)) {
    rounds += 1;
    const about = `${fault} at statement ${step}, ${statements[step - 1]!.slice(0, 80)}`;
    const before = await ready();
    const failed = await faulty.struckAt(step, fault, settle);
    if (faulty.missed) {
      expect(step, about).toBeGreaterThanOrEqual(statements.length - 1);
      continue;
    }
    // How statements are planned is told on the way, and nobody waits for the answer.
    const unheard =
      fault === 'refused, done' && statements[step - 1]!.includes("set_config('plan_cache_mode'");
    if (!unheard) expect(failed, about).toBeInstanceOf(Error);
    const after = await counts();
    expect(
      [after.leaves! - before.leaves!, after.snapshots! - before.snapshots!, after.waiting],
      about,
    ).toEqual([1, snapshots, 0]);
  }
  expect(rounds).toBeGreaterThan(new Set(statements).size);
  await expectWholeLog(t);
}

test('parts of a record are erased', { timeout: 300_000 }, async () => {
  let ref = '';
  const groups = ['actor' as const];
  const act = () =>
    erase(t.app, ask, { kind: 'parts', ref, groups, basis: 'gdpr.17.1.a', reason: 'no longer needed' });
  const arrange = async () => {
    ref = (await hazard()).ref;
  };
  await arrange();
  const before = await counts();
  await act();
  const leaves = difference(await counts(), before);
  expect(leaves).toMatchObject({ records: 1, leaves: 1, notes: 1 });
  const { statements } = await everyStep({ arrange, act, leaves });
  expect(statements.filter((s) => s.includes('erase_parts'))).toHaveLength(1);
});

test('the key of the log is changed', { timeout: 300_000 }, async () => {
  // The overlap ends before the next change: else every checkpoint would be signed by all keys there ever were.
  const arrange = async () => clock.advance(2 * 86_400_000);
  const act = () => rotateKey(t.app, ask, t.organisation, { overlapDays: 1 });
  const leaves = { records: 1, versions: 1, contents: 2, secrets: 2, leaves: 1, notes: 1, keys: 1 };
  const { statements, kept } = await everyStep({ arrange, act, leaves });
  expect(statements.filter((s) => s.startsWith('insert into log_key'))).toHaveLength(1);
  expect(kept).toBeGreaterThan(0);
});

test('a new log is begun', { timeout: 300_000 }, async () => {
  const act = async () => {
    const organisation = await findOrganisation(t.app, 'acme');
    await beginNewLog(t.app, ask, organisation!, { because: 'compromised', reason: 'the key was copied' });
  };
  const leaves = { records: 1, versions: 1, contents: 3, secrets: 3, leaves: 1, notes: 1, keys: 1, logs: 1 };
  const { statements, kept } = await everyStep({ act, leaves });
  expect(statements.filter((s) => s.includes('begin_log'))).toHaveLength(1);
  expect(kept).toBeGreaterThan(0);
});

test('a new log is begun because the key is lost', { timeout: 300_000 }, async () => {
  const arrange = async () => {
    const [key] = await t.app.db.asOwner({
      text: 'select k.name from log_key k join log l on l.organisation = k.organisation and l.number = k.log where l.organisation = $1 and k.until is null',
      values: [id()],
    });
    rmSync(join(t.dataDir, 'keys', `${key!.name}.pem`), { force: true });
  };
  const act = async () => {
    const organisation = await findOrganisation(t.app, 'acme');
    await beginNewLog(t.app, ask, organisation!, { because: 'keyLost', reason: 'no backup' });
  };
  // One note more: it names the key.
  const leaves = { records: 1, versions: 1, contents: 3, secrets: 3, leaves: 1, notes: 2, keys: 1, logs: 1 };
  const { statements, kept } = await everyStep({ arrange, act, leaves });
  expect(statements.filter((s) => s.includes('begin_log'))).toHaveLength(1);
  expect(kept).toBeGreaterThan(0);
});
