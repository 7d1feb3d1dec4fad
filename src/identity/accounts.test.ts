import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { quickPasswords } from '../../test/support/quick-passwords.ts';
import { Failure } from '../base/failure.ts';
import { BOUNDS } from './attempts.ts';
import { cookieOf, PASSWORD, type World, world } from './testing/world.ts';

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.end());
beforeEach(async () => {
  w.clock.set('2030-03-01T09:00:00Z');
  await w.database.asOwner({ text: 'delete from identity_attempt' });
});

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

const signIn = (email: string, password: string, ip = '192.0.2.7') =>
  w.identity.signIn({ email, password, ip });

describe('making an account', () => {
  test('names every field that is wrong, and makes nothing', async () => {
    const f = await failure(
      w.identity.createAccount({ email: 'no address', name: ' ', password: 'ninechars' }),
    );
    expect(f.code).toBe('INVALID');
    expect(f.problems.map((p) => p.path)).toEqual(['/email', '/name', '/password']);
    const long = { email: 'l@example.org', name: 'L', password: 'x'.repeat(129) };
    expect((await failure(w.identity.createAccount(long))).problems.map((p) => p.path)).toEqual([
      '/password',
    ]);
    const zero = { email: 'z@example.org', name: 'Z\0', password: `${PASSWORD}\0` };
    expect((await failure(w.identity.createAccount(zero))).problems.map((p) => p.path)).toEqual([
      '/name',
      '/password',
    ]);
    expect(await w.database.asOwner({ text: 'select * from identity_user' })).toEqual([]);
  });

  test('keeps one account for an address, however it is written, once it belongs somewhere', async () => {
    expect(await w.identity.hasAccounts()).toBe(false);
    await w.member(w.demo, 'PSN-0001', 'One@Example.org');
    expect(await w.identity.hasAccounts()).toBe(true);
    const f = await failure(
      w.identity.createAccount({ email: ' one@EXAMPLE.org ', name: 'Two', password: 'another long one' }),
    );
    expect(f.code).toBe('ALREADY_EXISTS');
    await signIn('ONE@example.org', PASSWORD);
  });

  test('takes over an account that belongs nowhere, though not at once, ending its sessions', async () => {
    const first = await w.identity.createAccount({
      email: 'lost@example.org',
      name: 'Lost',
      password: PASSWORD,
    });
    const again = { email: 'lost@example.org', name: 'Stranger', password: 'a password of a stranger' };
    expect((await failure(w.identity.createAccount(again))).code).toBe('ALREADY_EXISTS');
    const retried = await w.identity.openAccount({ ...again, password: PASSWORD, ip: '::1' });
    expect(retried).toEqual(first);
    const cookie = await w.signInAs('lost@example.org');
    w.clock.advance(10 * 60 * 1000);
    const second = await w.identity.createAccount({
      email: 'lost@example.org',
      name: 'Found',
      password: 'a second password',
    });
    expect(second).toEqual(first);
    expect(await w.identity.userIdOf({ cookie })).toBeUndefined();
    expect((await failure(signIn('lost@example.org', PASSWORD))).code).toBe('NOT_SIGNED_IN');
    await signIn('lost@example.org', 'a second password');
  });

  test('two at once for one address leave one account that can sign in', async () => {
    const made = await Promise.allSettled(
      ['first password', 'second password'].map((password) =>
        w.identity.createAccount({ email: 'twice@example.org', name: 'Twice', password }),
      ),
    );
    expect(made.map((m) => m.status).sort()).toEqual(['fulfilled', 'rejected']);
    const [row] = await w.database.asOwner({
      text: `select count(*)::int as n from identity_user u join identity_account a on a.user_id = u.id where email = 'twice@example.org'`,
    });
    expect(row?.n).toBe(1);
  });

  test('stores a password as a salted scrypt hash of its own', async () => {
    const rows = await w.database.asOwner({ text: 'select password from identity_account' });
    const hashes = rows.map((r) => r.password as string);
    expect(hashes.length).toBeGreaterThan(1);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('signing in', () => {
  test('sets one cookie: HttpOnly, SameSite=Lax, for seven days, not Secure without https', async () => {
    const { setCookie } = await signIn('one@example.org', PASSWORD);
    expect(setCookie).toHaveLength(1);
    const parts = setCookie[0]?.split('; ') ?? [];
    expect(parts[0]).toMatch(/^aims\.session_token=/);
    expect(parts.slice(1).sort()).toEqual(['HttpOnly', 'Max-Age=604800', 'Path=/', 'SameSite=Lax']);
  });

  test('says one sentence for an unknown address, a wrong password and what is no address', async () => {
    const failures = await Promise.all([
      failure(signIn('nobody@example.org', PASSWORD)),
      failure(signIn('one@example.org', 'wrong password')),
      failure(signIn('one@example.org', 'x'.repeat(5000))),
      failure(signIn('not an address', PASSWORD)),
      failure(signIn('one@example.org\0', PASSWORD)),
    ]);
    expect(new Set(failures.map((f) => `${f.code} ${f.message}`)).size).toBe(1);
    expect(failures[0]?.code).toBe('NOT_SIGNED_IN');
  });

  test('stores no address, and a browser name without line breaks', async () => {
    const userAgent = `Browser\r\nx: y ${'z'.repeat(500)}`;
    const { userId } = await w.identity.signIn({
      email: 'one@example.org',
      password: PASSWORD,
      ip: '192.0.2.77',
      userAgent,
    });
    const rows = await w.database.asOwner({
      text: 'select * from identity_session where user_id = $1',
      values: [userId],
    });
    expect(JSON.stringify(rows)).not.toContain('192.0.2.77');
    expect(rows.some((r) => /^Browserx: y z+$/.test(r.user_agent as string))).toBe(true);
    const attempts = await w.database.asOwner({ text: 'select key from identity_attempt' });
    expect(JSON.stringify(attempts)).not.toMatch(/192\.0|example/);
  });
});

describe('guessing', () => {
  // Every try is a hash, and there are more than two hundred: how they are kept is tested above.
  const waits: number[] = [];
  let slow: World;
  beforeAll(async () => {
    slow = w;
    w = await world({ pause: async (ms) => void waits.push(ms), passwords: quickPasswords });
    await w.member(w.demo, 'PSN-0001', 'one@example.org');
  });
  afterAll(async () => {
    await w.end();
    w = slow;
  });

  test('waits longer and longer for one desk and one account, also with the right password; nothing tried meanwhile makes it longer', async () => {
    const many = Array.from({ length: BOUNDS.pair.free + 5 }, () =>
      failure(signIn('one@example.org', 'wrong password')),
    );
    const codes = (await Promise.all(many)).map((f) => f.code);
    // At the same time, and still not one too many.
    expect(codes.filter((c) => c === 'NOT_SIGNED_IN')).toHaveLength(BOUNDS.pair.free);
    const blocked = await failure(signIn('one@example.org', PASSWORD));
    expect([blocked.code, blocked.message]).toEqual([
      'TOO_MANY',
      expect.stringMatching(/Try again in 15 seconds/),
    ]);
    await signIn('one@example.org', PASSWORD, '192.0.2.8');
    w.clock.advance(15_000);
    expect((await failure(signIn('one@example.org', 'wrong password'))).code).toBe('NOT_SIGNED_IN');
    expect((await failure(signIn('one@example.org', PASSWORD))).message).toMatch(/in 30 seconds/);
    w.clock.advance(30_000);
    await signIn('one@example.org', PASSWORD);
  });

  test('is forgiven after a right password', async () => {
    for (let i = 0; i < BOUNDS.pair.free - 1; i++) await failure(signIn('one@example.org', 'wrong password'));
    await signIn('one@example.org', PASSWORD);
    expect((await failure(signIn('one@example.org', 'wrong password'))).code).toBe('NOT_SIGNED_IN');
  });

  test('of one account from many desks is bounded; a /64 of IPv6 is one desk', async () => {
    await signIn('one@example.org', PASSWORD);
    const desk = (i: number) => `198.51.${i >> 8}.${i & 255}`;
    const codes: string[] = [];
    for (let i = 0; i < BOUNDS.account.free + 2; i++)
      codes.push((await failure(signIn('one@example.org', 'wrong password', desk(i)))).code);
    expect(codes.filter((c) => c === 'TOO_MANY')).toHaveLength(2);
    // Strangers do not keep its owner out: not where they have signed in before, and elsewhere for a moment only.
    await signIn('one@example.org', PASSWORD);
    w.clock.advance(60_000);
    await signIn('one@example.org', PASSWORD, '192.0.2.200');
    const v6 = async (i: number) =>
      (await failure(signIn('absent@example.org', 'wrong password', `2001:db8::${i}`))).code;
    for (let i = 0; i < BOUNDS.pair.free; i++) expect(await v6(i)).toBe('NOT_SIGNED_IN');
    expect(await v6(99)).toBe('TOO_MANY');
  });

  test('of many accounts from one desk is answered later and later, and a right password of somebody else there works', async () => {
    const desk = '203.0.113.9';
    const wrong = (i: number) => failure(signIn(`nobody-${i}@example.org`, 'wrong password', desk));
    const before = waits.length;
    for (let i = 0; i < BOUNDS.address.free; i++) await wrong(i);
    expect(waits.length).toBe(before);
    for (let i = 0; i < 6; i++) expect((await wrong(1000 + i)).code).toBe('NOT_SIGNED_IN');
    expect(waits.slice(before)).toEqual([250, 500, 1000, 2000, 4000, 4000]);
    await signIn('one@example.org', PASSWORD, desk);
    expect(waits.length).toBe(before + 7);
    // Whoever is known there waits no more.
    await signIn('one@example.org', PASSWORD, desk);
    expect(waits.length).toBe(before + 7);
  });

  test('when signing is bounded too, and tells right from wrong', async () => {
    const userId = (await signIn('one@example.org', PASSWORD)).userId;
    expect(await w.identity.checkPassword(userId, PASSWORD)).toBe(true);
    expect(await w.identity.checkPassword('nobody', PASSWORD)).toBe(false);
    for (let i = 0; i < BOUNDS.user.free; i++)
      expect(await w.identity.checkPassword(userId, 'wrong')).toBe(false);
    expect((await failure(w.identity.checkPassword(userId, PASSWORD))).code).toBe('TOO_MANY');
  });

  test('leaves nothing behind once the windows have ended', async () => {
    await failure(signIn('absent@example.org', 'wrong password'));
    w.clock.advance(2 * 60 * 60 * 1000);
    await signIn('one@example.org', PASSWORD);
    const [row] = await w.database.asOwner({
      text: 'select count(*)::int as n from identity_attempt where count > 0',
    });
    expect(row?.n).toBe(0);
  });
});

test('a right password is told at once while many wrong ones from the same address wait, and stands in no line behind them', async () => {
  const held: (() => void)[] = [];
  const office = await world({
    pause: () => new Promise<void>((go) => held.push(go)),
    passwords: quickPasswords,
  });
  const until = async (n: number) => {
    for (let i = 0; i < 2_000 && held.length < n; i++) await new Promise((r) => setTimeout(r, 2));
    expect(held.length).toBe(n);
  };
  /** Answers when so many attempts of the address were counted; each takes its place, or stands in line, right after. */
  const counted = async (n: number) => {
    for (let i = 0; i < 2_000; i++) {
      const [row] = await office.database.asOwner({
        text: 'select max(count)::int as n from identity_attempt',
      });
      if (row?.n === n) break;
    }
    await new Promise((r) => setTimeout(r, 5));
  };
  const at = (email: string, password = 'wrong password') =>
    office.identity.signIn({ email, password, ip: '203.0.113.77' });
  try {
    for (const [ref, email] of [
      ['PSN-0001', 'first@example.org'],
      ['PSN-0002', 'second@example.org'],
    ] as const)
      await office.member(office.demo, ref, email);
    for (let i = 0; i < BOUNDS.address.free; i++) await failure(at(`nobody-${i % 20}@example.org`));
    const wrong = Array.from({ length: 49 }, (_, i) => failure(at(`nobody-${i % 20}@example.org`)));
    await until(49);
    expect((await at('first@example.org', PASSWORD)).userId).toBeTruthy();
    await until(50);
    // Now as many are under way as may be: more stand in line, and whoever was not wrong here goes first.
    const line = Array.from({ length: 10 }, (_, i) => failure(at(`nobody-${i + 5}@example.org`)));
    await counted(159);
    const second = at('second@example.org', PASSWORD);
    await counted(160);
    held[0]!();
    expect((await second).userId).toBeTruthy();
    expect(held.length).toBe(51);
    // Each that is let go on makes room for the next.
    const all = Promise.all([...wrong, ...line]);
    let ended = false;
    void all.then(() => {
      ended = true;
    });
    while (!ended) {
      for (const go of held) go();
      await new Promise((r) => setTimeout(r, 2));
    }
    expect(new Set((await all).map((f) => f.code))).toEqual(new Set(['NOT_SIGNED_IN']));
  } finally {
    for (const go of held) go();
    await office.end();
  }
});

test('behind https the cookie is Secure, and the name without the prefix is not taken', async () => {
  const secure = await world({ secureCookies: true });
  try {
    await secure.identity.createAccount({ email: 's@example.org', name: 'S', password: PASSWORD });
    const { setCookie, userId } = await secure.identity.signIn({
      email: 's@example.org',
      password: PASSWORD,
      ip: '::1',
    });
    expect(setCookie[0]).toMatch(/^__Secure-aims\.session_token=.*; Secure/);
    const cookie = cookieOf(setCookie);
    expect(await secure.identity.userIdOf({ cookie })).toBe(userId);
    expect(await secure.identity.userIdOf({ cookie: cookie.replace('__Secure-', '') })).toBeUndefined();
  } finally {
    await secure.end();
  }
});
