import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/testing/run.ts';
import {
  consistencyProof,
  cosignaturesOf,
  cosignedNote,
  cosignerFromKey,
  formatAddCheckpoint,
  formatCheckpoint,
  openCheckpoint,
  signNoteRemotely,
  tilesForConsistency,
  verifierFromVkey,
  witnessFromVkey,
} from '../../src/ledger/index.ts';
import { naiveLeaf, naiveProof, naiveRoot } from '../../src/ledger/testing/reference-tree.ts';
import { tileStore, tilesStatement } from '../../src/store/ledger/tile-rows.ts';
import { type RunningWitness, runWitness } from '../../src/witness/testing/process.ts';
import { given, PASSWORD } from '../support/instance.ts';
import { type Witnessed, witnessed } from '../support/witnessed.ts';

/** An organisation's log and a real witness in a process of its own; and the list of witnesses. */

let w: Witnessed;
const base = mkdtempSync(join(tmpdir(), 'aims-witnessed-'));
beforeAll(async () => {
  w = await witnessed();
});
afterEach(() => w.clear());
afterAll(async () => {
  await w?.close();
  rmSync(base, { recursive: true, force: true });
});

/** Notes about the log that stand in its entries. */
async function notes(): Promise<{ about: string; vkey?: string }[]> {
  await w.t.app.sequencer.settle(w.org);
  const [rows] = await w.t.app.db.run(w.org, [
    {
      text: `select entry from leaf where organisation = (select present_organisation()) and record_id is null
        order by log, index`,
    },
  ]);
  return rows!.map((r) => JSON.parse((r.entry as Buffer).toString('utf8'))).filter((e) => e.act === 'note');
}

describe('a log and a real witness', () => {
  const folder = join(base, 'real');
  let vkey: string;
  let real: RunningWitness;
  beforeAll(async () => {
    vkey = (await run(['witness', 'init', '--data', folder, '--name', 'witness.example'])).out.trim();
    real = await runWitness(folder);
  });
  afterAll(() => real.end('SIGKILL'));

  it('is cosigned from the first checkpoint on, and what is stored holds', async () => {
    expect((await w.add(vkey, real.url)).status).toBe(200);
    await w.grow();
    await w.feed.work(w.org);
    expect((await w.listed()).items).toMatchObject([
      { cosigned: null, problem: expect.stringContaining('does not watch this log') },
    ]);

    const { vkey: log } = await w.head();
    expect((await run(['witness', 'add', '--data', folder, log])).code).toBe(0);
    await w.feed.work(w.org);
    const first = await w.head();
    const lines = await w.cosigned(first.size);
    expect(lines).toHaveLength(1);
    const note = cosignedNote(first.note, lines);
    expect(openCheckpoint(note, verifierFromVkey(log), first.origin).size).toBe(first.size);
    expect(cosignaturesOf(note, [witnessFromVkey(vkey)])).toMatchObject([{ name: 'witness.example' }]);

    let rounds = 0;
    for (const n of [1, 3, 30]) {
      const size = await w.grow(n);
      expect(size).toBeGreaterThan(first.size);
      await w.feed.work(w.org);
      expect(await w.cosigned((await w.head()).size)).toHaveLength(1);
      rounds += 1;
    }
    expect(rounds).toBe(3);
    const now = await w.head();
    const list = await w.listed();
    expect(list).toMatchObject({
      size: now.size,
      items: [{ name: 'witness.example', problem: null, cosigned: { size: now.size } }],
    });
    expect(await (await fetch(real.url)).text()).toContain(`${now.size}\t${now.origin}\n`);
  });

  it('goes on after the witness was killed, and after its answer was lost', async () => {
    expect((await w.add(vkey, real.url)).status).toBe(200);
    await w.grow(2);
    await real.end('SIGKILL');
    await w.feed.work(w.org);
    expect((await w.listed()).items).toMatchObject([
      { problem: expect.stringMatching(/could not be reached: ECONNREFUSED/) },
    ]);
    real = await runWitness(folder, real.port);
    await w.feed.work(w.org);
    const { size, note } = await w.head();
    expect(await w.cosigned(size)).toHaveLength(1);
    // The witness moves on without this server hearing of it: 409, the size, and once more.
    await w.grow(5);
    const later = await w.head();
    const [tiles] = await w.t.app.db.run(w.org, [tilesStatement(tilesForConsistency(size, later.size))]);
    const proof = consistencyProof(size, later.size, tileStore(tiles!));
    const body = formatAddCheckpoint({ old: size, proof, note: later.note });
    expect((await fetch(`${real.url}/add-checkpoint`, { method: 'POST', body })).status).toBe(200);
    expect(await w.cosigned(later.size)).toEqual([]);
    await w.feed.work(w.org);
    expect(await w.cosigned(later.size)).toHaveLength(1);
    expect(note).not.toBe(later.note);
  });

  it('has a rewritten history refused', async () => {
    expect((await w.add(vkey, real.url)).status).toBe(200);
    await w.grow(3);
    await w.feed.work(w.org);
    const { size } = await w.head();
    expect(await w.cosigned(size)).toHaveLength(1);
    await w.grow(2);
    const later = await w.head();
    // Whoever holds the database and the log's key rewrites an entry and signs again.
    const [rows] = await w.t.app.db.run(w.org, [
      { text: 'select entry from leaf where organisation = (select present_organisation()) order by index' },
    ]);
    const leaves = rows!.map((r) => naiveLeaf(r.entry as Buffer));
    leaves[1] = naiveLeaf(Buffer.from('another story'));
    const signer = await w.t.app.keys.logSigner(
      { name: `log-${w.t.organisation.slug}`, vkey: later.vkey },
      later.origin,
    );
    const note = await signNoteRemotely(
      formatCheckpoint({ origin: later.origin, size: leaves.length, root: naiveRoot(leaves) }),
      [signer],
    );
    const body = formatAddCheckpoint({ old: size, proof: naiveProof(size, leaves), note });
    const answer = await fetch(`${real.url}/add-checkpoint`, { method: 'POST', body });
    expect(answer.status).toBe(422);
  });

  it('is told of each checkpoint by the server itself, and shown to everybody', async () => {
    await w.add(vkey, real.url);
    const { t } = w;
    const other = await t.again(t.app.registry);
    const told = (name: string) =>
      given({ ...t, app: other.app }, 'aiSystem', { name, purpose: 'x', owner: w.manager.ref });
    await told('Told 0');
    let note = '';
    let rounds = 0;
    while (cosignaturesOf(note || (await w.head()).note, [witnessFromVkey(vkey)]).length === 0) {
      await new Promise((r) => setTimeout(r, 20));
      // The first process may have been the one to publish it, and its feed is silent here.
      if (++rounds % 50 === 0) await told(`Told ${rounds}`);
      note = (await t.stranger.ask('GET', '/log/acme/checkpoint')).text;
    }
    await other.close();
    const { origin, vkey: log } = await w.head();
    expect(openCheckpoint(note, verifierFromVkey(log), origin).size).toBeGreaterThan(0);
    expect((await w.reader.ask('GET', 'log')).body).toMatchObject({ witnessed: true });
  });

  it('goes on over a change of the key, and begins anew with a new log', async () => {
    await w.add(vkey, real.url);
    const rotated = await w.manager.ask('POST', 'log/rotate-key', { overlapDays: 30, password: PASSWORD });
    expect(rotated.status, rotated.text).toBe(200);
    await w.grow();
    await w.feed.work(w.org);
    expect((await w.listed()).items).toMatchObject([
      { problem: null, cosigned: { size: (await w.head()).size } },
    ]);
    const made = await w.manager.ask('POST', 'log/new', { because: 'compromised', password: PASSWORD });
    expect(made.status, made.text).toBe(200);
    await w.grow();
    await w.feed.work(w.org);
    expect((await w.listed()).items).toMatchObject([
      { cosigned: null, problem: expect.stringContaining('does not watch this log') },
    ]);
    await run(['witness', 'add', '--data', folder, made.body.vkey]);
    await w.feed.work(w.org);
    expect((await w.listed()).items).toMatchObject([
      { problem: null, cosigned: { size: (await w.head()).size } },
    ]);
    expect((await run(['witness', 'list', '--data', folder])).out).toContain(made.body.origin);
  });
});

it('the command line adds, lists and removes witnesses', async () => {
  const url = await w.t.server.listen({ port: 0, host: '127.0.0.1' });
  const home = join(base, 'home');
  const aims = (...args: string[]) => run(args, { home, env: {} });
  const email = 'ada@acme.example';
  const signedIn = await aims(
    'login',
    '--url',
    url,
    '--org',
    'acme',
    '--email',
    email,
    '--password',
    PASSWORD,
  );
  expect(signedIn.code, signedIn.err).toBe(0);
  const { vkey } = cosignerFromKey('cli.example', generateKeyPairSync('ed25519').privateKey);
  const none = await aims('log', 'witness', 'list');
  expect(none.err).toContain('Unwitnessed');
  const added = await aims('log', 'witness', 'add', vkey, 'http://127.0.0.1:1/', '--reason', 'test');
  expect(added).toMatchObject({ code: 0, out: 'cli.example is asked at http://127.0.0.1:1 from now on.\n' });
  const table = await aims('log', 'witness', 'list');
  expect(table.out).toMatch(/cli\.example\s+http:\/\/127\.0\.0\.1:1\s+nothing/);
  const asJson = await aims('log', 'witness', 'list', '--output', 'json');
  expect(JSON.parse(asJson.out).items).toMatchObject([{ vkey }]);
  expect((await aims('log', 'witness', 'add', 'x', url)).code).toBe(2);
  expect((await aims('log', 'witness', 'remove', vkey)).code).toBe(0);
  expect((await aims('log', 'witness', 'remove', vkey)).code).toBe(2);
});

describe('the list of witnesses', () => {
  const key = () => cosignerFromKey('w.example', generateKeyPairSync('ed25519').privateKey).vkey;

  it('is kept by the keepers of the log, with a record and an entry for each change', async () => {
    const vkey = key();
    const body = { vkey, url: 'http://127.0.0.1:1/', reason: 'They asked us.' };
    for (const [who, status] of [
      [w.reader, 403],
      [await w.t.person('Con', ['contributor']), 403],
      [await w.t.key('ci', w.manager), 403],
      [w.t.stranger, 401],
    ] as const)
      expect((await who.ask('POST', 'log/witnesses', body)).status).toBe(status);
    expect((await w.listed()).items).toEqual([]);
    const before = (await notes()).length;
    const top = await w.t.person('Tom', ['topManagement']);
    expect((await top.ask('POST', 'log/witnesses', body)).status).toBe(200);
    expect((await w.listed()).items).toMatchObject([
      { name: 'w.example', vkey, url: 'http://127.0.0.1:1', cosigned: null },
    ]);
    expect((await w.reader.ask('POST', 'log/witnesses/remove', { vkey })).status).toBe(403);
    expect((await w.manager.ask('POST', 'log/witnesses/remove', { vkey })).status).toBe(200);
    expect((await w.listed()).items).toEqual([]);
    expect((await notes()).slice(before)).toMatchObject([
      { about: 'witness.add', vkey },
      { about: 'witness.remove', vkey },
    ]);
    const changes = await w.reader.ask('GET', 'logChange?sort=-createdAt&limit=2');
    expect(changes.body.items.map((r: { values: object }) => r.values)).toMatchObject([
      { kind: 'witnessRemoved', subject: vkey },
      { kind: 'witnessAdded', subject: vkey, detail: 'http://127.0.0.1:1', reason: 'They asked us.' },
    ]);
    expect((await w.remove(vkey)).status).toBe(404);
    expect((await w.add(vkey, 'http://127.0.0.1:2')).status).toBe(200);
    expect((await w.add(vkey, 'http://127.0.0.1:2')).status).toBe(409);
    expect((await w.add(vkey, 'http://127.0.0.1:3')).status).toBe(200);
    expect((await w.listed()).items).toMatchObject([{ vkey, url: 'http://127.0.0.1:3' }]);
  });

  it('does the same request once', async () => {
    const vkey = key();
    const headers = { 'idempotency-key': 'one-and-the-same' };
    const before = (await notes()).length;
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(
        await w.manager.ask('POST', 'log/witnesses', { vkey, url: 'http://127.0.0.1:1' }, headers),
      );
    expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
    expect(answers[2]!.body).toEqual(answers[0]!.body);
    expect((await notes()).length).toBe(before + 1);
  });

  it('takes keys of witnesses and addresses of the web, and nothing else', async () => {
    const { vkey: log } = await w.head();
    const vkey = key();
    const url = 'http://127.0.0.1:1';
    const wrong: unknown[] = [
      {},
      { vkey },
      { url },
      { vkey: log, url },
      { vkey: `${vkey}x`, url },
      { vkey: 'x', url },
      { vkey: 'x'.repeat(5000), url },
      { vkey, url: 'ftp://127.0.0.1' },
      { vkey, url: 'file:///etc/passwd' },
      { vkey, url: '127.0.0.1:1' },
      { vkey, url: 'http://user:secret@127.0.0.1' },
      { vkey, url: 'http://127.0.0.1/?x=1' },
      { vkey, url: 'http://127.0.0.1/#x' },
      { vkey, url: `http://127.0.0.1/${'x'.repeat(3000)}` },
      { vkey, url, more: 1 },
    ];
    let tried = 0;
    for (const body of wrong) {
      expect((await w.manager.ask('POST', 'log/witnesses', body)).status, JSON.stringify(body)).toBe(422);
      tried += 1;
    }
    expect(tried).toBe(wrong.length);
    expect((await w.listed()).items).toEqual([]);
  });

  it('ends at sixteen', async () => {
    const keys = Array.from({ length: 17 }, key);
    const statuses = [];
    for (const k of keys) statuses.push((await w.add(k, 'http://127.0.0.1:1')).status);
    expect(statuses).toEqual([...Array(16).fill(200), 409]);
  });

  it('of another organisation is not seen', async () => {
    const vkey = key();
    await w.add(vkey, 'http://127.0.0.1:1');
    const other = await w.t.newOrganisation('other');
    const eve = await w.t.person('Eve', ['aimsManager'], other);
    expect((await eve.ask('GET', 'log/witnesses')).body.items).toEqual([]);
    expect((await eve.ask('POST', 'log/witnesses/remove', { vkey })).status).toBe(404);
    expect((await w.listed()).items).toHaveLength(1);
  });
});
