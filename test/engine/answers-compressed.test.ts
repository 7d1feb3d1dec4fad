import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let manager: Visitor;
let contributor: Visitor;
beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Maria', ['aimsManager']);
  contributor = await t.person('Cora', ['contributor']);
});
afterAll(() => t?.close());

const asked = (who: Visitor, path: string, headers: Record<string, string> = {}) =>
  t.server.inject({ method: 'GET', url: path, headers: { ...who.headers, ...headers } });

describe('large answers travel compressed', () => {
  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('as %s where the client takes it, and say the same', async (encoding, unpack) => {
    const plain = await asked(manager, '/api/v1/acme/meta');
    const packed = await asked(manager, '/api/v1/acme/meta', { 'accept-encoding': encoding });
    expect(packed.headers['content-encoding']).toBe(encoding);
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 4);
    expect(unpack(packed.rawPayload).toString()).toBe(plain.body);
    expect(packed.headers.vary).toMatch(/accept-encoding/i);
  });

  test('what is sent packed is refused, not unpacked', async () => {
    const r = await t.server.inject({
      method: 'POST',
      url: '/api/v1/acme/risk',
      headers: { ...manager.headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      payload: gzipSync(JSON.stringify({ title: 'x'.repeat(100_000) })),
    });
    expect(r.statusCode).toBe(400);
  });

  test('refusals and short answers are what they were', async () => {
    const r = await asked(manager, '/api/v1/acme/risk/RSK-9999', { 'accept-encoding': 'gzip, br' });
    expect(r.statusCode).toBe(404);
    expect(r.json().code).toBe('NOT_FOUND');
  });
});

describe('what a page must know first is asked for once', () => {
  test('with its digest the answer is that it still holds', async () => {
    const first = await asked(manager, '/api/v1/acme/meta');
    expect(first.json().registers.length).toBeGreaterThan(30);
    const again = await asked(manager, '/api/v1/acme/meta', { 'if-none-match': String(first.headers.etag) });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    expect(first.headers['cache-control']).toBe('private, no-cache');
  });

  test('somebody with other roles gets another answer, and never the kept one', async () => {
    const hers = await asked(manager, '/api/v1/acme/meta');
    const other = await asked(contributor, '/api/v1/acme/meta', {
      'if-none-match': String(hers.headers.etag),
    });
    expect(other.statusCode).toBe(200);
    expect(other.json().me.ref).toBe(contributor.ref);
    const mayCreate = (body: { registers: { name: string; mayCreate: boolean }[] }) =>
      body.registers.filter((r) => r.mayCreate).map((r) => r.name);
    expect(mayCreate(other.json())).not.toEqual(mayCreate(hers.json()));
  });

  test('a change of the organisation changes the digest', async () => {
    const before = await asked(manager, '/api/v1/acme/meta');
    const done = await manager.ask('POST', 'log/visibility', { public: false, reason: 'Internal' });
    expect(done.status, done.text).toBeLessThan(300);
    const after = await asked(manager, '/api/v1/acme/meta', { 'if-none-match': String(before.headers.etag) });
    expect(after.statusCode).toBe(200);
    expect(after.json().organisation.logPublic).toBe(false);
  });
});
