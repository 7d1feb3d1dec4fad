import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Asking } from '../../src/app/context.ts';
import { Keys } from '../../src/app/log/keys.ts';
import { rotateKey } from '../../src/app/log/log-admin.ts';
import { beginNewLog } from '../../src/app/log/new-log.ts';
import { findOrganisation } from '../../src/app/people/organisations.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { PublishedFiles, type PublishedHeads } from '../../src/store/ledger/published.ts';
import { Sequencer } from '../../src/store/ledger/sequencer.ts';
import { Faulty } from '../support/faulty.ts';
import { given, type TestInstance, testInstance } from '../support/instance.ts';
import { expectWholeLog, keptOutside } from '../support/whole-log.ts';

/** What goes wrong around the sequencer: clocks, disks, folders of keys, and connections at the worst moment. */

const clock = fixedClock('2027-05-01T10:00:00.000Z');
let t: TestInstance;
let ask: Asking;
let id: number;
let keysThen: string;
let faulty: Faulty;

beforeAll(async () => {
  t = await testInstance({ clock });
  id = t.organisation.id;
  const ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  const actor = await t.app.identity.identify({ cookie: ada.headers.cookie }, 'acme');
  ask = { actor: actor!, reauthenticate: async () => true };
  await t.quiet();
  await t.app.sequencer.settle(id);
  keysThen = mkdtempSync(join(tmpdir(), 'aims-keys-'));
  cpSync(join(t.dataDir, 'keys'), keysThen, { recursive: true });
  faulty = new Faulty(t.app.db.pool);
});
afterAll(async () => {
  rmSync(keysThen, { recursive: true, force: true });
  await t?.close();
});

let said: string[];
const processes: Sequencer[] = [];
beforeEach(() => {
  said = [];
});
afterEach(async () => {
  for (const p of processes.splice(0)) await p.stop();
});

/** Another process on the same database: its own keys, its own way to keep what was published. */
function process(o: { keys?: Keys; published?: PublishedHeads } = {}): Sequencer {
  const keys = o.keys ?? t.app.keys;
  const made = new Sequencer({
    db: t.app.db,
    signerOf: (key, origin) => keys.logSigner(key, origin),
    clock,
    published: o.published ?? files(),
    report: (error) => said.push((error as Error).message),
  });
  processes.push(made);
  return made;
}

const files = () => new PublishedFiles(join(t.dataDir, 'published'), async () => 'acme');

let n = 0;
const write = () => given(t, 'hazard', { code: `T-${n++}`, title: 'x', severity: 'low' });
const one = async (text: string) => (await t.app.db.asOwner({ text, values: [id] }))[0]!;
const openCheckpointOf = async () =>
  (await one('select checkpoint from log where organisation = $1')).checkpoint;
const until = async (check: () => Promise<boolean>) => {
  for (let i = 0; !(await check()); i++) {
    if (i === 400) throw new Error(`it does not come to pass; said: ${said.join('; ')}`);
    await new Promise((r) => setTimeout(r, 25));
  }
};

test('a clock that goes back a little: checkpoints keep their order in time, and there is one snapshot a day', async () => {
  clock.set('2027-05-01T12:00:00.000Z');
  await write();
  await t.app.sequencer.settle(id);
  clock.set('2027-05-01T11:59:55.000Z');
  await write();
  const { size } = await t.app.sequencer.settle(id);
  const newest = await one(
    'select size, at from checkpoint where organisation = $1 order by at desc, log desc, size desc limit 1',
  );
  expect([newest.size, (newest.at as Date).toISOString()]).toEqual([size, '2027-05-01T12:00:00.000Z']);

  const snapshots = async () =>
    (
      await one(`select count(*)::int as n from leaf where organisation = $1
      and convert_from(entry, 'UTF8')::jsonb->>'about' = 'snapshot'`)
    ).n as number;
  const taken = async (at: string) => {
    const before = await snapshots();
    clock.set(at);
    await write();
    await t.app.sequencer.settle(id);
    return (await snapshots()) - before;
  };
  expect(await taken('2027-05-02T10:00:00.000Z')).toBe(1);
  expect(await taken('2027-05-02T10:00:01.000Z')).toBe(0);
  expect(await taken('2027-05-03T00:00:00.000Z')).toBe(1);
  // Back over midnight: none for that day again, and none for going on.
  expect(await taken('2027-05-02T23:59:59.000Z')).toBe(0);
  expect(await taken('2027-05-03T00:00:01.000Z')).toBe(0);
  expect(await taken('2027-05-04T00:00:00.000Z')).toBe(1);
  await expectWholeLog(t);
});

test('a disk that refuses the published file: said, the batch stands, and it is kept as soon as the disk takes it', async () => {
  const disk = files();
  let failing = true;
  const published: PublishedHeads = {
    read: (organisation) => disk.read(organisation),
    write: async (organisation, note) => {
      if (failing) throw new Error('no space left on the disk');
      return disk.write(organisation, note);
    },
  };
  const p = process({ published });
  let told = 0;
  p.onPublished(() => {
    told += 1;
  });
  const before = keptOutside(t);
  const { ref } = await write();
  const { size } = await p.settle(id);
  expect(said).toContain('no space left on the disk');
  expect([keptOutside(t), told]).toEqual([before, 0]);
  expect(
    await one(`select count(*)::int as n from leaf f join record r on r.id = f.record_id
    where f.organisation = $1 and r.ref = '${ref}'`),
  ).toEqual({ n: 1 });
  failing = false;
  // Nobody writes and nobody asks: the process does it by itself.
  await until(async () => keptOutside(t) === (await openCheckpointOf()));
  expect(keptOutside(t)!.split('\n')[1]).toBe(String(size));
  // Told once the name of the file is durable, too.
  await until(async () => told > 0);
  expect(told).toBe(1);
});

test('a connection lost exactly at the commit of a batch: its checkpoint is published without another write', async () => {
  const p = process();
  // The first batch of a process asks what the log says; those after it have as many statements as one another.
  await write();
  await p.settle(id);
  await write();
  const statements = await faulty.observed(() => p.settle(id));
  const commit = statements.indexOf('commit') + 1;
  expect(commit).toBeGreaterThan(8);
  await write();
  const before = keptOutside(t);
  await faulty.struckAt(commit, 'lost, done', async () => {
    p.wake(id);
    await until(async () => said.length > 0);
  });
  expect(said[0]).toMatch(/Connection terminated/);
  expect((await one('select count(*)::int as n from outbox where organisation = $1')).n).toBe(0);
  await until(async () => keptOutside(t) !== before);
  expect(keptOutside(t)).toBe(await openCheckpointOf());
  await expectWholeLog(t);
});

test('a process that ended between commit and publishing: the next one publishes when it starts', async () => {
  const nowhere: PublishedHeads = { read: async () => keptOutside(t), write: async () => false };
  const before = keptOutside(t);
  await write();
  await process({ published: nowhere }).settle(id);
  expect(keptOutside(t)).toBe(before);
  await process().examine();
  expect(keptOutside(t)).toBe(await openCheckpointOf());
  expect(keptOutside(t)).not.toBe(before);
});

test('a process with an older folder of keys says so once and signs nothing; the other goes on', async () => {
  const { vkey } = await rotateKey(t.app, ask, t.organisation, { overlapDays: 30 });
  await write();
  const { size } = (await one('select size from log where organisation = $1')) as { size: number };
  const old = process({ keys: new Keys(keysThen) });
  for (let i = 0; i < 3; i++) {
    old.wake(id);
    await until(async () => said.length > 0);
    await expect(old.settle(id)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /The key log-acme-[0-9a-f]{8} of the log .* is not in the folder of keys/,
      ),
    });
  }
  await new Promise((r) => setTimeout(r, 300));
  expect(said).toHaveLength(1);
  expect((await one('select size from log where organisation = $1')).size).toBe(size);
  expect((await t.app.sequencer.settle(id)).size).toBe(size + 1);
  expect(vkey).toMatch(/^openaims-/);
  // It makes no key in place of the one that it misses, and looks for work again without harm.
  expect((await one('select count(*)::int as n from outbox where organisation = $1')).n).toBe(0);
  await expectWholeLog(t);
});

test('a checkpoint of the log before, kept late by a slow process, does not stop the log', async () => {
  await write();
  await t.app.sequencer.settle(id);
  const late = keptOutside(t)!;
  await write();
  await t.app.sequencer.settle(id);
  await beginNewLog(t.app, ask, (await findOrganisation(t.app, 'acme'))!, { because: 'compromised' });
  await write();
  const { size } = await t.app.sequencer.settle(id);
  expect(await files().write(id, late)).toBe(true);
  const p = process();
  await p.examine();
  await write();
  expect((await p.settle(id)).size).toBe(size + 1);
  expect(said).toEqual([]);
  expect(keptOutside(t)).toBe(await openCheckpointOf());
  // One that nobody of that log can have signed so far is no such checkpoint.
  await files().write(id, late.replace(/\n\d+\n/, '\n999999\n'));
  await expect(process().settle(id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
