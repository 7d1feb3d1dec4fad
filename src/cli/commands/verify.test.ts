import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bundlePath,
  encodeBundle,
  formatDisclosure,
  makeDisclosure,
  TILE_WIDTH,
} from '../../ledger/index.ts';
import {
  keyPair,
  LOG_KEY,
  ORIGIN,
  sampleEntries,
  sampleSalt,
  sampleValue,
  signedLog,
} from '../../ledger/testing/sample-log.ts';
import { FixtureServer, type Reply } from '../testing/fixture-server.ts';
import { folder, run } from '../testing/run.ts';

const entries = sampleEntries(300);
const log = signedLog(entries);
const INDEX = 4;
const disclosure = makeDisclosure({
  vkey: LOG_KEY.vkey,
  origin: ORIGIN,
  entry: entries[INDEX]!,
  disclosed: { values: { salt: sampleSalt(INDEX, 'values'), value: sampleValue(INDEX, 'values') } },
  proof: log.proof(INDEX),
});
const text = formatDisclosure(disclosure);
const verify = (stdin: string, ...more: string[]) =>
  run(['verify', '-', ...more], { stdin, env: { AIMS_URL: 'http://127.0.0.1:1' } });

describe('aims verify on proofs', () => {
  it('verifies with a key given as text or file', async () => {
    const ok = await verify(text, '--vkey', LOG_KEY.vkey);
    expect(ok.code).toBe(0);
    expect(ok.out).toContain('Verified: -');
    const cwd = folder();
    writeFileSync(join(cwd, 'log.vkey'), `${LOG_KEY.vkey}\n`);
    writeFileSync(join(cwd, 'proof.json'), text);
    expect((await run(['verify', 'proof.json', '--vkey', 'log.vkey'], { cwd })).code).toBe(0);
  });

  it('says that without a key the file only agrees with itself', async () => {
    const r = await verify(text);
    expect(r.code).toBe(0);
    expect(r.out).toContain('Agrees with itself');
    expect(r.out).not.toContain('Verified');
    expect(r.err).toContain('anybody could have made this file');
  });

  it('names the check that fails', async () => {
    const changed = formatDisclosure({
      ...disclosure,
      disclosed: { values: { ...disclosure.disclosed.values!, value: 'else' } },
    });
    const value = await verify(changed, '--vkey', LOG_KEY.vkey, '--json');
    expect(value.code).toBe(1);
    const said = JSON.parse(value.out) as { ok: boolean; checks: { name: string; ok: boolean }[] };
    expect(said.ok).toBe(false);
    expect(said.checks.filter((c) => !c.ok).map((c) => c.name)).toEqual(['group:values']);
    const key = await verify(text, '--vkey', keyPair(2).vkey);
    expect(key).toMatchObject({
      code: 1,
      out: expect.stringContaining('another key than the one you trust') as string,
    });
    const place = await verify(formatDisclosure({ ...disclosure, index: 5 }), '--vkey', LOG_KEY.vkey);
    expect(place).toMatchObject({ code: 1, out: expect.stringContaining('Not verified') as string });
  });

  it('answers 2 when there is nothing to verify', async () => {
    for (const stdin of ['', 'text', '{}', '[]', 'null', '{"format":"other/1"}']) {
      expect(await verify(stdin), JSON.stringify(stdin)).toMatchObject({ code: 2, out: '' });
    }
    expect((await run(['verify', 'missing.json'], { cwd: folder() })).code).toBe(2);
    expect((await verify(text, '--vkey', 'missing.vkey')).code).toBe(2);
    expect((await verify(text, '--require-passed')).code).toBe(2);
  });
});

describe('proof and log commands', () => {
  let server: FixtureServer;
  beforeAll(async () => {
    server = await FixtureServer.start();
  });
  afterAll(() => server.stop());
  const env = () => ({ AIMS_URL: server.url, AIMS_ORG: 'acme' });
  const bundles = (all: Buffer[]): Record<string, Reply> =>
    Object.fromEntries(
      Array.from({ length: Math.ceil(all.length / TILE_WIDTH) }, (_, n) => {
        const part = all.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
        return [`GET /log/acme/${bundlePath(n, part.length)}`, { bytes: encodeBundle(part) }];
      }),
    );
  const serve = (all: Buffer[], more: Record<string, Reply> = {}) =>
    server.serve({
      'GET /log/acme/vkey': { text: `${LOG_KEY.vkey}\n` },
      'GET /log/acme/checkpoint': { text: log.checkpoint },
      ...bundles(all),
      ...more,
    });

  it('fetches a proof by the number of any record, byte for byte', async () => {
    server.serve({ 'GET /api/v1/acme/risk/RSK-0001/proof': { text } });
    const cwd = folder();
    expect(
      (await run(['proof', 'RSK-0001', '--version', '2', '-o', 'p.json'], { env: env(), cwd })).code,
    ).toBe(0);
    expect(server.seen[0]!.query.get('version')).toBe('2');
    expect((await run(['verify', 'p.json', '--vkey', LOG_KEY.vkey], { cwd })).code).toBe(0);
    expect((await run(['risk', 'proof', 'RSK-0001'], { env: env() })).out).toBe(text);
    expect(await run(['proof', 'XYZ-0001'], { env: env() })).toMatchObject({
      code: 2,
      err: expect.stringContaining('RSK') as string,
    });
  });

  it('audits a whole log, over more than one bundle', async () => {
    serve(entries);
    const r = await run(['log', 'audit', '--vkey', LOG_KEY.vkey], { env: env() });
    expect(r).toMatchObject({ code: 0, err: '' });
    expect(r.out).toContain(`Sound: 300 entries of ${ORIGIN}`);
    expect(r.out).toContain(log.root.toString('base64'));
    expect((await run(['log', 'audit', '--json'], { env: env() })).out).toContain('"keyFrom": "server"');
    expect((await run(['log', 'checkpoint'], { env: env() })).out).toBe(log.checkpoint);
  });

  it('takes the whole bundle when the log has outgrown the partial one', async () => {
    serve(entries.slice(0, TILE_WIDTH), {
      [`GET /log/acme/${bundlePath(1)}`]: { bytes: encodeBundle(sampleEntries(512).slice(256)) },
    });
    expect((await run(['log', 'audit', '--vkey', LOG_KEY.vkey], { env: env() })).code).toBe(0);
  });

  it('finds an entry changed, removed or exchanged, and a log signed by somebody else', async () => {
    const changed = [...entries];
    changed[9] = Buffer.from(entries[9]!.toString().replace('"state":"draft"', '"state":"final"'));
    expect(changed[9]!.equals(entries[9]!)).toBe(false);
    const swapped = [...entries];
    [swapped[1], swapped[2]] = [entries[2]!, entries[1]!];
    for (const all of [changed, swapped]) {
      serve(all);
      const r = await run(['log', 'audit', '--vkey', LOG_KEY.vkey], { env: env() });
      expect(r.code).toBe(1);
      expect(r.out).toContain('Not sound');
    }
    serve(entries.slice(0, TILE_WIDTH));
    expect(await run(['log', 'audit'], { env: env() })).toMatchObject({
      code: 1,
      out: expect.stringContaining('entries are missing') as string,
    });
    serve(entries, { [`GET /log/acme/${bundlePath(0)}`]: { bytes: Buffer.from([0xff, 0xff, 1]) } });
    expect((await run(['log', 'audit'], { env: env() })).code).toBe(1);
    serve(entries);
    expect((await run(['log', 'audit', '--vkey', keyPair(2).vkey], { env: env() })).code).toBe(1);
  });

  it('answers 2 when the log cannot be had', async () => {
    server.serve({});
    expect((await run(['log', 'audit'], { env: env() })).code).toBe(2);
    expect((await run(['log', 'audit'], { env: { AIMS_URL: 'http://127.0.0.1:1' } })).code).toBe(2);
  });
});
