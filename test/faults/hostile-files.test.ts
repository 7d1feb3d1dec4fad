import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { targetOf } from '../support/arrange.ts';
import { DEPTH } from '../support/depth.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Files of any kind over a real connection: nothing of them runs, nothing is half there, and others are served meanwhile. */

const MIB = 1_048_576;
/** A file larger than anything that lies in memory; as large as people really send where time does not matter. */
const LARGE = (DEPTH >= 10 ? 300 : 24) * MIB;

let t: TestInstance;
let ada: Visitor;
let port: number;
let on: string;

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  on = await targetOf(t, 'control');
  await t.server.listen({ port: 0, host: '127.0.0.1' });
  port = (t.server.server.address() as AddressInfo).port;
});
afterAll(() => t.close());

const incoming = () => readdirSync(join(t.dataDir, 'blobs', 'incoming'));
const stored = async (): Promise<number> => (await ada.ask('GET', 'evidence?total=true')).body.total;

/** The same piece as often as it takes, numbered, so that no file is another. */
function* pieces(bytes: number, first: string): Generator<Buffer> {
  const piece = Buffer.alloc(MIB / 4, 'a line of a log that somebody wrote\n');
  yield Buffer.from(first);
  for (let sent = first.length; sent < bytes; sent += piece.length)
    yield piece.subarray(0, Math.min(piece.length, bytes - sent));
}

/** An upload over a real connection. `cut`: the connection ends after so many bytes. */
function upload(
  source: Iterable<Buffer>,
  fileName: string,
  cut?: number,
): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    const sending = request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: `/api/v1/acme/evidence/add?${new URLSearchParams({ fileName, for: on })}`,
        headers: { ...ada.headers, 'content-type': 'application/octet-stream' },
        agent: false,
      },
      (answer) => {
        let body = '';
        answer.on('data', (part: Buffer) => {
          body += part.toString();
        });
        answer.on('end', () => done({ status: answer.statusCode ?? 0, body }));
      },
    );
    sending.on('error', failed);
    let sent = 0;
    Readable.from(source)
      .on('data', (part: Buffer) => {
        sent += part.length;
        if (cut !== undefined && sent > cut) sending.destroy(new Error('cut'));
      })
      .pipe(sending);
  });
}

const bomb = zipSync({ 'zeros.bin': new Uint8Array(64 * MIB) });
const HOSTILE: readonly (readonly [name: string, bytes: Uint8Array, type: string])[] = [
  [
    'picture.svg',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'),
    'image/svg+xml',
  ],
  [
    'form.pdf',
    Buffer.from('%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>'),
    'application/pdf',
  ],
  ['page.html', Buffer.from('<!doctype html><script>fetch("/api/v1/acme/risk")</script>'), 'text/html'],
  ['report.pdf', Buffer.from('<html><script>alert(1)</script></html>'), 'text/html'],
  ['bomb.zip', bomb, 'application/zip'],
  ['bomb.gz', gzipSync(new Uint8Array(16 * MIB)), 'application/gzip'],
  ['deep.json', Buffer.from('['.repeat(100_000)), 'application/json'],
  [
    'run.exe',
    Buffer.from('4d5a90000300000004000000ffff0000', 'hex'),
    'application/vnd.microsoft.portable-executable',
  ],
  ['../../etc/passwd', Buffer.from('root:x:0:0\nmore'), 'text/plain'],
  ['a\r\nset-cookie: x=1.txt', Buffer.from('a name with a line end'), 'text/plain'],
];

test.each(HOSTILE)('%s is kept as it is, and given out as nothing that runs', async (name, bytes, type) => {
  const added = await upload([Buffer.from(bytes)], name);
  expect(added.status, added.body).toBe(201);
  const { evidence } = JSON.parse(added.body);
  expect(evidence.values).toMatchObject({ mediaType: type, bytes: bytes.length });
  const given = await ada.ask('GET', `evidence/${evidence.ref}/file`);
  expect(given.status).toBe(200);
  expect(given.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'content-length': String(bytes.length),
  });
  expect(given.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''[\w.%~*'()-]*$/);
  expect(given.headers['set-cookie']).toBeUndefined();
  const shown = await ada.ask('GET', `evidence/${evidence.ref}/preview`);
  const asText = /^text|json$|xml$/.test(type);
  expect([shown.status, shown.headers['content-type']]).toEqual(
    asText ? [200, 'text/plain; charset=utf-8'] : [422, 'application/problem+json; charset=utf-8'],
  );
  if (asText) expect(shown.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
  expect(incoming()).toEqual([]);
});

describe('a large file', () => {
  test('goes to the disk as it comes, and others are served meanwhile', async () => {
    let most = 0;
    const before = process.memoryUsage().rss;
    const hash = createHash('sha256');
    const watched = function* () {
      for (const piece of pieces(LARGE, 'the large one\n')) {
        hash.update(piece);
        most = Math.max(most, process.memoryUsage().rss - before);
        yield piece;
      }
    };
    let over = false;
    const sent = upload(watched(), 'server.log').finally(() => {
      over = true;
    });
    let served = 0;
    while (!over) {
      expect((await ada.ask('GET', 'control')).status).toBe(200);
      served += 1;
    }
    const added = await sent;
    expect(added.status, added.body).toBe(201);
    expect(served).toBeGreaterThan(0);
    expect(JSON.parse(added.body).evidence.values).toMatchObject({
      bytes: LARGE,
      mediaType: 'text/plain',
      file: `sha256:${hash.digest('hex')}`,
    });
    // Sender and server are one process here; of a file that lay in memory it would be twice its size.
    if (DEPTH >= 10) expect(most).toBeLessThan(250 * MIB);
  });

  test('beyond the limit leaves nothing behind', async () => {
    const limits = t.app.limits;
    const records = await stored();
    try {
      limits.fileBytes = MIB;
      const large = await upload(pieces(2 * MIB, 'too large\n'), 'server.log').catch(() => undefined);
      if (large) expect([large.status, JSON.parse(large.body).code]).toEqual([413, 'TOO_LARGE']);
    } finally {
      limits.fileBytes = 512 * MIB;
    }
    expect(incoming()).toEqual([]);
    expect(await stored()).toBe(records);
  });

  test('whose connection is cut leaves nothing behind', async () => {
    const records = await stored();
    await expect(upload(pieces(8 * MIB, 'cut\n'), 'server.log', 2 * MIB)).rejects.toThrow('cut');
    // The server learns of the end by itself; every upload after it waits for nothing.
    const after = await upload([Buffer.from('after the cut')], 'after.log');
    expect(after.status).toBe(201);
    await expect.poll(incoming).toEqual([]);
    expect(await stored()).toBe(records + 1);
  });
});

test('twenty at once are twenty', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, i) => upload(pieces(MIB, `file ${i}\n`), `${i}.log`)),
  );
  expect(all.map((a) => a.status)).toEqual(Array.from({ length: 20 }, () => 201));
  expect(new Set(all.map((a) => JSON.parse(a.body).evidence.ref)).size).toBe(20);
  expect(incoming()).toEqual([]);
});
