import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Front } from '../../src/api/front.ts';
import { createServer, type Served } from '../../src/api/server.ts';
import { PASSWORD, type TestInstance, testInstance } from '../support/instance.ts';

const PROXY = '10.0.0.5';
const URL_ = 'https://aims.example.com';

let t: TestInstance;
let lines: string[];
/** The same application behind a proxy, under a name of its own. */
let behind: Served;
beforeAll(async () => {
  t = await testInstance();
  lines = [];
  behind = await createServer({
    app: { ...t.app, baseUrl: URL_, log: (line) => lines.push(line) },
    version: 'test',
    firstRunToken: () => false,
    front: { trustProxy: [PROXY, '10.20.0.0/16', 'fd00::/8'], names: ['risk.example.com'] },
  });
  await t.person('Ada', ['aimsManager']);
  await t.person('Ben', ['reader']);
});
afterAll(async () => {
  await behind.close();
  await t.close();
});

const ask = (server: Served, o: InjectOptions) =>
  server.inject({ method: 'GET', url: '/api/v1/setup', ...o });
const signIn = (
  email: string,
  password: string,
  from: { remoteAddress?: string; headers?: Record<string, string> },
) =>
  behind.inject({
    method: 'POST',
    url: '/api/v1/sign-in',
    payload: { email, password },
    remoteAddress: from.remoteAddress ?? PROXY,
    headers: { host: 'aims.example.com', ...from.headers },
  });

describe('the name that a request asks for', () => {
  test('is ours by --url, by --names, by a trusted proxy, or by loopback on this machine', async () => {
    const ours: InjectOptions[] = [
      { headers: { host: 'aims.example.com' }, remoteAddress: '203.0.113.7' },
      { headers: { host: 'AIMS.example.com.:443' }, remoteAddress: '203.0.113.7' },
      { headers: { host: 'risk.example.com' }, remoteAddress: '203.0.113.7' },
      { headers: { host: '10.9.9.9:42001', 'x-forwarded-host': 'aims.example.com' }, remoteAddress: PROXY },
      { headers: { host: '127.0.0.1:42001' }, remoteAddress: '127.0.0.1' },
      { headers: { host: 'localhost:42001' }, remoteAddress: '::ffff:127.0.0.1' },
      { headers: { host: 'wrong.example' }, remoteAddress: '203.0.113.7', url: '/healthz' },
    ];
    for (const o of ours) expect((await ask(behind, o)).statusCode, JSON.stringify(o)).toBe(200);
  });

  test('is refused when it is not ours, on every kind of address, with a sentence that says what to do', async () => {
    const foreign: InjectOptions[] = [
      { headers: { host: 'evil.example' }, remoteAddress: '203.0.113.7' },
      { headers: { host: 'evil.example' }, remoteAddress: '127.0.0.1' },
      { headers: { host: 'localhost' }, remoteAddress: '203.0.113.7' },
      { headers: { host: 'evil.example' }, remoteAddress: PROXY },
      { headers: { host: 'aims.example.com', 'x-forwarded-host': 'evil.example' }, remoteAddress: PROXY },
      {
        headers: { host: 'evil.example', 'x-forwarded-host': 'aims.example.com' },
        remoteAddress: '203.0.113.7',
      },
    ];
    for (const o of foreign)
      for (const url of [
        '/api/v1/setup',
        '/log/acme/checkpoint',
        '/',
        '/nothing',
        '/healthz/../api/v1/setup',
      ]) {
        const r = await ask(behind, { ...o, url });
        expect([r.statusCode, r.json().code], `${url} ${JSON.stringify(o)}`).toEqual([421, 'WRONG_HOST']);
        expect(r.json().detail).toMatch(/aims\.example\.com.*--names/);
      }
  });

  test('is any name of this machine by default, whatever the port, and no other', async () => {
    for (const host of ['127.0.0.1:42001', 'localhost:8080', '[::1]:42001'])
      expect((await ask(t.server, { headers: { host } })).statusCode, host).toBe(200);
    expect((await ask(t.server, { headers: { host: 'evil.example' } })).statusCode).toBe(421);
  });
});

describe('the page that a request comes from', () => {
  test('is ours by the configured address, and not by what the request says of itself', async () => {
    const post = (server: Served, host: string, origin: string, remoteAddress = '203.0.113.7') =>
      server
        .inject({ method: 'POST', url: '/api/v1/sign-out', headers: { host, origin }, remoteAddress })
        .then((r) => r.statusCode);
    expect(await post(behind, 'aims.example.com', URL_)).toBe(200);
    expect(await post(behind, 'risk.example.com', 'https://risk.example.com')).toBe(200);
    // A proxy on this machine that does not pass the name on.
    expect(await post(behind, '127.0.0.1:42001', URL_, '127.0.0.1')).toBe(200);
    expect(await post(behind, 'localhost:9000', 'http://localhost:9000', '127.0.0.1')).toBe(200);
    expect(await post(t.server, 'localhost:9000', 'http://localhost:9000', '127.0.0.1')).toBe(200);
    for (const origin of [
      'http://aims.example.com',
      'https://aims.example.com:444',
      'https://evil.example',
      'null',
      'http://localhost',
    ])
      expect(await post(behind, 'aims.example.com', origin), origin).toBe(403);
    expect(await post(t.server, 'localhost:9000', 'http://localhost:3000', '127.0.0.1')).toBe(403);
  });
});

describe('attempts with a password', () => {
  const guess = async (email: string, times: number, from: Parameters<typeof signIn>[2]) => {
    let last = 0;
    for (let i = 0; i < times; i++) last = (await signIn(email, 'wrong password', from)).statusCode;
    return last;
  };
  const by = (forwarded: string) => ({ headers: { 'x-forwarded-for': forwarded } });

  test('count for the address before the proxies, the last that none of ours added, with or without a port', async () => {
    expect(await guess('ada@acme.example', 11, by('198.51.100.1, 10.20.3.4'))).toBe(429);
    // What somebody puts before it changes nothing, nor does the port of their connection.
    for (const same of ['1.2.3.4, 198.51.100.1', '198.51.100.1:50123', '198.51.100.1, 10.20.9.9, 10.0.0.5'])
      expect((await signIn('ada@acme.example', PASSWORD, by(same))).statusCode, same).toBe(429);
    expect((await signIn('ada@acme.example', PASSWORD, by('198.51.100.2'))).statusCode).toBe(200);
    expect((await signIn('ben@acme.example', PASSWORD, by('198.51.100.1'))).statusCode).toBe(200);
  });

  test('count for whoever connects when that is no proxy of ours, whatever it forwards', async () => {
    const from = (i: number) => ({
      remoteAddress: '198.51.100.77',
      headers: { 'x-forwarded-for': `192.0.2.${i}` },
    });
    for (let i = 0; i < 10; i++) await signIn('ada@acme.example', 'wrong password', from(i));
    expect((await signIn('ada@acme.example', PASSWORD, from(99))).statusCode).toBe(429);
  });
});

describe('what is missing is told', () => {
  test('once: forwarded headers from somebody who is no trusted proxy, with the setting, and no address of a visitor', async () => {
    const said: string[] = [];
    const server = await createServer({
      app: { ...t.app, log: (line) => said.push(line) },
      version: 'test',
      firstRunToken: () => false,
    });
    for (const remoteAddress of ['172.17.0.1', '172.17.0.1', '8.8.8.8'])
      await ask(server, { remoteAddress, headers: { 'x-forwarded-for': '198.51.100.9', host: 'localhost' } });
    await server.close();
    expect(said).toEqual([expect.stringMatching(/x-forwarded-for from 172\.17\.0\.1.*--trust-proxy/)]);
    expect(said.join()).not.toContain('198.51.100.9');
    expect(lines.join()).not.toMatch(/198\.51\.100|192\.0\.2/);
  });

  test('what is no address of a proxy, or everybody, is refused at start', () => {
    for (const wrong of ['proxy.internal', '10.0.0.0/33', '0.0.0.0/0', '::/0', '', '10.0.0.0/8/8'])
      expect(() => new Front({ baseUrl: URL_, trustProxy: [wrong], log: () => {} }), wrong).toThrow(
        /--trust-proxy/,
      );
    new Front({ baseUrl: URL_, trustProxy: ['10.0.0.0/8', '::1', 'fd00::/8'], log: () => {} });
  });
});
