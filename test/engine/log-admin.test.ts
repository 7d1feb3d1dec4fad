import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import {
  auditLog,
  decodeEntry,
  type LogEntry,
  openCheckpoint,
  snapshotRoot,
  verifierFromVkey,
  verifyDisclosure,
  verifyLatest,
} from '../../src/ledger/index.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What the keepers of a log do to it: who reads it, its keys, the log after it; and the snapshots it takes by itself. */

const clock = fixedClock('2026-11-23T10:00:00Z');
let t: TestInstance;
let keeper: Visitor;
let contributor: Visitor;
let id: number;
beforeAll(async () => {
  t = await testInstance({ clock });
  keeper = await t.person('Ada', ['topManagement', 'aimsManager']);
  contributor = await t.person('Bo', ['contributor']);
  id = t.organisation.id;
});
afterAll(() => t?.close());

const settle = () => t.app.sequencer.settle(id);
const add = async (name: string): Promise<string> =>
  (await keeper.ask('POST', 'aiSystem', { name, purpose: 'x', owner: keeper.ref })).body.ref;
const owner = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });
const entriesOf = async (log: number) =>
  (await owner('select entry from leaf where organisation = $1 and log = $2 order by index', [id, log])).map(
    (r) => r.entry as Buffer,
  );
const signedBy = (note: string, vkey: string, origin = t.organisation.origin) =>
  openCheckpoint(note, verifierFromVkey(vkey), origin);
const text = async (path: string) => (await t.stranger.ask('GET', path)).text;

test('only the keepers of the log may touch it, and every wrong body is refused by name', async () => {
  const calls: [string, unknown, string][] = [
    ['log/visibility', { public: false }, '/public'],
    ['log/token', {}, '/withdraw'],
    ['log/rotate-key', { password: PASSWORD }, '/overlapDays'],
    ['log/new', { because: 'compromised', password: PASSWORD }, '/because'],
  ];
  for (const [path, body, field] of calls) {
    expect((await contributor.ask('POST', path, body)).status, path).toBe(403);
    expect((await t.stranger.ask('POST', `/api/v1/acme/${path}`, body)).status, path).toBe(401);
    const wrong = await keeper.ask('POST', path, { [field.slice(1)]: { deep: [] } });
    expect([wrong.status, wrong.body.problems?.[0]?.path], path).toEqual([422, field]);
    const unknown = await keeper.ask('POST', path, { ...(body as object), colour: 'red' });
    expect(unknown.status, path).toBe(422);
  }
  for (const path of ['log/rotate-key', 'log/new']) {
    const body = path === 'log/new' ? { because: 'compromised' } : {};
    expect((await keeper.ask('POST', path, body)).body.detail).toContain('password');
    expect((await keeper.ask('POST', path, { ...body, password: 'wrong' })).status).toBe(403);
  }
  expect((await owner('select count(*)::int as n from log_key where organisation = $1', [id]))[0]!.n).toBe(1);
});

describe('who may read the log', () => {
  test('closing it hides it from strangers, a read token shows it, withdrawing ends that', async () => {
    await settle();
    expect((await t.stranger.ask('GET', '/log/acme/checkpoint')).headers['cache-control']).toBe('no-cache');
    expect((await keeper.ask('POST', 'log/visibility', { public: true })).status).toBe(409);
    expect((await keeper.ask('POST', 'log/visibility', { public: false, reason: 'audit over' })).status).toBe(
      200,
    );
    expect((await t.stranger.ask('GET', '/log/acme/checkpoint')).status).toBe(404);
    const made = (await keeper.ask('POST', 'log/token', { reason: 'for the auditor' })).body;
    expect(made.token).toMatch(/^aimslog_[A-Za-z0-9_-]{43}$/);
    const by = (token: string) => ({ authorization: `Bearer ${token}` });
    for (const path of [
      'checkpoint',
      'vkey',
      'policy',
      'logs',
      'gate.pem',
      'tile/entries/000.p/1',
      'tile/0/000.p/1',
    ]) {
      const seen = await t.stranger.ask('GET', `/log/acme/${path}`, undefined, by(made.token));
      expect([seen.status, seen.headers['cache-control']], path).toEqual([200, 'private, no-store']);
      expect((await t.stranger.ask('GET', `/log/acme/${path}`)).status, path).toBe(404);
      const flipped = `${made.token.slice(0, -1)}${made.token.endsWith('A') ? 'B' : 'A'}`;
      expect((await t.stranger.ask('GET', `/log/acme/${path}`, undefined, by(flipped))).status).toBe(404);
    }
    // The token reads the log and nothing else.
    expect((await t.stranger.ask('GET', '/api/v1/acme/aiSystem', undefined, by(made.token))).status).toBe(
      401,
    );
    expect((await keeper.ask('POST', 'log/token', { withdraw: true })).body.token).toBeUndefined();
    const after = await t.stranger.ask('GET', '/log/acme/checkpoint', undefined, by(made.token));
    expect(after.status).toBe(404);
    expect((await keeper.ask('POST', 'log/visibility', { public: true })).status).toBe(200);
    expect((await t.stranger.ask('GET', '/log/acme/checkpoint')).status).toBe(200);
    const dump = JSON.stringify(await owner('select * from content where organisation = $1', [id]));
    expect(dump).not.toContain(made.token);
    const kinds = (await keeper.ask('GET', 'logChange?sort=number')).body.items.map(
      (r: { values: { kind: string } }) => r.values.kind,
    );
    expect(kinds).toEqual(['closed', 'readToken', 'readToken', 'opened']);
  });
});

describe('the day ends', () => {
  test('the first batch of the next day, or none, brings a snapshot of the newest versions', async () => {
    const ref = await add('Snapped');
    await keeper.ask('PATCH', `aiSystem/${ref}`, { purpose: 'y' });
    const { size } = await settle();
    clock.set('2026-11-24T00:00:01Z');
    // Without a write: the sequencer looks by itself.
    for (let i = 0; i < 100; i++) {
      if ((await settle()).size > size) break;
      await new Promise((r) => setTimeout(r, 50));
    }
    const entries = await entriesOf(1);
    expect(entries.length).toBe(size + 1);
    const last = decodeEntry(entries.at(-1)!) as LogEntry;
    expect(last).toMatchObject({ act: 'note', about: 'snapshot' });
    const rows = await owner(
      `select record_id as id, max(version) as version, (array_agg(digest order by version desc))[1] as digest
        from version where organisation = $1 group by record_id`,
      [id],
    );
    const expected = snapshotRoot(rows as unknown as { id: string; version: number; digest: string }[]);
    expect(last.snapshot).toEqual({ records: expected.records, root: expected.root.toString('base64') });
    const latest = await keeper.ask('GET', `aiSystem/${ref}/proof?latest=true`);
    expect(verifyLatest(latest.text, (await text('/log/acme/vkey')).trim())).toMatchObject({ ok: true });
    expect(latest.body.row).toMatchObject([expect.any(String), 2, expect.stringMatching(/^sha256:/)]);
    const later = await add('Later');
    expect((await settle()).size).toBe(size + 2);
    // It came after the snapshot: proved not to have been there.
    const absent = await keeper.ask('GET', `aiSystem/${later}/proof?latest=true`);
    expect(verifyLatest(absent.text, (await text('/log/acme/vkey')).trim())).toMatchObject({ ok: true });
    expect(absent.body.row).toBeNull();
    const early = await keeper.ask('GET', `aiSystem/${ref}/proof?latest=1`);
    expect([early.status, early.body.detail]).toEqual([404, expect.stringContaining('snapshot')]);
    for (const wrong of ['no', '-1', '1e3', '99999999999999999999', 'true&version=1'])
      expect((await keeper.ask('GET', `aiSystem/${ref}/proof?latest=${wrong}`)).status, wrong).toBe(400);
    const vkey = (await text('/log/acme/vkey')).trim();
    const checkpoint = await text('/log/acme/checkpoint');
    expect(auditLog({ checkpoint, vkey, entries: await entriesOf(1), histories: true })).toMatchObject({
      ok: true,
    });
  });
});

describe('a new key', () => {
  test('both sign for the overlap, the old one signs the entry that names the new one, then it ends', async () => {
    const before = (await text('/log/acme/vkey')).trim();
    const made = await keeper.ask('POST', 'log/rotate-key', {
      overlapDays: 2,
      reason: 'yearly',
      password: PASSWORD,
    });
    expect(made.status, made.text).toBe(200);
    const { vkey } = made.body;
    expect((await text('/log/acme/vkey')).trim()).toBe(vkey);
    expect(vkey).not.toBe(before);
    const note = await text('/log/acme/checkpoint');
    const seen = signedBy(note, before);
    expect(signedBy(note, vkey).size).toBe(seen.size);
    const entries = await entriesOf(1);
    const at = entries.findIndex((e) => (decodeEntry(e) as LogEntry).about === 'key.rotate');
    expect(decodeEntry(entries[at]!)).toMatchObject({ vkey });
    expect(seen.size).toBeGreaterThan(at);
    clock.set('2026-11-27T00:00:01Z');
    const ref = await add('After the overlap');
    await settle();
    const later = await text('/log/acme/checkpoint');
    expect(signedBy(later, vkey).size).toBeGreaterThan(seen.size);
    expect(() => signedBy(later, before)).toThrow(/no signature of a trusted key/);
    const proof = (await keeper.ask('GET', `aiSystem/${ref}/proof`)).text;
    expect(verifyDisclosure(proof, vkey)).toMatchObject({ ok: true });
    expect(verifyDisclosure(proof, before)).toMatchObject({ ok: false });
  });
});

describe('a new log', () => {
  test('nothing is lost: there is no reason for one', async () => {
    const r = await keeper.ask('POST', 'log/new', { because: 'lost', password: PASSWORD });
    expect([r.status, r.body.code]).toEqual([409, 'CONFLICT']);
  });

  test('after a stolen key the log is frozen, and the next one names its last head and takes a snapshot', async () => {
    const old = await add('Before');
    await settle();
    const [head] = await owner('select size, root from log where organisation = $1', [id]);
    const oldKey = (await text('/log/acme/vkey')).trim();
    const made = await keeper.ask('POST', 'log/new', {
      because: 'compromised',
      reason: 'a laptop was stolen',
      password: PASSWORD,
    });
    expect(made.status, made.text).toBe(200);
    expect(made.body.origin).toBe(`${t.organisation.origin}/2`);
    const first = decodeEntry((await entriesOf(2))[0]!) as LogEntry;
    expect(first).toMatchObject({
      act: 'open',
      origin: made.body.origin,
      vkey: made.body.vkey,
      previous: {
        origin: t.organisation.origin,
        size: head!.size,
        root: (head!.root as Buffer).toString('base64'),
        left: { size: head!.size, root: (head!.root as Buffer).toString('base64') },
      },
    });
    // The old log stays where it was, under its old key, and never grows again.
    expect((await text('/log/acme/checkpoint')).split('\n')[1]).toBe(String(head!.size));
    expect((await text('/log/acme/vkey')).trim()).toBe(oldKey);
    expect((await text('/log/acme/2/vkey')).trim()).toBe(made.body.vkey);
    for (let i = 0; i < 100; i++) {
      if (((await settle()).size ?? 0) >= 3) break;
      await new Promise((r) => setTimeout(r, 50));
    }
    const ref = await add('After');
    await keeper.ask('PATCH', `aiSystem/${old}`, { purpose: 'changed in the new log' });
    await settle();
    const entries = await entriesOf(2);
    expect(entries.map((e) => (decodeEntry(e) as LogEntry).about).filter(Boolean)).toEqual([
      'rows.entered',
      'snapshot',
    ]);
    const checkpoint = await text('/log/acme/2/checkpoint');
    expect(auditLog({ checkpoint, vkey: made.body.vkey, entries, histories: true })).toMatchObject({
      ok: true,
    });
    for (const [r, version, key] of [
      [ref, 1, made.body.vkey],
      [old, 2, made.body.vkey],
      [old, 1, oldKey],
    ]) {
      const proof = (await keeper.ask('GET', `aiSystem/${r}/proof?version=${version}`)).text;
      expect(verifyDisclosure(proof, key), `${r} ${version}`).toMatchObject({ ok: true });
    }
    const logs = JSON.parse(await text('/log/acme/logs')).logs;
    expect([logs[0].size, logs[0].root]).toEqual([head!.size, (head!.root as Buffer).toString('base64')]);
    expect(logs.map((l: { open: boolean; path: string }) => [l.open, l.path])).toEqual([
      [false, '/log/acme'],
      [true, '/log/acme/2'],
    ]);
    for (const path of [
      '/log/acme/3/checkpoint',
      '/log/acme/0/checkpoint',
      '/log/acme/x/vkey',
      '/log/acme/99999999999/vkey',
    ])
      expect((await t.stranger.ask('GET', path)).status, path).toBe(404);
  });

  test('the folder of keys holds one file a key, each the one that was published', async () => {
    const keys = await owner('select name, vkey, log from log_key where organisation = $1', [id]);
    expect(new Set(keys.map((k) => k.name)).size).toBe(3);
    for (const k of keys) {
      const origin = k.log === 1 ? t.organisation.origin : `${t.organisation.origin}/2`;
      const signer = await t.app.keys.logSigner(k as { name: string; vkey: string }, origin);
      const signature = await signer.sign(Buffer.from('x\n'));
      expect(signer.verify(Buffer.from('x\n'), signature)).toBe(true);
    }
    // A key put in the place of another is found before anything is signed with it.
    const [a, b] = keys as { name: string; vkey: string }[];
    await expect(
      t.app.keys.logSigner({ name: a!.name, vkey: b!.vkey }, t.organisation.origin),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(
      t.app.keys.logSigner({ name: 'log-none', vkey: b!.vkey }, t.organisation.origin),
    ).rejects.toThrow(/not in the folder of keys/);
  });
});
