import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { decodeEntry } from '../../src/ledger/index.ts';
import { verifyPack } from '../../src/pack/index.ts';
import type { Row } from '../../src/store/db/database.ts';
import { PublishedFiles, type PublishedHeads } from '../../src/store/ledger/published.ts';
import { Sequencer } from '../../src/store/ledger/sequencer.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** A database restored from an old backup must not be signed on: what was published is kept outside it. */

let t: TestInstance;
let manager: Visitor;
let id: number;
beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Ada', ['aimsManager', 'topManagement']);
  id = t.organisation.id;
});
afterAll(() => t?.close());

class Memory implements PublishedHeads {
  note: string | undefined;
  failing = false;
  async read() {
    return this.note;
  }
  async write(_organisation: number, note: string) {
    if (this.failing) throw new Error('the disk is full');
    if (this.note === note) return false;
    this.note = note;
    return true;
  }
}

let said: string[];
beforeEach(() => {
  said = [];
});

/** Ended after each test: one whose disk failed tries again, and would meet the database of another test. */
const processes: Sequencer[] = [];
afterEach(async () => {
  for (const p of processes.splice(0)) await p.stop();
});

/** A process that starts on the present database, with what was kept outside. */
function started(heads: PublishedHeads): Sequencer {
  const sequencer = new Sequencer({
    db: t.app.db,
    signerOf: (key, origin) => t.app.keys.logSigner(key, origin),
    clock: t.app.clock,
    published: heads,
    report: (error) => said.push((error as Error).message),
  });
  processes.push(sequencer);
  return sequencer;
}

const add = async (name: string) =>
  manager.ask('POST', 'aiSystem', { name, purpose: 'x', owner: manager.ref });
const owner = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });

/** The log's tables as they are now; `restore` puts them back, as a backup does. */
async function backup(): Promise<{ size: number; restore(): Promise<void> }> {
  const [log] = await owner('select size, root, checkpoint from log where organisation = $1', [id]);
  const tiles = await owner('select level, index, hashes from tile where organisation = $1', [id]);
  const size = log!.size as number;
  const restore = async () => {
    const client = await t.app.db.ownerPool.connect();
    try {
      // Past the triggers that forbid it: a backup is restored as a superuser.
      await client.query('begin');
      await client.query("set local session_replication_role = 'replica'");
      await client.query('delete from leaf where organisation = $1 and index >= $2', [id, size]);
      await client.query('delete from checkpoint where organisation = $1 and size > $2', [id, size]);
      await client.query('delete from tile where organisation = $1', [id]);
      for (const tile of tiles as Row[])
        await client.query('insert into tile (organisation, level, index, hashes) values ($1, $2, $3, $4)', [
          id,
          tile.level,
          tile.index,
          tile.hashes,
        ]);
      await client.query('update log set size = $2, root = $3, checkpoint = $4 where organisation = $1', [
        id,
        size,
        log!.root,
        log!.checkpoint,
      ]);
      await client.query('commit');
    } finally {
      client.release();
    }
  };
  return { size, restore };
}

test('a normal restart goes on, also when the file is behind or was never written', async () => {
  const heads = new Memory();
  const first = started(heads);
  await add('One');
  await t.app.sequencer.settle(id);
  await first.examine();
  const before = (await t.stranger.ask('GET', '/log/acme/checkpoint')).text;
  expect(heads.note).toBe(before);
  // Entries placed by another process, which ended between commit and keeping the checkpoint.
  await add('Two');
  const { size } = await t.app.sequencer.settle(id);
  expect(Number(before.split('\n')[1])).toBeLessThan(size);
  const second = started(heads);
  await second.examine();
  expect(heads.note).toBe((await t.stranger.ask('GET', '/log/acme/checkpoint')).text);
  expect(await second.settle(id)).toMatchObject({ size });
  expect(said).toEqual([]);
});

test('a checkpoint that cannot be kept is reported, and the batch stands', async () => {
  await t.app.sequencer.settle(id);
  const heads = new Memory();
  heads.failing = true;
  const failing = started(heads);
  const before = (await t.app.sequencer.settle(id)).size;
  // The instance's own sequencer may be first to an entry: then another one is made.
  for (let i = 0; i < 20 && said.length === 0; i++) {
    await owner(
      'insert into outbox (organisation, entry) select $1, entry from leaf where organisation = $1 limit 1',
      [id],
    );
    await failing.settle(id);
  }
  expect(said).toEqual(['the disk is full']);
  expect((await t.app.sequencer.settle(id)).size).toBeGreaterThan(before);
});

test('another history of the same size, or of a smaller one, is refused; so is a file that says nothing', async () => {
  await t.app.sequencer.settle(id);
  const [log] = await owner('select size, checkpoint from log where organisation = $1', [id]);
  const note = log!.checkpoint as string;
  const [, , root] = note.split('\n');
  const other = Buffer.alloc(32, 7).toString('base64');
  for (const size of [log!.size as number, (log!.size as number) - 1]) {
    const heads = new Memory();
    heads.note = note.replace(root!, other).replace(`\n${log!.size}\n`, `\n${size}\n`);
    const s = started(heads);
    await expect(s.settle(id)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`another history than the published log (its first ${size} entries`),
    });
  }
  const empty = new Memory();
  empty.note = '';
  await expect(started(empty).settle(id)).rejects.toThrow(/cannot be read/);
  const foreign = new Memory();
  foreign.note = note.replace(t.organisation.origin, 'elsewhere.example/acme/log1');
  await expect(started(foreign).settle(id)).rejects.toThrow(/is of the log elsewhere\.example/);
});

test('a restored old database refuses to sign, says why, takes no writes, and goes on when the newer one is back', async () => {
  await t.app.sequencer.settle(id);
  const old = await backup();
  await add('Published');
  const { size } = await t.app.sequencer.settle(id);
  const newer = await backup();
  const leaves = await owner('select * from leaf where organisation = $1 and index >= $2', [id, old.size]);
  const notes = await owner('select * from checkpoint where organisation = $1 and size > $2', [id, old.size]);
  await old.restore();
  const why = `the database is behind the published log (size ${old.size}, published ${size}): restore the newer database; if it is lost, continue in a new log (aims log new); see docs/guide/restore.md`;
  await expect(t.app.sequencer.settle(id)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining(why),
  });
  const refused = await add('Never');
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    503,
    'UNAVAILABLE',
    expect.stringContaining(why),
  ]);
  expect((await manager.ask('GET', 'aiSystem')).status).toBe(200);
  const [log] = await owner('select size from log where organisation = $1', [id]);
  expect(log!.size).toBe(old.size);

  // A process that starts now finds it before it serves anything, and says it once.
  const heads = new Memory();
  heads.note = notes.at(-1)!.note as string;
  const restarted = started(heads);
  await restarted.examine();
  expect(() => restarted.demandOpen(id)).toThrow(why);
  // Also when another process was at work in between.
  const other = await t.app.db.ownerPool.connect();
  await other.query('begin');
  await other.query('select pg_advisory_xact_lock(42001, $1)', [id]);
  const settled = restarted.settle(id).catch((error: Error) => error.message);
  await new Promise((r) => setTimeout(r, 150));
  await other.query('commit');
  other.release();
  expect(await settled).toContain(why);
  expect(said).toEqual([expect.stringContaining(why)]);

  // Other organisations go on.
  const beta = await t.newOrganisation('beta');
  expect((await t.app.sequencer.settle(beta.id)).size).toBeGreaterThan(0);

  for (const l of leaves)
    await owner(
      'insert into leaf (organisation, index, entry, hash, record_id, version) values ($1, $2, $3, $4, $5, $6)',
      [id, l.index, l.entry, l.hash, l.record_id, l.version],
    );
  for (const n of notes)
    await owner('insert into checkpoint (organisation, size, note, at) values ($1, $2, $3, $4)', [
      id,
      n.size,
      n.note,
      n.at,
    ]);
  await newer.restore();
  expect((await t.app.sequencer.settle(id)).size).toBe(size);
  expect((await add('Again')).status).toBe(201);
  expect((await t.app.sequencer.settle(id)).size).toBe(size + 1);
});

test('a lost database: a new log names the last published head, and everything goes on in it', async () => {
  await t.app.sequencer.settle(id);
  const old = await backup();
  await add('Lost for good');
  const { size } = await t.app.sequencer.settle(id);
  const note = (await t.stranger.ask('GET', '/log/acme/checkpoint')).text;
  await old.restore();
  // The record rows of a real backup would be older too; the log's are what this is about.
  const client = await t.app.db.ownerPool.connect();
  await client.query("begin; set local session_replication_role = 'replica'");
  for (const table of ['content', 'secret', 'version'])
    await client.query(
      `delete from ${table} v using record r where r.organisation = $1 and r.id = v.record_id and r.title = 'Lost for good'`,
      [id],
    );
  await client.query("delete from record where organisation = $1 and title = 'Lost for good'", [id]);
  await client.query('commit');
  client.release();
  await expect(t.app.sequencer.settle(id)).rejects.toThrow(/aims log new/);
  expect((await add('Refused')).status).toBe(503);
  const compromised = await manager.ask('POST', 'log/new', { because: 'compromised', password: PASSWORD });
  expect(compromised.status).toBe(409);
  const made = await manager.ask('POST', 'log/new', { because: 'lost', reason: 'disk', password: PASSWORD });
  expect(made.status, made.text).toBe(200);
  const [{ left }] = (await owner('select size as left from former_log where organisation = $1', [id])) as [
    { left: number },
  ];
  expect(left).toBeLessThan(size);
  const [first] = await owner('select entry from leaf where organisation = $1 and log = 2 and index = 0', [
    id,
  ]);
  expect(decodeEntry(first!.entry as Buffer)).toMatchObject({
    act: 'open',
    previous: { origin: t.organisation.origin, size, root: note.split('\n')[2], left: { size: left } },
  });
  expect((await add('Goes on')).status).toBe(201);
  expect((await t.app.sequencer.settle(id)).size).toBeGreaterThan(1);
  // The pack shows that the end is lost, and what is left can be checked.
  const r = await t.server.inject({
    method: 'GET',
    url: '/api/v1/acme/audit-pack',
    headers: manager.headers,
  });
  const pack = join(mkdtempSync(join(tmpdir(), 'aims-lost-')), 'pack.zip');
  writeFileSync(pack, r.rawPayload);
  const vkey = (await t.stranger.ask('GET', '/log/acme/2/vkey')).text.trim();
  const verdict = await verifyPack(pack, { vkey });
  expect(verdict.facts.lost).toEqual([{ log: 1, entries: size - left, pinned: true }]);
  expect(verdict.problems.map((p) => p.message).join()).not.toMatch(/are left of/);
  // A process that ended before it kept the first checkpoint of the new log finds the old one's, and goes on as well.
  const heads = new Memory();
  heads.note = note;
  expect((await started(heads).settle(id)).size).toBeGreaterThan(1);
  // Any other head of the old log is another story.
  heads.note = note.replace(`\n${size}\n`, `\n${size + 1}\n`);
  await expect(started(heads).settle(id)).rejects.toThrow(/is of the log/);
});

test('the file is whole, readable by its owner only, and leaves nothing beside it', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'aims-published-')), 'published');
  const files = new PublishedFiles(folder, async () => 'acme');
  expect(await files.read(1)).toBeUndefined();
  await files.write(1, 'first\n');
  await files.write(1, 'second\n');
  expect(await files.read(1)).toBe('second\n');
  expect(readdirSync(folder)).toEqual(['acme']);
  if (process.platform !== 'win32') expect(statSync(join(folder, 'acme')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'acme'), 'utf8')).toBe('second\n');
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder should be');
  await expect(files.write(1, 'third\n')).rejects.toThrow();
});
