import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import { cosignerFromKey, parseNote } from '../../src/ledger/index.ts';
import type { PackManifest, PackRecord } from '../../src/pack/index.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { buildGo, hasGo, verdicts } from '../verifiers/programs.ts';

/** A pack of an earlier state holds for whoever checks it, also when parts of that state were erased since; decision 0008. */

const clock = fixedClock('2026-11-02T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'pack-early-'));
const go = join(folder, 'audit');
let t: TestInstance;
let ada: Visitor;
let one: string;
beforeAll(async () => {
  if (hasGo) buildGo(go);
  t = await testInstance({ clock });
  await t.witnesses.stop();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
}, 60_000);
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const settle = async () => (await t.app.sequencer.settle(t.organisation.id)).size;
const later = () => clock.set(new Date(clock.now().getTime() + 3_600_000).toISOString());
const text = async (path: string) => (await t.stranger.ask('GET', path)).text;
const vkeyOf = async (log = '') => (await text(`/log/acme${log}/vkey`)).trim();

async function add(name: string): Promise<string> {
  const made = await ada.ask('POST', 'aiSystem', { name, purpose: 'x', owner: ada.ref });
  expect(made.status, made.text).toBe(201);
  await settle();
  return made.body.ref as string;
}

async function change(ref: string, purpose: string, reason: string): Promise<number> {
  later();
  expect((await ada.ask('PATCH', `aiSystem/${ref}`, { purpose, $reason: reason })).status).toBe(200);
  return settle();
}

async function erase(ref: string, version: number, groups: string[]): Promise<number> {
  later();
  const body = { kind: 'parts', ref, versions: [version, version], groups, basis: 'gdpr.17.1.a' };
  const done = await ada.ask('POST', 'erasure', { ...body, reason: 'asked to', password: PASSWORD });
  expect(done.status, done.text).toBe(200);
  return settle();
}

interface Given {
  path: string;
  manifest: PackManifest;
  files: Record<string, Uint8Array>;
  versions: PackRecord['versions'];
}

let count = 0;
async function pack(query: string): Promise<Given> {
  const url = `/api/v1/acme/audit-pack${query}`;
  const r = await t.server.inject({ method: 'GET', url, headers: ada.headers });
  expect(r.statusCode, r.body.slice(0, 500)).toBe(200);
  const path = join(folder, `${++count}.zip`);
  writeFileSync(path, r.rawPayload);
  const files = unzipSync(readFileSync(path));
  const said = (name: string) => Buffer.from(files[name]!).toString('utf8');
  const records = Object.keys(files)
    .filter((name) => name.startsWith('records/'))
    .flatMap((name) => said(name).trim().split('\n'))
    .map((line) => JSON.parse(line) as PackRecord);
  expect(records.every((r) => r.present === null)).toBe(true);
  const versions = records.flatMap((r) => r.versions);
  return { path, files, manifest: JSON.parse(said('pack.json')) as PackManifest, versions };
}

/** Requires that every verifier finds a pack sound; answers it. */
async function sound(query: string, vkey: string): Promise<Given> {
  const given = await pack(query);
  const said = await verdicts(given.path, vkey, go);
  expect(said).toEqual(Object.fromEntries(Object.keys(said).map((name) => [name, ''])));
  return given;
}

const asOf = (moment: string) => `?asOf=${encodeURIComponent(moment)}`;
/** Every version of a pack was entered before a place. */
const enteredBefore = ({ versions }: Given, log: number, size: number) =>
  versions.every((v) => v.log < log || (v.log === log && v.index < size));

describe('a state of which parts were erased since', () => {
  let size: number;
  let note: string;
  let moment: string;
  let erased: number;

  test('goes with the log up to the entry that says so, and with no later version', async () => {
    one = await add('One');
    size = await change(one, 'y', 'Zacharias asked for it');
    note = await text('/log/acme/checkpoint');
    moment = clock.now().toISOString();
    await change(one, 'z', 'no reason');
    const vkey = await vkeyOf();
    const whole = await sound(`?asOf=${size}`, vkey);
    expect(whole.manifest).toMatchObject({ size, asOf: { size } });
    expect(Object.keys(whole.files)).not.toContain('log/as-of');

    erased = await erase(one, 2, ['reason']);
    await change(one, 'a', 'after the erasure');
    const given = await sound(`?asOf=${size}`, vkey);
    expect(given.manifest.asOf).toEqual({ log: 1, size, at: moment });
    expect(given.manifest.size).toBe(erased);
    expect(enteredBefore(given, 1, size)).toBe(true);
    expect(given.versions.flatMap((v) => v.erased)).toEqual(['reason']);
    expect(Buffer.from(given.files['log/as-of']!).toString('utf8')).toBe(note);
    expect(Buffer.from(given.files['README.md']!).toString('utf8')).toContain(
      'The log goes on after that state',
    );
    const [, path] = [await sound(asOf(moment), vkey), await sound(`${asOf(moment)}&system=${one}`, vkey)];
    expect(enteredBefore(path, 1, size)).toBe(true);
  });

  test('and ends with itself when it came after the erasure', async () => {
    const given = await sound(`?asOf=${erased}`, await vkeyOf());
    expect(given.manifest).toMatchObject({ size: erased, asOf: { size: erased } });
    expect(given.manifest.asOf).not.toHaveProperty('log');
  });

  test('goes up to the first checkpoint that a witness cosigned, when there is one', async () => {
    const end = await settle();
    const witness = cosignerFromKey('witness.example', generateKeyPairSync('ed25519').privateKey);
    const [head] = await t.app.db.asOwner({ text: 'select checkpoint from log' });
    const line = witness.cosign(parseNote(head!.checkpoint as string).text, 1_790_000_000);
    const row = [t.organisation.id, witness.vkey];
    await t.app.db.asOwner({
      text: `insert into witness (organisation, vkey, url, added_at) values ($1, $2, 'http://127.0.0.1:1/', now())`,
      values: row,
    });
    await t.app.db.asOwner({
      text: 'insert into cosignature (organisation, log, size, vkey, line, at) values ($1, 1, $3, $2, $4, now())',
      values: [...row, end, line],
    });
    await change(one, 'b', 'later');
    const given = await sound(`?asOf=${size}`, await vkeyOf());
    expect(given.manifest.size).toBe(end);
    expect(Buffer.from(given.files['log/checkpoint']!).toString('utf8')).toContain('witness.example');
  });

  test('is refused by all when a part went without an entry that says so', async () => {
    const where = `where part = 'values' and version = 1 and record_id = (select id from record where ref = '${one}')`;
    const gone = await t.app.db.asOwner({ text: `select * from secret ${where}` });
    expect(gone.length).toBe(1);
    const client = await t.app.db.ownerPool.connect();
    try {
      await client.query(
        `begin; set local session_replication_role = 'replica'; delete from secret ${where}; commit`,
      );
      const given = await pack(`?asOf=${size}`);
      const said = await verdicts(given.path, await vkeyOf(), go);
      for (const [name, problems] of Object.entries(said))
        expect(problems, name).toMatch(new RegExp(`${one} version 1.*values.*missing`));
      await client.query(
        'insert into secret (organisation, record_id, version, part, salt) values ($1, $2, $3, $4, $5)',
        ['organisation', 'record_id', 'version', 'part', 'salt'].map((name) => gone[0]![name]),
      );
    } finally {
      client.release();
    }
    await sound(`?asOf=${size}`, await vkeyOf());
  });

  test('of a log that another one continues, and that says what was erased', async () => {
    later();
    const head = await settle();
    const first = await vkeyOf();
    const [early, middle] = [moment, clock.now().toISOString()];
    later();
    const begun = await ada.ask('POST', 'log/new', {
      because: 'compromised',
      reason: 'stolen',
      password: PASSWORD,
    });
    expect(begun.status, begun.text).toBe(200);
    // Nothing of the first log was erased in the second one: a pack of it ends with it.
    expect((await sound(asOf(early), first)).manifest.log).toBe(1);
    const two = await add('Two');
    const between = await change(two, 'y', 'in the second log');
    expect(between).toBeLessThan(head);
    const after = await erase(one, 1, ['values']);
    const second = await vkeyOf('/2');
    const given = await sound(asOf(early), second);
    expect(given.manifest).toMatchObject({
      log: 2,
      size: after,
      asOf: { log: 1, size },
      former: [{ number: 1 }],
    });
    expect(given.versions.filter((v) => v.erased.includes('values')).length).toBe(1);
    expect(enteredBefore(given, 1, size)).toBe(true);
    expect(Buffer.from(given.files['log/as-of']!).toString('utf8')).toBe(note);
    expect((await sound(`?asOf=${between}`, second)).manifest).toMatchObject({
      size: after,
      asOf: { log: 2, size: between },
    });
    expect((await sound(asOf(middle), second)).manifest.asOf).toMatchObject({ log: 1 });
    const none = await ada.ask('GET', 'audit-pack?asOf=9999');
    expect([none.status, none.body.detail]).toEqual([
      404,
      expect.stringMatching(
        /^asOf: log 2 has no checkpoint of exactly 9999 entries; nearest: \d+\. For a state of a log before/,
      ),
    ]);
    // The key of the first log does not reach into the second one.
    const said = await verdicts(given.path, first, go);
    for (const [name, problems] of Object.entries(said)) expect(problems, name).not.toBe('');
  });
});
