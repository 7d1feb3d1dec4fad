import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folder, run } from '../../src/cli/testing/run.ts';
import { ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Stored files that somebody changed past the program: never given out as genuine, and told. */

const DEMO = readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'), 'utf8');
let t: TestInstance;
let ada: Visitor;
let port: number;
const lines: string[] = [];

interface Stored {
  ref: string;
  bytes: Buffer;
  path: string;
}
let small: Stored;
/** Larger than what is sent from memory, and than one piece. */
let large: Stored;

async function stored(id: string, padding: number): Promise<Stored> {
  const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(DEMO), evalId: id }).padEnd(padding));
  const added = await ada.ask('POST', `evidence/add?fileName=${id}.json`, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ref: added.body.evidence.ref, bytes, path: join(t.dataDir, 'blobs', sha256.slice(0, 2), sha256) };
}

beforeAll(async () => {
  t = await testInstance();
  t.app.log = (line) => lines.push(line);
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  await t.server.listen({ port: 0, host: '127.0.0.1' });
  port = (t.server.server.address() as AddressInfo).port;
  small = await stored('small', 0);
  large = await stored('large', 3_000_000);
});
afterAll(() => t.close());

/** Over a real connection: status, bytes, and whether it ended well. */
async function download(from: string) {
  const response = await new Promise<IncomingMessage>((answered, failed) => {
    const path = `/api/v1/acme/${from}`;
    get({ port, host: '127.0.0.1', path, headers: ada.headers, agent: false }, answered).on('error', failed);
  });
  const parts: Buffer[] = [];
  const clean = await new Promise<boolean>((done) => {
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('end', () => done(response.complete));
    response.on('error', () => done(false));
  });
  return { status: response.statusCode, body: Buffer.concat(parts), clean, headers: response.headers };
}

const fetched = (file: Stored) => download(`evidence/${file.ref}/file`);

const flipped = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
};

const hashOf = (file: Stored) => basename(file.path);

/** Everything that can happen to a file on a disk. */
const HARM: readonly (readonly [string, (f: Stored) => void])[] = [
  ['the first byte altered', (f) => writeFileSync(f.path, flipped(f.bytes, 0))],
  ['the last byte altered', (f) => writeFileSync(f.path, flipped(f.bytes, f.bytes.length - 1))],
  ['other bytes of the same length', (f) => writeFileSync(f.path, Buffer.alloc(f.bytes.length, 32))],
  ['cut short', (f) => writeFileSync(f.path, f.bytes.subarray(0, -1))],
  ['cut to nothing', (f) => writeFileSync(f.path, '')],
  ['longer', (f) => writeFileSync(f.path, Buffer.concat([f.bytes, Buffer.from(' ')]))],
  ['gone', () => {}],
  ['a folder in its place', (f) => mkdirSync(f.path)],
  // Where there are none (Windows), nothing is in its place.
  ['a pipe in its place', (f) => void spawnSync('mkfifo', [f.path])],
];
const harmed = (f: Stored, harm: (f: Stored) => void) => {
  rmSync(f.path);
  harm(f);
};
const healed = (f: Stored) => {
  rmSync(f.path, { recursive: true, force: true });
  writeFileSync(f.path, f.bytes);
};
const both = () => [small, large];

test('a genuine file comes byte for byte, with its length and digest', async () => {
  for (const file of both()) {
    const { status, body, clean, headers } = await fetched(file);
    expect([status, clean, body.equals(file.bytes)]).toEqual([200, true, true]);
    expect(headers['content-length']).toBe(String(file.bytes.length));
    const digest = createHash('sha256').update(file.bytes).digest('base64');
    expect(headers['repr-digest']).toBe(`sha-256=:${digest}:`);
  }
});

describe.each(HARM)('a file that has %s', (_, harm) => {
  test('is refused at once, told in the log and found by the check', async () => {
    for (const file of both()) {
      harmed(file, harm);
      lines.length = 0;
      const { status, body, clean } = await fetched(file);
      expect([status, clean]).toEqual([500, true]);
      const problem = JSON.parse(body.toString());
      expect(problem.code).toBe('DAMAGED');
      expect(problem.detail).toMatch(
        new RegExp(`^The file of ${file.ref} \\(sha256:[0-9a-f]{64}\\) .*backup`),
      );
      expect(lines).toEqual([`evidence: ${problem.detail}`]);
      const found = await ada.ask('GET', 'evidence/files');
      expect(found.body).toMatchObject({ checked: 2, damaged: [{ ref: file.ref }], next: null });
      expect(lines).toEqual([lines[0], lines[0]]);
      healed(file);
      expect((await fetched(file)).status).toBe(200);
    }
  });
});

test('a file that is altered while it is sent never ends cleanly', async () => {
  const { open } = t.app.blobs;
  const cases = [
    flipped(large.bytes, 2_999_999),
    flipped(large.bytes, 0),
    large.bytes.subarray(0, 2_000_000),
  ];
  for (const bytes of cases) {
    t.app.blobs.open = async (...args) => {
      const opened = await open.apply(t.app.blobs, args);
      writeFileSync(large.path, bytes);
      return opened;
    };
    lines.length = 0;
    const { clean, body } = await fetched(large);
    t.app.blobs.open = open;
    healed(large);
    expect(clean).toBe(false);
    expect(body.length).toBeLessThan(large.bytes.length);
    expect(lines).toEqual([expect.stringContaining('was altered while it was sent')]);
  }
});

test('a pack has no altered file in it, and whoever verifies it misses the file', async () => {
  const packed = async () => Object.keys(unzipSync((await download('audit-pack')).body));
  const names = both().map((file) => `evidence/${hashOf(file)}`);
  expect(await packed()).toEqual(expect.arrayContaining(names));
  lines.length = 0;
  writeFileSync(small.path, flipped(small.bytes, 5));
  writeFileSync(large.path, large.bytes.subarray(1));
  const found = await packed();
  for (const file of both()) healed(file);
  expect(found.filter((name) => names.includes(name))).toEqual([]);
  expect(found).toContain('pack.json');
  expect(lines.filter((line) => /^evidence: The file of EVD-\d+ .* was altered/.test(line)).length).toBe(2);
});

test('only those who answer for the files may have all of them read', async () => {
  const reader = await t.person('Gus', ['reader']);
  expect((await reader.ask('GET', 'evidence/files')).status).toBe(403);
  expect((await ada.ask('GET', 'evidence/files?after=x')).status).toBe(400);
});

describe('the command line', () => {
  let key = '';
  beforeAll(async () => {
    key = (await t.key('ci', ada)).headers.authorization!.slice('Bearer '.length);
  });
  const aims = (cwd: string, ...args: string[]) =>
    run([...args, '--url', `http://127.0.0.1:${port}`, '--org', 'acme'], { cwd, env: { AIMS_KEY: key } });

  test('names every file that is gone or altered, and its exit code says so', async () => {
    expect(await aims(folder(), 'evidence', 'check-files')).toMatchObject({
      code: 0,
      out: '2 files checked, 0 gone or altered.\n',
    });
    rmSync(small.path);
    const found = await aims(folder(), 'evidence', 'check-files');
    healed(small);
    expect([found.code, found.out]).toEqual([
      1,
      expect.stringMatching(/^The file of EVD-0001 .*\n2 files checked, 1/),
    ]);
  });

  test('keeps a file only when it has the digest on record, and leaves nothing else behind', async () => {
    const cwd = folder();
    const good = await aims(cwd, 'evidence', 'file', large.ref);
    expect(good.err).toBe('');
    expect(readFileSync(join(cwd, 'large.json')).equals(large.bytes)).toBe(true);
    expect((await aims(cwd, 'evidence', 'file', large.ref)).err).toMatch(/large\.json is there already/);
    // A server that lies: its own check is left out.
    const { open } = t.app.blobs;
    t.app.blobs.open = async () => ({ ...(await open.call(t.app.blobs, hashOf(small), small.ref)) });
    const lied = await aims(cwd, 'evidence', 'file', large.ref, '-o', 'lied.json');
    t.app.blobs.open = open;
    expect(lied.code).toBe(2);
    expect(lied.err).toMatch(/lied\.json was not written: .*SHA-256 [0-9a-f]{64}, on record is/);
    expect([existsSync(join(cwd, 'lied.json')), existsSync(join(cwd, 'lied.json.partial'))]).toEqual([
      false,
      false,
    ]);
  });
});
