import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotAsked, Outgoing, type Post } from './index.ts';
import { closedKind } from './networks.ts';

const SRC = join(import.meta.dirname, '..');

/** Forms of addresses that lead within: each is written as people, browsers and attackers write it. */
const WITHIN: readonly string[] = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://127.0.0.1./',
  'http://%31%32%37.0.0.1/',
  'http://①②⑦.⓪.⓪.①/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[64:ff9b::10.0.0.1]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001::1]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[fc00::1]/',
  'http://[fd00:ec2::254]/',
  'http://[ff02::1]/',
  'http://localhost/',
  'http://LOCALHOST./',
  'http://tsa.localhost/',
];

describe('which addresses are asked', () => {
  it.each(WITHIN)('refuses %s, naming the address and the setting', (address) => {
    expect(new Outgoing().refusal(address)).toMatch(/^\S+ is a .+ address, .*--allow-private \S+$/);
  });

  it.each([
    'https://1.1.1.1/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://[2606:4700::1111]/',
    'https://[::ffff:1.1.1.1]/',
    'https://[64:ff9b::1.1.1.1]/',
    'https://tsa.example.com/',
    'https://localhost.example.com/',
  ])('asks %s', (address) => {
    expect(new Outgoing().refusal(address)).toBeUndefined();
  });

  it('judges an IPv4 address and every IPv6 form of it alike', () => {
    fc.assert(
      fc.property(fc.ipV4(), (v4) => {
        const [a, b, c, d] = v4.split('.').map(Number) as [number, number, number, number];
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const v6 of [`::ffff:${v4}`, `::ffff:${hex}`, `0:0:0:0:0:ffff:${hex}`, `64:ff9b::${v4}`])
          expect(closedKind(v6), v6).toBe(closedKind(v4));
      }),
    );
  });

  it('opens what the operator names, and nothing beside it', () => {
    const outgoing = new Outgoing(['tsa.internal', '10.20.0.0/16', '127.0.0.1', 'fd12::/16', 'localhost']);
    const open = (address: string) => outgoing.refusal(address) === undefined;
    expect(
      ['10.20.3.4', '127.0.0.1', '[fd12::1]', 'localhost', 'tsa.internal', '2130706433'].map((h) =>
        open(`http://${h}/`),
      ),
    ).toEqual(new Array(6).fill(true));
    expect(
      ['10.21.0.1', '127.0.0.2', '[fd13::1]', 'x.localhost', '169.254.169.254'].map((h) =>
        open(`http://${h}/`),
      ),
    ).toEqual(new Array(5).fill(false));
  });

  it.each(['10.0.0.0/33', '10.0.0.0/8/8', 'http://tsa', 'a b', '', 'fd00::/129', 'tsa/8'])(
    'does not take %j as a setting',
    (entry) => {
      expect(() => new Outgoing([entry])).toThrow(/--allow-private: expected host names/);
    },
  );
});

describe('asking', () => {
  let server: Server;
  let port: number;
  const paths: string[] = [];
  const names: string[] = [];
  /** Every name is on this machine; `first.example` is elsewhere at the first question, as in an attack by rebinding. */
  const lookup: LookupFunction = (host, _options, done) => {
    names.push(host);
    const asked = names.filter((n) => n === host).length;
    const address = host === 'first.example' && asked === 1 ? '127.0.0.2' : '127.0.0.1';
    const all = [{ address, family: 4 }];
    done(null, host === 'both.example' ? [{ address: '192.0.3.1', family: 4 }, ...all] : all);
  };
  const asking = (more: Partial<Post> = {}): Post => ({
    headers: { 'content-type': 'text/plain' },
    body: 'x',
    most: 1000,
    signal: AbortSignal.timeout(2000),
    ...more,
  });

  beforeAll(async () => {
    server = createServer((request, response) => {
      paths.push(request.url ?? '');
      if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.1:${port}/inner` });
      if (request.url === '/long') response.write('y'.repeat(5000));
      response.end(`${request.method} ${request.headers.host}`);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    port = (server.address() as { port: number }).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('connects to nothing within, whatever the name that leads there', async () => {
    const outgoing = new Outgoing([], lookup);
    for (const host of ['evil.example', 'both.example', '127.0.0.1', '[::ffff:7f00:1]', 'localhost'])
      await expect(outgoing.post(`http://${host}:${port}/`, asking())).rejects.toThrow(NotAsked);
    await expect(outgoing.post(`https://evil.example:${port}/`, asking())).rejects.toThrow(
      'evil.example, which leads to 127.0.0.1, is a loopback address, which this server asks only when its operator starts it with --allow-private 127.0.0.1',
    );
    expect(paths).toEqual([]);
    expect(names).toContain('evil.example');
  });

  it('judges a name anew at each connection', async () => {
    const outgoing = new Outgoing(['127.0.0.2'], lookup);
    const asked = () =>
      outgoing.post(`http://first.example:${port}/`, asking({ signal: AbortSignal.timeout(50) }));
    // An open address that nobody answers at; then the name leads within.
    await expect(asked()).rejects.not.toThrow(NotAsked);
    await expect(asked()).rejects.toThrow(NotAsked);
    expect(paths).toEqual([]);
  });

  it('asks what was opened, follows no redirect, and reads no more than told', async () => {
    const outgoing = new Outgoing(['tsa.internal'], lookup);
    const at = (path: string) => outgoing.post(`http://tsa.internal:${port}${path}`, asking());
    const plain = await at('/');
    expect([plain.status, plain.body?.toString()]).toEqual([200, `POST tsa.internal:${port}`]);
    expect((await at('/away')).status).toBe(302);
    expect(await at('/long')).toMatchObject({ status: 200, body: undefined });
    expect(paths).toEqual(['/', '/away', '/long']);
  });
});

it('is the only part of the server that can reach out', () => {
  // `cli` asks the server its user names, `web` its own; `witness` and `api` answer; the embedded database is reached by the driver.
  const elsewhere = /^(outgoing|cli|web|witness)\/|\.test\.ts$|\/testing\/|\.fixture\.ts$/;
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !elsewhere.test(path));
  const reaching = files.filter((path) =>
    /(?<![.\w])fetch\(|\bimport (?!type|\{ STATUS_CODES \})[^;]*from 'node:(?:http|https|http2|tls|dgram|dns)'|WebSocket\(/.test(
      readFileSync(join(SRC, path), 'utf8'),
    ),
  );
  expect(files.length).toBeGreaterThan(300);
  expect(reaching).toEqual([]);
});
