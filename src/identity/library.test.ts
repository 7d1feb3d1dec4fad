import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../base/random.ts';
import { identityPool } from './connections.ts';
import { libraryOptions } from './library.ts';
import { scryptPasswords } from './passwords.ts';
import { PASSWORD, SECRET, type World, world } from './testing/world.ts';

let w: World;
let cookie: string;
let token: string;
let pool: ReturnType<typeof identityPool>;
let options: ReturnType<typeof libraryOptions>;
beforeAll(async () => {
  w = await world();
  cookie = (await w.member(w.demo, 'PSN-0001', 'ada@example.org')).cookie;
  const [row] = await w.database.asOwner({ text: 'select token from identity_session' });
  token = row?.token as string;
  pool = identityPool(w.logins.identity);
  const base = { secret: SECRET, baseUrl: 'http://localhost:4200', secureCookies: false };
  options = libraryOptions({
    ...base,
    pool,
    clock: w.clock,
    random: systemRandom,
    passwords: scryptPasswords,
  });
});
afterAll(async () => {
  await pool.end();
  await w.end();
});

const nobody = async (headers: { cookie?: string; authorization?: string }) => {
  expect(await w.identity.identify(headers, 'demo')).toBeUndefined();
  expect(await w.identity.userIdOf(headers)).toBeUndefined();
  expect(await w.identity.whoAmI(headers)).toBeUndefined();
};

describe('insecure when left alone', () => {
  test('a session token read from the database opens nothing, as bearer or as cookie', async () => {
    expect(decodeURIComponent(cookie)).toContain(token);
    await nobody({ authorization: `Bearer ${token}` });
    await nobody({ authorization: `Bearer ${decodeURIComponent(cookie).split('=')[1]}` });
    await nobody({ authorization: `Bearer ${cookie.slice(cookie.indexOf('=') + 1)}` });
    await nobody({ cookie: `aims.session_token=${token}` });
    await nobody({ cookie: `aims.session_token=${token}.` });
  });

  test('a cookie with a changed token, a changed signature or a signature of another secret opens nothing', async () => {
    const value = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1));
    const signature = value.slice(value.lastIndexOf('.') + 1);
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    const as = (v: string) => ({ cookie: `aims.session_token=${encodeURIComponent(v)}` });
    expect(await w.identity.userIdOf(as(value))).toBeDefined();
    await nobody(as(`${token}.${flipped}`));
    await nobody(as(`${token}x.${signature}`));
    await nobody(as(`.${signature}`));
    await nobody(as(signature));
    await nobody({ cookie: `other=${encodeURIComponent(value)}` });
    await nobody({ cookie: '' });
    await nobody({});
    const { makeSignature } = await import('better-auth/crypto');
    await nobody(as(`${token}.${await makeSignature(token, `${SECRET}x`)}`));
    expect(await w.identity.userIdOf(as(`${token}.${await makeSignature(token, SECRET)}`))).toBeDefined();
  });

  test('sign-up is closed, on the server and in the handler that nothing mounts', async () => {
    const library = betterAuth(options);
    const body = { email: 'stranger@example.org', name: 'S', password: PASSWORD };
    await expect(library.api.signUpEmail({ body })).rejects.toThrow(/sign up is not enabled/);
    const request = new Request('http://localhost:4200/api/auth/sign-up/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://localhost:4200' },
      body: JSON.stringify(body),
    });
    expect((await library.handler(request)).status).toBe(400);
    expect(await w.database.asOwner({ text: `select 1 from identity_user where name = 'S'` })).toEqual([]);
  });

  test('the library is given no plugin, no session cache, and a secret that the environment cannot replace', async () => {
    process.env.BETTER_AUTH_SECRETS = `9:${'e'.repeat(40)}`;
    try {
      const context = await betterAuth(options).$context;
      expect(context.secret).toBe(SECRET);
      expect('plugins' in options).toBe(false);
      expect(context.hasPlugin('bearer' as never)).toBe(false);
      expect(context.options.session?.cookieCache?.enabled).toBe(false);
      expect(context.password.config).toEqual({ minPasswordLength: 10, maxPasswordLength: 128 });
    } finally {
      delete process.env.BETTER_AUTH_SECRETS;
    }
  });

  test('the library reads our cookie as we do: its own session look-up agrees', async () => {
    const found = await betterAuth(options).api.getSession({ headers: new Headers({ cookie }) });
    expect(found?.user.id).toBe(await w.identity.userIdOf({ cookie }));
  });
});

test('the tables of the migration are those the library expects: it would add nothing', async () => {
  const plan = await getMigrations({ ...options, database: w.database.ownerPool } as never);
  expect(plan.toBeCreated).toEqual([]);
  expect(plan.toBeAdded).toEqual([]);
});

test('once somebody has signed in or out, Node follows no promise for the library any more', async () => {
  // Promises that are followed have a number each; others that of whatever they came out of.
  const followed = async () => {
    await null;
    const first = executionAsyncId();
    await null;
    return executionAsyncId() !== first;
  };
  const storage = new AsyncLocalStorage();
  expect(await storage.run({}, followed)).toBe(Number(process.versions.node.split('.')[0]) < 24);
  storage.disable();
  const signedIn = await w.signInAs('ada@example.org');
  expect(await followed()).toBe(false);
  await Promise.all([w.signInAs('ada@example.org'), w.identity.signOut(signedIn)]);
  expect(await followed()).toBe(false);
  await expect(w.signInAs('ada@example.org', 'not the password')).rejects.toThrow();
  expect(await followed()).toBe(false);
});
