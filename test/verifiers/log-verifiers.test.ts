import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/testing/run.ts';
import {
  type Disclosure,
  decodeBundle,
  encodeBundle,
  formatCheckpoint,
  formatDisclosure,
  openCheckpoint,
  signNoteRemotely,
  verifierFromVkey,
  vkeyFromKey,
} from '../../src/ledger/index.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { buildGo, hasGo, hasPython, PYTHON, PythonTyped } from './programs.ts';

/** The two programs of verifiers/ that share no code with ours, over a log that the command line downloaded. */

const work = mkdtempSync(join(tmpdir(), 'aims-verifiers-'));
if (!hasPython) console.log('skipped: no python3-cryptography');
if (!hasGo) console.log('skipped: no Go with golang-golang-x-mod-dev');

let t: TestInstance;
let manager: Visitor;
let aims: (...args: string[]) => ReturnType<typeof run>;
const sound = join(work, 'sound');
const older = join(work, 'older');
const otherOlder = join(work, 'other-older');
const proof = join(work, 'proof.json');
const plainProof = join(work, 'entry.tlog-proof');
let size = 0;

beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Ada', ['aimsManager', 'topManagement']);
  const url = await t.server.listen({ port: 0, host: '127.0.0.1' });
  const env = { AIMS_URL: url, AIMS_ORG: 'acme', AIMS_KEY: '' };
  env.AIMS_KEY = (await t.key('reader', manager)).headers.authorization!.slice('Bearer '.length);
  aims = (...args) => run(args, { env, cwd: work });
  const made = await manager.ask('POST', 'aiSystem', {
    name: 'Zoë’s bot',
    purpose: 'a',
    owner: manager.ref,
  });
  await t.app.sequencer.settle(t.organisation.id);
  writeFileSync(older, (await t.stranger.ask('GET', '/log/acme/checkpoint')).text);
  await manager.ask('PATCH', `aiSystem/${made.body.ref}`, {
    purpose: 'Answers "questions"\n\u007f\u2028 中',
  });
  const rows = Array.from({ length: 310 }, (_, i) => ({
    name: `Bot ${i}`,
    purpose: 'x',
    owner: manager.ref,
  }));
  const imported = await manager.ask('POST', 'aiSystem/import?format=json', JSON.stringify(rows));
  expect(imported.body.created, imported.text).toBe(310);
  size = (await t.app.sequencer.settle(t.organisation.id)).size;
  const disclosure = (await manager.ask('GET', `aiSystem/${made.body.ref}/proof`)).text;
  writeFileSync(proof, disclosure);
  writeFileSync(plainProof, (JSON.parse(disclosure) as Disclosure).proof);
  const [key] = await t.app.db.asOwner({
    text: 'select name, vkey from log_key where organisation = $1',
    values: [t.organisation.id],
  });
  const signer = await t.app.keys.logSigner(key as { name: string; vkey: string }, t.organisation.origin);
  const forged = { origin: t.organisation.origin, size: 5, root: Buffer.alloc(32, 7) };
  writeFileSync(otherOlder, await signNoteRemotely(formatCheckpoint(forged), [signer]));
  const downloaded = await aims('log', 'download', 'sound');
  expect(downloaded, downloaded.err).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await t?.close();
  rmSync(work, { recursive: true, force: true });
});

describe('aims log download', () => {
  it('writes checkpoint, key, every bundle and the leaf hashes at their C2SP paths', () => {
    expect(size).toBeGreaterThan(300);
    const partial = `001.p/${size - 256}`;
    for (const path of [
      'checkpoint',
      'vkey',
      'tile/entries/000',
      `tile/entries/${partial}`,
      'tile/0/000',
      `tile/0/${partial}`,
    ])
      expect(existsSync(join(sound, path)), path).toBe(true);
    expect(decodeBundle(readFileSync(join(sound, 'tile/entries/000')))).toHaveLength(256);
    const key = verifierFromVkey(readFileSync(join(sound, 'vkey'), 'utf8').trim());
    expect(openCheckpoint(readFileSync(join(sound, 'checkpoint'), 'utf8'), key, key.name).size).toBe(size);
  });

  it('never overwrites a checkpoint kept from before', async () => {
    const again = await aims('log', 'download', 'sound');
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('holds a log already') as string]);
  });
});

interface Said {
  status: number | null;
  said: string;
}
interface Verifier {
  /** Started for this call alone, as by an auditor. */
  started(...args: string[]): Said;
  /** The same program with the same arguments; Python stays up from call to call. */
  ask(...args: string[]): Promise<Said>;
}
const python = new PythonTyped();
afterAll(() => python.end());
const verifiers: [string, boolean, () => Verifier][] = [
  [
    'audit.py',
    hasPython,
    () => ({
      started: (...args) => started([...PYTHON, ...args]),
      ask: async (...args) => together(await python.type(...args)),
    }),
  ],
  [
    'audit.go',
    hasGo,
    () => {
      const binary = join(work, 'audit');
      buildGo(binary);
      const run = (...args: string[]) => started([binary, ...args]);
      return { started: run, ask: async (...args) => run(...args) };
    },
  ],
];
const together = (r: { status: number | null; stdout: string; stderr: string }): Said => ({
  status: r.status,
  said: `${r.stdout}${r.stderr}`,
});
const started = ([command, ...args]: string[]) => together(spawnSync(command!, args, { encoding: 'utf8' }));

/** A copy of the sound log in which one thing was changed; what the verifier says of it. */
function tampered(change: (folder: string) => void): string {
  const folder = mkdtempSync(join(work, 'tampered-'));
  cpSync(sound, folder, { recursive: true });
  change(folder);
  return folder;
}
const edit = (path: string, change: (data: Buffer) => Buffer | string) => (folder: string) =>
  writeFileSync(join(folder, path), change(readFileSync(join(folder, path))));
const entries = (change: (list: Buffer[]) => Buffer[]) =>
  edit('tile/entries/000', (data) => encodeBundle(change(decodeBundle(data))));
const flip = (data: Buffer, bit: number) => {
  const changed = Buffer.from(data);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
};
const swap = (list: Buffer[], a: number, b: number) =>
  list.map((e, i) => (i === a ? list[b]! : i === b ? list[a]! : e));
const checkpoint = (line: number, change: (text: string) => string) =>
  edit('checkpoint', (data) =>
    data
      .toString()
      .split('\n')
      .map((l, i) => (i === line ? change(l) : l))
      .join('\n'),
  );
const stranger = () => vkeyFromKey(t.organisation.origin, generateKeyPairSync('ed25519').publicKey);

const CASES: [string, (folder: string) => void, RegExp][] = [
  [
    'one bit of entry 41 flipped',
    entries((l) => l.map((e, i) => (i === 41 ? flip(e, 100) : e))),
    /entry 41 was changed/,
  ],
  [
    'entry 17 removed',
    entries((l) => l.filter((_, i) => i !== 17)),
    /entry 17 is not in its place: entry 18 stands there; tile\/entries\/000 holds 255 entries, expected 256/,
  ],
  ['the last entry of a bundle removed', entries((l) => l.slice(0, -1)), /entry 255 is missing/],
  [
    'two entries exchanged',
    entries((l) => swap(l, 5, 9)),
    /entry 5 is not in its place: entry 9 stands there/,
  ],
  [
    'an entry put in',
    entries((l) => [...l.slice(0, 30), Buffer.from('{}'), ...l.slice(30, -1)]),
    /an entry was put in before entry 30/,
  ],
  ['a bundle cut off', edit('tile/entries/000', (d) => d.subarray(0, -1)), /entry 255 .*runs past the end/],
  ['a bundle gone', (f) => unlinkSync(join(f, 'tile/entries/000')), /entry 0 .*tile\/entries\/000/],
  [
    'a leaf hash changed',
    edit('tile/0/000', (d) => flip(d, 32 * 8 * 77 + 3)),
    /tile\/0 is wrong at entry 77/,
  ],
  ['a tile too short', edit('tile/0/000', (d) => d.subarray(32)), /tile\/0\/000 has 8160 bytes/],
  [
    'an entry and its leaf hash changed',
    (f) => {
      entries((l) => l.map((e, i) => (i === 41 ? flip(e, 100) : e)))(f);
      edit('tile/0/000', (d) => flip(d, 32 * 8 * 41))(f);
    },
    /do not give the signed root .* which entry is wrong cannot be said/,
  ],
  [
    'the size of the checkpoint changed',
    checkpoint(1, (l) => String(Number(l) - 1)),
    /signature.*checkpoint|checkpoint.*signature/,
  ],
  [
    'the root of the checkpoint changed',
    checkpoint(2, () => Buffer.alloc(32, 1).toString('base64')),
    /signature.*checkpoint|checkpoint.*signature/,
  ],
  [
    'the signature changed',
    checkpoint(4, (l) => l.replace(/.{6}$/, 'AAAAA=')),
    /signature.*checkpoint|checkpoint.*signature/,
  ],
  ['the checkpoint empty', edit('checkpoint', () => ''), /checkpoint.*(signed|malformed) note/],
  ['the checkpoint no text', edit('checkpoint', () => Buffer.alloc(500, 0xfe)), /checkpoint/],
  ['another key', edit('vkey', () => stranger()), /checkpoint.*key/],
  ['a damaged key', edit('vkey', (d) => flip(d, 8 * (d.length - 9))), /vkey/],
];

describe.each(verifiers.filter(([, there]) => there))('verifiers/%s', (_name, _there, make) => {
  let verifier: Verifier;
  let verify: Verifier['ask'];
  beforeAll(() => {
    verifier = make();
    verify = verifier.ask;
  });

  it('finds the log sound, append-only since the older checkpoint, and the proofs in it', async () => {
    expect(verifier.started(sound)).toMatchObject({
      status: 0,
      said: expect.stringMatching(`^Sound: ${size} entries`) as string,
    });
    for (const file of [proof, plainProof])
      expect(
        await verify('--older', older, '--proof', file, '--vkey', join(sound, 'vkey'), sound),
      ).toMatchObject({
        status: 0,
        said: expect.stringMatching(/older checkpoint of \d+ entries holds; proof of \d+ entries holds/),
      });
  });

  it('needs no leaf hashes', async () => {
    const folder = tampered((f) => rmSync(join(f, 'tile/0'), { recursive: true }));
    expect((await verify(folder)).said).toMatch(/^Sound: /);
  });

  it.each(CASES)('says what is wrong: %s', async (_what, change, said) => {
    const r = await verify(tampered(change));
    expect(r.status, r.said).toBe(1);
    expect(r.said).toMatch(/^Not sound: /);
    expect(r.said).toMatch(said);
  });

  it('names the entry of any bit that is flipped in a bundle', async () => {
    const data = readFileSync(join(sound, 'tile/entries/000'));
    const owner = decodeBundle(data).flatMap((e, i) => Array<number>(e.length + 2).fill(i));
    const bits = Array.from({ length: 60 }, (_, k) => Math.floor((k * data.length * 8) / 60) + (k % 8));
    const folder = tampered(() => {});
    for (const bit of bits) {
      writeFileSync(join(folder, 'tile/entries/000'), flip(data, bit));
      const r = await verify(folder);
      expect(r.status, r.said).toBe(1);
      expect(r.said, `bit ${bit}`).toMatch(new RegExp(`^Not sound: entry ${owner[bit >> 3]} `));
    }
  }, 120_000);

  it('accepts no flipped bit of the checkpoint', async () => {
    const data = readFileSync(join(sound, 'checkpoint'));
    const folder = tampered(() => {});
    for (let bit = 0; bit < data.length * 8; bit += 19) {
      writeFileSync(join(folder, 'checkpoint'), flip(data, bit));
      expect((await verify(folder)).status, `bit ${bit}`).toBe(1);
    }
    // The unused bits of the last base64 character, which lenient readers ignore.
    const last = data.lastIndexOf('=') - 1;
    for (let bit = 0; bit < 8; bit++) {
      writeFileSync(join(folder, 'checkpoint'), flip(data, last * 8 + bit));
      expect((await verify(folder)).status, `bit ${bit} of the last character`).toBe(1);
    }
  }, 120_000);

  it('sees a rewritten history, and a log that went back', async () => {
    const other = await verify('--older', otherOlder, sound);
    expect(other).toMatchObject({
      status: 1,
      said: expect.stringMatching(/signs another history: the first 5/),
    });
    const back = tampered((f) => cpSync(older, join(f, 'checkpoint')));
    const first = Number(readFileSync(older, 'utf8').split('\n')[1]);
    const partial = join(back, 'tile/entries/000.p');
    const list = decodeBundle(readFileSync(join(sound, 'tile/entries/000'))).slice(0, first);
    mkdirSync(partial);
    writeFileSync(join(partial, String(first)), encodeBundle(list));
    expect((await verify(back)).said).toMatch(`Sound: ${first} entries`);
    const gone = await verify('--older', join(sound, 'checkpoint'), back);
    expect(gone).toMatchObject({ status: 1, said: expect.stringMatching(/it went back/) });
  });

  it('names the part of a disclosure that was changed', async () => {
    const forged = join(work, 'forged.json');
    const file = JSON.parse(readFileSync(proof, 'utf8')) as Disclosure;
    const told = (change: Partial<Disclosure>) => {
      writeFileSync(forged, formatDisclosure({ ...file, ...change }));
      return verify('--proof', forged, sound);
    };
    const values = { ...file.disclosed.values!, value: { name: 'Other' } };
    expect((await told({ disclosed: { ...file.disclosed, values } })).said).toMatch(
      /"values" is not what entry \d+ committed to/,
    );
    const { values: _, ...rest } = file.disclosed;
    expect((await told({ disclosed: rest })).status).toBe(1);
    expect((await told({ disclosed: rest, withheld: [...file.withheld, 'values'] })).status).toBe(0);
    expect((await told({ index: file.index + 1 })).said).toMatch(
      /disclosure is of entry \d+, its proof of entry/,
    );
    const moved = file.proof.replace(/index \d+/, `index ${file.index + 1}`);
    expect((await told({ index: file.index + 1, proof: moved })).said).toMatch(
      /another entry \d+ than the log holds/,
    );
    expect((await told({ proof: file.proof.replace(/\n[^\n]{44}\n/, '\n') })).said).toMatch(
      /proof does not lead|invalid/,
    );
    writeFileSync(forged, readFileSync(proof, 'utf8').replace('"disclosed":', '"disclosed":{},"disclosed":'));
    expect((await verify('--proof', forged, sound)).status).toBe(1);
  });

  it('answers 2 when it is called wrongly, 1 when there is no log', async () => {
    for (const args of [[], ['--no-such-thing', sound], [join(work, 'nothing')]])
      expect(await verify(...args)).toEqual(verifier.started(...args));
    expect((await verify()).status).toBe(2);
    expect(await verify(join(work, 'nothing'))).toMatchObject({
      status: 1,
      said: expect.stringMatching(/cannot be read/),
    });
  });
});
