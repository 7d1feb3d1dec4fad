import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StampQueue } from '../../src/app/log/stamp-queue.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { cosignerFromKey, parseNote } from '../../src/ledger/index.ts';
import { type PackVerdict, verifyPack } from '../../src/pack/index.ts';
import { said } from '../../src/pack/testing/verdict.ts';
import {
  Authority,
  opensslFound,
  StampServer,
  WITHOUT_OPENSSL,
} from '../../src/timestamp/testing/authority.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Packs of a log that has been kept for a while: stamped, cosigned, under a changed key, with erasures, continued by another one. */

if (!opensslFound) console.log(WITHOUT_OPENSSL);

const clock = fixedClock(new Date().toISOString());
let t: TestInstance;
let ada: Visitor;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pack-keeping-'));
  t = await testInstance({ clock });
  await t.stamps.stop();
  await t.witnesses.stop();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const settle = () => t.app.sequencer.settle(t.organisation.id);
const later = (hours: number) => clock.set(new Date(clock.now().getTime() + hours * 3_600_000).toISOString());
const vkeyOf = async (log = '') => (await t.stranger.ask('GET', `/log/acme${log}/vkey`)).text.trim();

async function add(name: string): Promise<string> {
  const made = await ada.ask('POST', 'aiSystem', { name, purpose: 'x', owner: ada.ref });
  expect(made.status, made.text).toBe(201);
  await settle();
  return made.body.ref as string;
}

async function check(query: string, o: { vkey?: string; policy?: string } = {}): Promise<PackVerdict> {
  const r = await t.server.inject({
    method: 'GET',
    url: `/api/v1/acme/audit-pack${query}`,
    headers: ada.headers,
  });
  expect(r.statusCode, r.body.slice(0, 500)).toBe(200);
  const path = join(folder, 'pack.zip');
  writeFileSync(path, r.rawPayload);
  return verifyPack(path, o);
}

async function sound(query: string, o: { vkey?: string; policy?: string } = {}): Promise<PackVerdict> {
  const v = await check(query, o);
  expect(said(v)).toBe('');
  expect(v.ok).toBe(true);
  return v;
}

const sql = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });

test('the whole life of a log', async () => {
  const first = await add('One');
  const oldKey = await vkeyOf();

  // Stamped.
  let stamped = 0;
  if (opensslFound) {
    const authority = new Authority('ec');
    later(2 / 60);
    const server = new StampServer(authority);
    await server.online();
    const queue = new StampQueue(t.app);
    const set = await ada.ask('POST', 'log/stamps/service', {
      url: server.url,
      chain: authority.root.pem,
      every: 'hour',
    });
    expect(set.status, set.text).toBe(200);
    await add('Two');
    await queue.work(t.organisation.id);
    await queue.stop();
    await server.offline();
    authority.remove();
    stamped = (await sound('', { vkey: oldKey })).facts.stamps.length;
    expect(stamped).toBeGreaterThan(0);
  }

  // Cosigned, by a witness that was removed since too.
  const witness = cosignerFromKey('witness.example', generateKeyPairSync('ed25519').privateKey);
  const past = cosignerFromKey('past.example', generateKeyPairSync('ed25519').privateKey);
  const { size } = await settle();
  const [head] = await sql('select checkpoint from log');
  for (const [w, removed] of [
    [witness, null],
    [past, clock.now()],
  ] as const) {
    await sql(
      `insert into witness (organisation, vkey, url, added_at, removed_at) values ($1, $2, 'http://127.0.0.1:1/', $3, $4)`,
      [t.organisation.id, w.vkey, clock.now(), removed],
    );
    const line = w.cosign(
      parseNote(head!.checkpoint as string).text,
      Math.floor(clock.now().getTime() / 1000),
    );
    await sql(
      `insert into cosignature (organisation, log, size, vkey, line, at) values ($1, 1, $2, $3, $4, $5)`,
      [t.organisation.id, size, w.vkey, line, clock.now()],
    );
  }
  const policy = `log ${oldKey}\nwitness w ${witness.vkey}\nquorum w\n`;
  const cosigned = await sound('', { vkey: oldKey, policy });
  expect(cosigned.facts).toMatchObject({ policyMet: true, cosignedBy: [{ name: 'w' }] });
  const stranger = cosignerFromKey('else.example', generateKeyPairSync('ed25519').privateKey);
  const unmet = await check('', {
    vkey: oldKey,
    policy: `log ${oldKey}\nwitness w ${stranger.vkey}\nquorum w\n`,
  });
  expect([unmet.ok, unmet.facts.policyMet]).toEqual([false, false]);

  // A day later: a snapshot. Then another key, and an erasure under it.
  later(25);
  expect(
    (await ada.ask('PATCH', `aiSystem/${first}`, { purpose: 'y', $reason: 'Zacharias asked for it' })).status,
  ).toBe(200);
  await settle();
  const rotated = await ada.ask('POST', 'log/rotate-key', {
    overlapDays: 1,
    reason: 'yearly',
    password: PASSWORD,
  });
  expect(rotated.status, rotated.text).toBe(200);
  await add('Three');
  later(30);
  await add('Four');
  const newKey = await vkeyOf();
  expect(newKey).not.toBe(oldKey);
  for (const vkey of [undefined, oldKey, newKey]) await sound('', { vkey });
  expect((await ada.ask('PATCH', `aiSystem/${first}`, { purpose: 'z' })).status).toBe(200);
  const done = await ada.ask('POST', 'erasure', {
    kind: 'parts',
    ref: first,
    versions: [2, 2],
    groups: ['reason'],
    basis: 'gdpr.17.1.a',
    reason: 'asked to',
    password: PASSWORD,
  });
  expect(done.status, done.text).toBe(200);
  const erased = await sound('', { vkey: oldKey });
  expect(erased.facts.erasedParts).toBe(1);
  expect((await sound(`?system=${first}`, { vkey: newKey })).facts.erasedParts).toBe(1);

  // Frozen, and continued by the next log.
  const begun = await ada.ask('POST', 'log/new', {
    because: 'compromised',
    reason: 'stolen',
    password: PASSWORD,
  });
  expect(begun.status, begun.text).toBe(200);
  await settle();
  const five = await add('Five');
  expect((await ada.ask('PATCH', `aiSystem/${first}`, { purpose: 'in the next log' })).status).toBe(200);
  const third = await vkeyOf('/2');
  const v = await sound('', { vkey: third });
  expect(v.facts.log).toBe(2);
  expect((await check('', { vkey: newKey })).ok).toBe(false);
  await sound(`?system=${five}`, { vkey: third });

  // A part of the former log that is changed now is found there.
  const client = await t.app.db.ownerPool.connect();
  await client.query('begin');
  await client.query(`set local session_replication_role = 'replica'`);
  await client.query(
    `update leaf set entry = set_bit(entry, 50, 1 - get_bit(entry, 50)) where log = 1 and index = 3`,
  );
  await client.query('commit');
  client.release();
  const changed = await check('', { vkey: third });
  expect(
    changed.problems.some((p) => p.log === 1 && p.entry === 3 && p.step === 'log'),
    said(changed),
  ).toBe(true);
}, 120_000);
