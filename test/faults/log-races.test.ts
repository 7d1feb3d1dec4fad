import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Keys } from '../../src/app/log/keys.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { decodeEntry, type LogEntry, signersOf, signNoteRemotely } from '../../src/ledger/index.ts';
import { type PackVerdict, verifyPack } from '../../src/pack/index.ts';
import { said } from '../../src/pack/testing/verdict.ts';
import { Database, type Statement } from '../../src/store/db/database.ts';
import { Sequencer } from '../../src/store/ledger/sequencer.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What happens to the log while somebody else does something to it: nothing of it may leave a log that an auditor refuses. */

let t: TestInstance;
let ada: Visitor;
let clock: ReturnType<typeof fixedClock>;
const folder = mkdtempSync(join(tmpdir(), 'log-races-'));
beforeEach(async () => {
  clock = fixedClock('2026-11-23T10:00:00Z');
  t = await testInstance({ clock });
  await t.witnesses.stop();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  await settle();
});
afterEach(() => t.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settle = () => t.app.sequencer.settle(t.organisation.id);
const owner = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });
const text = async (path: string) => (await t.stranger.ask('GET', path)).text;
const vkeyOf = async (log = '') => (await text(`/log/acme${log}/vkey`)).trim();
const rotate = () => ada.ask('POST', 'log/rotate-key', { overlapDays: 1, password: PASSWORD });
const begin = (because = 'compromised') => ada.ask('POST', 'log/new', { because, password: PASSWORD });
const add = async (name: string): Promise<string> => {
  const made = await ada.ask('POST', 'aiSystem', { name, purpose: 'x', owner: ada.ref });
  expect(made.status, made.text).toBe(201);
  return made.body.ref;
};
const entriesOf = async (log: number): Promise<LogEntry[]> =>
  (await owner('select entry from leaf where log = $1 order by index', [log])).map(
    (r) => decodeEntry(r.entry as Buffer) as LogEntry,
  );

/** Nothing is placed by itself; the first time something waits for the log to come to rest, `meanwhile` happens right after it. */
async function beside<T>(meanwhile: () => Promise<unknown>, body: () => Promise<T>): Promise<T> {
  const { sequencer } = t.app;
  // What an earlier write woke would still place entries, some milliseconds later.
  const { timers, busy } = sequencer as unknown as {
    timers: Map<number, NodeJS.Timeout>;
    busy: Map<number, Promise<unknown>>;
  };
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  await Promise.allSettled([...busy.values()]);
  let done = false;
  Object.assign(sequencer, {
    wake: () => {},
    settle: async (id: number) => {
      const head = await Sequencer.prototype.settle.call(sequencer, id);
      if (!done) {
        done = true;
        await meanwhile();
      }
      return head;
    },
  });
  try {
    return await body();
  } finally {
    Object.assign(sequencer, { wake: Sequencer.prototype.wake, settle: Sequencer.prototype.settle });
  }
}

/** An audit pack as an auditor checks it. */
async function soundPack(query: string, vkey: string): Promise<PackVerdict> {
  const url = `/api/v1/acme/audit-pack${query}`;
  const r = await t.server.inject({ method: 'GET', url, headers: ada.headers });
  expect(r.statusCode, r.body.slice(0, 300)).toBe(200);
  const path = join(folder, 'pack.zip');
  writeFileSync(path, r.rawPayload);
  const verdict = await verifyPack(path, { vkey });
  expect(said(verdict)).toBe('');
  return verdict;
}

describe('a new log, while', () => {
  test('somebody erases and closes the log: what they say of the old log stands in the new one as that', async () => {
    const ref = await add('One');
    expect((await ada.ask('PATCH', `aiSystem/${ref}`, { purpose: 'y', $reason: 'because' })).status).toBe(
      200,
    );
    await settle();
    const made = await beside(async () => {
      expect((await ada.ask('POST', 'log/visibility', { public: false })).status).toBe(200);
      const body = { kind: 'parts', ref, versions: [2, 2], groups: ['reason'], basis: 'gdpr.17.1.a' };
      const erased = await ada.ask('POST', 'erasure', { ...body, reason: 'asked to', password: PASSWORD });
      expect(erased.status, erased.text).toBe(200);
      // The erasure came to rest before it; its own entry waits.
      expect((await ada.ask('POST', 'log/visibility', { public: true })).status).toBe(200);
    }, begin);
    expect(made.status, made.text).toBe(200);
    await settle();
    const notes = (await entriesOf(2)).filter((e) => e.act === 'note' && e.about !== 'snapshot');
    expect(notes.map((e) => [e.about, e.origin, e.of])).toEqual([
      ['erasure', made.body.origin, t.organisation.origin],
      ['log.public', made.body.origin, undefined],
    ]);
    await soundPack('', made.body.vkey);
  });

  test('others write: it is begun on the head they leave, at the first try of whoever asks', async () => {
    const { db } = t.app;
    let moved = 0;
    Object.assign(db, {
      run: async (id: number, statements: Statement[]) => {
        if (statements.some((s) => s.text.includes('begin_log')) && ++moved <= 3) {
          await add(`Bot ${moved}`);
          await settle();
        }
        return Database.prototype.run.call(db, id, statements);
      },
    });
    const made = await begin();
    expect(moved).toBe(4);
    expect(made.status, made.text).toBe(200);
    await soundPack('', made.body.vkey);
  });

  test('somebody else begins one: there is one', async () => {
    let first: Awaited<ReturnType<typeof begin>> | undefined;
    const second = await beside(async () => {
      first = await begin();
    }, begin);
    expect([first?.status, second.status, second.body.code]).toEqual([200, 409, 'CONFLICT']);
    expect((await owner('select number from log'))[0]!.number).toBe(2);
  });

  test('a key was named and the process ended: the entry that names it is the last of the old log', async () => {
    const old = await vkeyOf();
    const ended = await beside(async () => {
      Object.assign(t.app.sequencer, {
        settle: () => Promise.reject(new Error('the process ended')),
      });
    }, rotate);
    expect(ended.status).toBe(500);
    // The new key has signed nothing yet.
    expect(await vkeyOf()).toBe(old);
    const made = await begin();
    expect(made.status, made.text).toBe(200);
    expect((await entriesOf(1)).at(-1)).toMatchObject({ about: 'key.rotate' });
    expect((await entriesOf(2)).some((e) => e.about === 'key.rotate')).toBe(false);
    await soundPack('', made.body.vkey);
  });

  test('somebody changes the key of the old one: that is refused, and the old one keeps its keys', async () => {
    let made: Awaited<ReturnType<typeof begin>> | undefined;
    const old = await vkeyOf();
    const changed = await beside(async () => {
      // After the rotation read which log is open.
      const { makeLogKey } = t.app.keys;
      Object.assign(t.app.keys, {
        makeLogKey: async (...args: Parameters<typeof makeLogKey>) => {
          Object.assign(t.app.keys, { makeLogKey });
          made = await begin();
          return makeLogKey.apply(t.app.keys, args);
        },
      });
    }, rotate);
    expect(made?.status, made?.text).toBe(200);
    expect([changed.status, changed.body.code]).toEqual([409, 'CONFLICT']);
    expect(await vkeyOf()).toBe(old);
    expect((await owner('select log from log_key order by log')).map((r) => r.log)).toEqual([1, 2]);
    await soundPack('', made!.body.vkey);
  });
});

test('a log of an organisation whose name is a number keeps the name', async () => {
  const org = await t.newOrganisation('2026');
  const eve = await t.person('Eve', ['topManagement'], org);
  await t.app.sequencer.settle(org.id);
  const made = await eve.ask('POST', 'log/new', { because: 'compromised', password: PASSWORD });
  expect([made.status, made.body.origin], made.text).toEqual([200, `${org.origin}/2`]);
});

test('of two processes that make a key at once, both have the one that stays', () => {
  const place = mkdtempSync(join(folder, 'keys-'));
  const [first, second] = [new Keys(place), new Keys(place)];
  const made = (keys: Keys, make: () => string): string => Reflect.get(keys, 'text').call(keys, 'one', make);
  // The first one looked and found none; before it has written its own, the second one makes it.
  const read = made(first, () => {
    expect(made(second, () => 'theirs')).toBe('theirs');
    return 'mine';
  });
  expect([read, readdirSync(place)]).toEqual(['theirs', ['one']]);
});

test('the second entry of a log that continues another is its snapshot', async () => {
  await add('One');
  await settle();
  expect((await begin()).status).toBe(200);
  const entries = await entriesOf(2);
  expect(entries.slice(0, 2).map((e) => [e.act, e.about])).toEqual([
    ['open', 'rows.entered'],
    ['note', 'snapshot'],
  ]);
  expect((await owner('select snapshot_size from log'))[0]!.snapshot_size).toBe(2);
  clock.set('2026-11-24T10:00:00Z');
  await add('Two');
  await settle();
  expect((await entriesOf(2)).filter((e) => e.about === 'snapshot').length).toBe(2);
});

describe('a new key', () => {
  test('named twice at once: one of them signs on', async () => {
    let first: Awaited<ReturnType<typeof rotate>> | undefined;
    const second = await beside(async () => {
      const { makeLogKey } = t.app.keys;
      Object.assign(t.app.keys, {
        makeLogKey: async (...args: Parameters<typeof makeLogKey>) => {
          Object.assign(t.app.keys, { makeLogKey });
          first = await rotate();
          return makeLogKey.apply(t.app.keys, args);
        },
      });
    }, rotate);
    expect([first?.status, second.status]).toEqual([200, 200]);
    const lasting = await owner('select vkey from log_key where until is null');
    expect(lasting.map((r) => r.vkey)).toEqual([second.body.vkey]);
    await soundPack('', second.body.vkey);
  });

  test('is named under the old one, also when that comes after its time', async () => {
    const old = await vkeyOf();
    const { size } = await settle();
    await beside(async () => {
      Object.assign(t.app.sequencer, { settle: () => Promise.reject(new Error('the process ended')) });
    }, rotate);
    clock.set('2026-11-24T10:00:01Z');
    await settle();
    const keys = (await owner('select vkey from log_key order by since')).map((r) => r.vkey as string);
    expect(signersOf(await text('/log/acme/checkpoint'), keys)).toEqual([old, keys[1]]);
    await soundPack('', old);
    await add('One');
    await settle();
    expect(signersOf(await text('/log/acme/checkpoint'), keys)).toEqual([keys[1]]);
    // A state of before is signed by what signed it then.
    await soundPack(`?asOf=${size}`, old);
  });
});

test('a process that refused a log goes on when another one began the next', async () => {
  const id = t.organisation.id;
  const note = await text('/log/acme/checkpoint');
  const head = await settle();
  const key = (await owner('select vkey, name from log_key'))[0] as { vkey: string; name: string };
  const signer = await t.app.keys.logSigner(key, t.organisation.origin);
  const ahead = note.replace(`\n${head.size}\n`, `\n${head.size + 5}\n`).split('\n\n')[0]!;
  const published = await signNoteRemotely(`${ahead}\n`, [signer]);
  writeFileSync(join(t.dataDir, 'published', 'acme'), published);
  const other = await t.again(t.app.registry);
  try {
    await expect(t.app.sequencer.settle(id)).rejects.toThrow(/behind the published log/);
    expect(other.app.sequencer.refusalOf(id)).toMatch(/behind the published log/);
    const made = await begin('lost');
    expect(made.status, made.text).toBe(200);
    for (let i = 0; i < 100 && other.app.sequencer.refusalOf(id); i++)
      await new Promise((r) => setTimeout(r, 50));
    expect(other.app.sequencer.refusalOf(id)).toBeUndefined();
    const pack = await soundPack('', made.body.vkey);
    expect(pack.facts.lost).toEqual([{ log: 1, entries: 5, pinned: true }]);
  } finally {
    await other.close();
  }
});
