import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FixtureServer, problem } from './testing/fixture-server.ts';
import { folder, run } from './testing/run.ts';

let server: FixtureServer;
const KEY = 'aims_0123456789abcdef';
beforeAll(async () => {
  server = await FixtureServer.start();
});
afterAll(() => server.stop());
const sent = () => JSON.parse(server.seen[0]!.body.toString()) as unknown;

describe('profiles', () => {
  const signIn = {
    json: { name: 'Ada', organisations: [{ slug: 'acme', name: 'Acme' }] },
    headers: { 'set-cookie': ['session=abc; HttpOnly; Path=/', 'old=; Max-Age=0'] },
  };

  it('signs in, keeps the session readable by its owner alone, uses it, and signs out', async () => {
    const home = folder();
    server.serve({
      'POST /api/v1/sign-in': signIn,
      'GET /api/v1/me': {
        json: {
          kind: 'person',
          name: 'Ada',
          email: 'ada@example.org',
          organisations: [{ slug: 'acme', name: 'Acme', ref: 'PSN-0001', roles: ['aimsManager'] }],
        },
      },
      'POST /api/v1/sign-out': { json: {} },
    });
    const login = await run(
      ['login', '--url', server.url, '--email', 'ada@example.org', '--password-stdin'],
      { home, stdin: 'pw\n' },
    );
    expect(login.code).toBe(0);
    expect(sent()).toEqual({ email: 'ada@example.org', password: 'pw' });
    expect(`${login.out}${login.err}`).not.toMatch(/pw|abc/);
    const file = join(home, '.config/openaims/profiles.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain('pw');
    const who = await run(['whoami'], { home });
    expect(who.out).toContain('acme: Acme, PSN-0001, aimsManager (in use)');
    expect(server.seen[1]!.headers.cookie).toBe('session=abc');
    expect((await run(['logout'], { home })).code).toBe(0);
    expect(server.seen[2]!.headers).toMatchObject({ cookie: 'session=abc', origin: server.url });
    expect(readFileSync(file, 'utf8')).not.toContain('abc');
  });

  it('keeps several people apart, and never sends a session to another server', async () => {
    const home = folder();
    const other = await FixtureServer.start();
    server.serve({
      'POST /api/v1/sign-in': (s) => ({
        ...signIn,
        headers: { 'set-cookie': `session=${(JSON.parse(s.body.toString()) as { email: string }).email}` },
      }),
      'GET /api/v1/acme/risk': { json: { items: [], next: null } },
    });
    for (const name of ['ada', 'ben'])
      await run(['--profile', name, 'login', '--url', server.url, '--email', name, '--password', 'x'], {
        home,
      });
    await run(['--profile', 'ben', 'risk', 'list'], { home });
    await run(['risk', 'list', '--profile', 'ada'], { home });
    expect(server.seen.slice(2).map((s) => s.headers.cookie)).toEqual(['session=ben', 'session=ada']);
    other.serve({ 'GET /api/v1/acme/risk': { json: { items: [], next: null } } });
    // Neither a session nor a key leaves for a server it was not made with, whichever way that server is named.
    server.serve({
      'GET /api/v1/me': { json: { kind: 'apiKey', name: 'ci', organisations: [{ slug: 'acme' }] } },
    });
    await run(['--profile', 'ci', 'login', '--url', server.url, '--key', KEY], { home });
    for (const name of ['ada', 'ci'])
      for (const elsewhere of [['--url', other.url], []]) {
        const env: Record<string, string> = elsewhere.length > 0 ? {} : { AIMS_URL: other.url };
        const refused = await run(['--profile', name, ...elsewhere, 'risk', 'list'], { home, env });
        expect(refused.code).toBe(2);
        expect(refused.err).toContain(`The profile "${name}" is a sign-in at ${server.url}`);
        expect(refused.err).not.toContain(KEY);
      }
    expect(other.seen).toHaveLength(0);
    // A key of the environment was meant for whatever is named beside it.
    await run(['--profile', 'ci', 'risk', 'list'], {
      home,
      env: { AIMS_URL: other.url, AIMS_KEY: `${KEY}9` },
    });
    await run(['--url', other.url, 'risk', 'list'], { home });
    expect(other.seen.map((s) => s.headers.authorization)).toEqual([`Bearer ${KEY}9`, undefined]);
    expect(other.seen.every((s) => !('cookie' in s.headers))).toBe(true);
    await other.stop();
    expect(await run(['--profile', 'eve', 'risk', 'list'], { home })).toMatchObject({
      code: 2,
      err: expect.stringContaining('no profile "eve" (known: ada, ben, ci)') as string,
    });
  });

  it('stores a key only when the server knows it, and refuses what is no key without repeating it', async () => {
    const home = folder();
    server.serve({
      'GET /api/v1/me': (s) =>
        s.headers.authorization === `Bearer ${KEY}`
          ? { json: { kind: 'apiKey', name: 'ci', organisations: [{ slug: 'acme', name: 'Acme' }] } }
          : problem(401, 'NOT_SIGNED_IN', 'Sign in.'),
    });
    expect((await run(['login', '--url', server.url, '--key', KEY], { home })).code).toBe(0);
    const wrong = await run(['login', '--url', server.url, '--key', 'hunter2'], { home });
    expect(wrong.code).toBe(2);
    expect(wrong.err).not.toContain('hunter2');
    expect((await run(['login', '--url', server.url, '--key', 'aims_unknown_key'], { home })).code).toBe(2);
  });

  it('does not overwrite a damaged file', async () => {
    const home = folder();
    server.serve({ 'POST /api/v1/sign-in': signIn });
    await run(['login', '--url', server.url, '--email', 'a', '--password', 'x'], { home });
    writeFileSync(join(home, '.config/openaims/profiles.json'), '{');
    const again = await run(['login', '--url', server.url, '--email', 'a', '--password', 'x'], { home });
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('damaged') as string });
    expect(readFileSync(join(home, '.config/openaims/profiles.json'), 'utf8')).toBe('{');
  });
});
