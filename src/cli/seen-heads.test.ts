import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bundlePath,
  encodeBundle,
  leafHash,
  signCheckpoint,
  TILE_WIDTH,
  tilePath,
  tileWidth,
} from '../ledger/index.ts';
import { LOG_KEY, ORIGIN, sampleEntries, signedLog } from '../ledger/testing/sample-log.ts';
import { type Files, KEYS, samplePack, zipOf } from '../pack/testing/sample-pack.ts';
import { FixtureServer, type Reply } from './testing/fixture-server.ts';
import { folder, run } from './testing/run.ts';

/** What this computer saw of a log is compared with the next pack, audit and download of it, without anybody asking for it. */

let server: FixtureServer;
beforeAll(async () => {
  server = await FixtureServer.start();
});
afterAll(() => server.stop());
const env = () => ({ AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: 'aims_0123456789abcdef' });

const entries = sampleEntries(300);
function serve(all: readonly Buffer[]): void {
  const replies: Record<string, Reply> = {
    'GET /log/acme/checkpoint': { text: signedLog(all).checkpoint },
    'GET /log/acme/vkey': { text: `${LOG_KEY.vkey}\n` },
    'GET /log/acme/logs': { json: { logs: [{ number: 1, path: '/log/acme', open: true }] } },
  };
  for (let n = 0; n * TILE_WIDTH < all.length; n++) {
    const width = tileWidth(0, n, all.length);
    const some = all.slice(n * TILE_WIDTH, n * TILE_WIDTH + width);
    replies[`GET /log/acme/${bundlePath(n, width)}`] = { bytes: encodeBundle(some) };
    replies[`GET /log/acme/${tilePath(0, n, width)}`] = {
      bytes: Buffer.concat(some.map((e) => leafHash(e))),
    };
  }
  server.serve(replies);
}
/** The same log but for one entry, rightly signed: what a server shows that lies to one of two. */
const forked = entries.with(3, sampleEntries(300)[5]!);

describe.each([
  ['log audit', (home: string) => run(['log', 'audit', '--vkey', LOG_KEY.vkey], { home, env: env() })],
  ['log download', (home: string) => run(['log', 'download', 'got'], { home, env: env(), cwd: folder() })],
] as const)('%s', (name, ask) => {
  it('remembers, finds what was only added to, what went back, and another history; and forgets', async () => {
    const home = folder();
    serve(entries.slice(0, 270));
    expect((await ask(home)).code).toBe(0);
    serve(entries);
    expect(await ask(home)).toMatchObject({
      code: 0,
      out: expect.stringContaining('continues what this computer saw'),
    });
    serve(entries.slice(0, 280));
    const back = await ask(home);
    expect([back.code, back.out + back.err]).toEqual([
      1,
      expect.stringMatching(/saw 300 entries.*went back/),
    ]);
    expect(back.out + back.err).toContain(`aims log forget ${ORIGIN}`);
    // Its histories are those of no records: the roots alone must tell.
    if (name === 'log download') {
      serve(forked);
      const other = await ask(home);
      expect([other.code, other.out + other.err]).toEqual([1, expect.stringContaining('another history')]);
    }
    const listed = await run(['log', 'seen'], { home });
    expect(listed.out).toMatch(/270[\s\S]*300/);
    expect((await run(['log', 'forget', 'x'], { home })).code).toBe(2);
    expect((await run(['log', 'forget'], { home })).code).toBe(2);
    expect((await run(['log', 'forget', ORIGIN], { home })).code).toBe(0);
    serve(entries.slice(0, 280));
    expect((await ask(home)).code).toBe(0);
    expect((await run(['log', 'forget', '--all'], { home })).out).toContain('1');
    expect((await run(['log', 'seen'], { home })).err).toContain('No log was seen');
  });
});

it('a download whose hashes do not give the signed root is not kept as a log', async () => {
  serve(entries);
  server.serve({
    'GET /log/acme/checkpoint': { text: signedLog(forked).checkpoint },
    'GET /log/acme/vkey': { text: `${LOG_KEY.vkey}\n` },
    'GET /log/acme/logs': { json: { logs: [{ number: 1, path: '/log/acme', open: true }] } },
    ...Object.fromEntries(
      [0, 1].flatMap((n) => {
        const width = tileWidth(0, n, 300);
        const some = entries.slice(n * 256, n * 256 + width);
        return [
          [`GET /log/acme/${bundlePath(n, width)}`, { bytes: encodeBundle(some) }],
          [`GET /log/acme/${tilePath(0, n, width)}`, { bytes: Buffer.concat(some.map((e) => leafHash(e))) }],
        ];
      }),
    ),
  });
  const cwd = folder();
  const r = await run(['log', 'download', 'got'], { env: env(), cwd });
  expect([r.code, r.err]).toEqual([2, expect.stringContaining('not sound')]);
  expect(existsSync(join(cwd, 'got', 'checkpoint'))).toBe(false);
});

describe('aims verify', () => {
  const cwd = folder();
  const write = (name: string, files: Files) => writeFileSync(join(cwd, name), zipOf(files, 1));
  write('first.zip', samplePack({ risks: 2 }));
  write('other.zip', samplePack({ risks: 3 }));
  const verify = (home: string, ...argv: string[]) =>
    run(['verify', ...argv, '--vkey', KEYS.old.vkey], { cwd, home });

  it('remembers the head of a pack that was verified with a key, and finds another history', async () => {
    const home = folder();
    await run(['verify', 'other.zip'], { cwd, home });
    expect(existsSync(join(home, '.config', 'openaims', 'seen-logs.json'))).toBe(false);
    const first = await verify(home, 'first.zip');
    expect([first.code, first.out]).toEqual([0, expect.stringContaining('Its head is remembered')]);
    expect((await verify(home, 'first.zip')).out).toContain('Continues the head that this computer saw');
    const other = await verify(home, 'other.zip');
    expect([other.code, other.out]).toEqual([
      1,
      expect.stringContaining('this computer saw another history'),
    ]);
    expect(other.err).toContain(`aims log forget ${ORIGIN}`);
    expect((await run(['log', 'forget', ORIGIN], { home })).code).toBe(0);
    expect((await verify(home, 'other.zip')).code).toBe(0);
    // Damage is said: what was seen must not be forgotten in silence.
    const file = join(home, '.config', 'openaims', 'seen-logs.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(ORIGIN, 'elsewhere.example.com/log'));
    const damaged = await verify(home, 'first.zip');
    expect([damaged.code, damaged.err]).toEqual([2, expect.stringContaining('damaged')]);
  });

  it('takes checkpoints kept from before: --older', async () => {
    const files = samplePack({ risks: 2 });
    const { note } = JSON.parse(files.get('log/checkpoints.jsonl')!.toString().split('\n')[0]!) as {
      note: string;
    };
    const root = Buffer.alloc(32, 7);
    writeFileSync(join(cwd, 'good'), note);
    writeFileSync(join(cwd, 'bad'), signCheckpoint({ origin: ORIGIN, size: 3, root }, [LOG_KEY.signer]));
    writeFileSync(join(cwd, 'garbage'), 'hello\n');
    const good = await verify(folder(), 'first.zip', '--older', 'good');
    expect([good.code, good.out]).toEqual([
      0,
      expect.stringContaining('entries of good: the log was only added to'),
    ]);
    const bad = await verify(folder(), 'first.zip', '--older', 'good', '--older', 'bad');
    expect([bad.code, bad.out]).toEqual([1, expect.stringContaining('another history')]);
    const garbage = await verify(folder(), 'first.zip', '--older', 'garbage');
    expect([garbage.code, garbage.err]).toEqual([2, expect.stringContaining('no signed checkpoint')]);
  });
});
