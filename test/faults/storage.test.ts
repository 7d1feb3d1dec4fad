import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import { Storage } from '../../src/store/db/storage.ts';
import { PublishedFiles } from '../../src/store/ledger/published.ts';
import { given, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
/** While it is set, the database has no room for statements that hold one of these words. */
let full: RegExp | undefined;
let disk: string | undefined;
const clock = fixedClock('2030-03-01T09:00:00Z');
beforeAll(async () => {
  t = await testInstance({ clock });
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  await given(t, 'aiSystem', { name: 'One', purpose: 'Answers', owner: ada.ref });
  await t.quiet();
  await t.app.sequencer.settle(t.organisation.id);
  withoutRoom(t.app.db.pool);
  const storage = new Storage({
    folder: t.dataDir,
    db: t.app.db,
    clock,
    tryFolder: async () => {
      if (disk) throw Object.assign(new Error(`${disk}: write`), { code: disk, syscall: 'write' });
    },
  });
  // What the server was made with, with a disk that this test fills.
  Object.assign(t.app.storage, { refusal: () => storage.refusal(), note: (e: unknown) => storage.note(e) });
});
afterAll(() => t.close());
beforeEach(() => {
  full = undefined;
  disk = undefined;
  clock.advance(10_000);
});

/** What the server of the database answers when its disk is full. */
function withoutRoom(pool: pg.Pool): void {
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  const known = new WeakSet<object>();
  const ask = async () => {
    const client = await connect();
    if (known.has(client)) return client;
    known.add(client);
    const send = client.query.bind(client) as (...what: unknown[]) => Promise<unknown>;
    const query = (what: string | { text: string }, ...more: unknown[]) =>
      more.length === 0 && full?.test(typeof what === 'string' ? what : what.text)
        ? send(`do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`)
        : send(what, ...more);
    return Object.assign(client, { query });
  };
  Object.assign(pool, {
    connect: (done?: unknown) => (done ? (connect as (f: unknown) => unknown)(done) : ask()),
  });
}

const stored = async () =>
  (
    await t.app.db.asOwner({
      text: `select (select count(*)::int from record) as records, (select count(*)::int from version) as versions,
        (select count(*)::int from content) as contents, (select count(*)::int from link) as links, (select count(*)::int from blob) as blobs,
        (select count(*)::int from leaf) + (select count(*)::int from outbox) as entries, (select count(*)::int from api_key) as keys`,
    })
  )[0];
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) =>
    statSync(join(folder, f)).isFile(),
  );
const health = () => t.stranger.ask('GET', '/healthz');

/** Results of a tool, small and genuine. */
const PROMPTFOO = readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'), 'utf8');

const CSV = 'name,purpose,owner\nTwo,Answers,Ada\nThree,Answers,Ada\n';
const WRITES: Record<string, () => ReturnType<Visitor['ask']>> = {
  create: () => ada.ask('POST', 'aiSystem', { name: 'New', purpose: 'Answers', owner: ada.ref }),
  edit: () => ada.ask('PATCH', 'aiSystem/SYS-0001', { purpose: `Answers at ${clock.now().toISOString()}` }),
  bulk: () => ada.ask('POST', 'aiSystem/bulk', { refs: ['SYS-0001'], values: { purpose: 'In bulk' } }),
  import: () => ada.ask('POST', 'aiSystem/import', CSV),
  invite: () => ada.ask('POST', 'person', { name: 'Bob', email: 'bob@acme.example' }),
  'api key': () => ada.ask('POST', 'apiKey', { label: 'k', role: 'reader', expires: '2030-04-01' }),
};

describe('a database without room', () => {
  test.each(Object.keys(WRITES))(
    'answers %s with STORAGE_FULL, leaves nothing, and takes it again when there is room',
    async (name) => {
      const write = WRITES[name]!;
      const before = await stored();
      full = /write_records/;
      const refused = await write();
      expect([refused.status, refused.body.code], refused.text).toEqual([507, 'STORAGE_FULL']);
      expect(refused.body.detail).toMatch(/Nothing was stored.*disk of the database is full.*make room/);
      expect(await stored()).toEqual(before);
      full = undefined;
      const taken = await write();
      expect(taken.status, taken.text).toBeLessThan(300);
      expect(await stored()).not.toEqual(before);
    },
  );

  test('is not ready until it takes a write again, by itself', async () => {
    expect((await health()).status).toBe(200);
    full = /write_records|room/;
    expect((await WRITES.create!()).status).toBe(507);
    for (let i = 0; i < 2; i++) {
      const h = await health();
      expect([h.status, h.body.code], h.text).toEqual([503, 'UNAVAILABLE']);
      expect(h.body.detail).toMatch(/disk of the database is full/);
    }
    expect((await ada.ask('GET', 'aiSystem')).status).toBe(200);
    full = undefined;
    expect((await health()).body).toEqual({ status: 'ok' });
  });
});

describe('a data folder without room', () => {
  const refusal = (code: string) => Object.assign(new Error(`${code}: write`), { code, syscall: 'write' });

  test.each([
    ['ENOSPC', /disk of the server is full/],
    ['EDQUOT', /quota/],
    ['EROFS', /read-only/],
  ])(
    'with %s: not ready with the reason while it lasts, files refused, nothing left behind',
    async (code, words) => {
      disk = code;
      const h = await health();
      expect([h.status, h.body.detail], h.text).toEqual([503, expect.stringMatching(words)]);
      disk = undefined;
      expect((await health()).status).toBe(200);

      const { blobs } = t.app;
      const stage = blobs.stage.bind(blobs);
      const before = [await stored(), filesBelow(t.dataDir)];
      // The place where the file would go takes it, and refuses its name.
      for (const broken of ['stage', 'keep'] as const) {
        Object.assign(blobs, {
          stage: async (...args: Parameters<typeof stage>) => {
            const staged = await stage(...args);
            if (broken === 'keep') return { ...staged, keep: () => Promise.reject(refusal(code)) };
            await staged.discard();
            throw refusal(code);
          },
        });
        const answer = await ada.ask('POST', 'evidence/add?fileName=y.json', PROMPTFOO);
        expect([answer.status, answer.body.code], `${broken}: ${answer.text}`).toEqual([507, 'STORAGE_FULL']);
      }
      Object.assign(blobs, { stage });
      expect([await stored(), filesBelow(t.dataDir)]).toEqual(before);
    },
  );

  test('keeps no half of a published head', async () => {
    // A folder under the name of the file: the last step, the rename, fails.
    const published = new PublishedFiles(join(t.dataDir, 'keys', 'installation'), async () => 'acme');
    await expect(published.write(1, 'note')).rejects.toThrow();
    expect(filesBelow(join(t.dataDir, 'keys')).filter((f) => /installation\./.test(f))).toEqual([]);
  });
});
