import type pg from 'pg';
import type { Clock } from '../base/clock.ts';
import { type Random, uuid7 } from '../base/random.ts';
import type { Passwords } from './passwords.ts';

/** How long a sign-in lasts, in seconds: seven days from signing in, never prolonged. */
export const SESSION_SECONDS = 7 * 24 * 60 * 60;
/** Length of a password in UTF-16 units. The upper bound keeps one request from costing a long hash. */
export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 128;

/** What the sign-in library is set up with. */
export interface LibraryOptions {
  pool: pg.Pool;
  secret: string;
  baseUrl: string;
  clock: Clock;
  random: Random;
  passwords: Passwords;
  secureCookies: boolean;
}

/**
 * better-auth, set up for e-mail and password. What is insecure when left alone, and what is done about it
 * (each point has a test in `library.test.ts`):
 *
 * - Session tokens lie in plain text in the database, and its plugin `bearer()` accepts them from there. The plugin
 *   is not used; a token counts only in a cookie signed with the secret, which is not in the database.
 * - Anybody may sign up. `disableSignUp` closes that even for its own handler; accounts come from `accounts.ts`.
 * - Its HTTP handler serves some forty routes under /api/auth. Nothing mounts it: the library is called on the server.
 *   Its rate limits live in that handler and count by address alone; ours are in `attempts.ts`.
 * - Passwords may have 8 characters. 10 to 128 here.
 * - Cached session cookies keep a session alive after its end. `cookieCache` is off: an ended session ends at once.
 * - Sessions are prolonged as they are used. Not here: they end seven days after the sign-in.
 * - BETTER_AUTH_SECRETS in the environment replaces the secret. Given as `secrets`, ours cannot be replaced.
 * - Telemetry can be switched on by the environment, but needs an address to send to as well; it is off here.
 * - The address of each sign-in is stored. It is not: nobody needs it, and it is personal data.
 */
export function libraryOptions(o: LibraryOptions) {
  const stamp = { createdAt: 'created_at', updatedAt: 'updated_at' };
  return {
    baseURL: o.baseUrl,
    database: o.pool,
    secrets: [{ version: 1, value: o.secret }],
    telemetry: { enabled: false },
    // Whatever goes wrong is thrown to us; the library's own lines would carry addresses of people.
    logger: { disabled: true },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      autoSignIn: false,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      password: o.passwords,
    },
    user: { modelName: 'identity_user', fields: { emailVerified: 'email_verified', ...stamp } },
    session: {
      modelName: 'identity_session',
      expiresIn: SESSION_SECONDS,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...stamp,
      },
    },
    account: {
      modelName: 'identity_account',
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...stamp,
      },
    },
    verification: { modelName: 'identity_verification', fields: { expiresAt: 'expires_at', ...stamp } },
    databaseHooks: {
      session: {
        create: {
          // The library reads the machine's clock; everything here goes by the clock that was passed in.
          before: async (session: { userAgent?: string | null }) => ({
            data: { ...session, userAgent: session.userAgent?.slice(0, 200) ?? '', ...lifeOf(o.clock) },
          }),
        },
      },
    },
    advanced: {
      cookiePrefix: 'aims',
      useSecureCookies: o.secureCookies,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' as const, path: '/' },
      ipAddress: { disableIpTracking: true },
      // The tables are the migrations' business; a test compares them with what the library expects.
      database: { validateSchema: false, generateId: () => uuid7(o.clock.now(), o.random) },
    },
  };
}

function lifeOf(clock: Clock) {
  const now = clock.now();
  return { createdAt: now, updatedAt: now, expiresAt: new Date(now.getTime() + SESSION_SECONDS * 1000) };
}

/** Loads the library (about half a second of processor time) and sets it up. */
async function setUp(o: LibraryOptions) {
  const { betterAuth } = await import('better-auth');
  return betterAuth(libraryOptions(o));
}

export type Library = Awaited<ReturnType<typeof setUp>>;

/** Does something with the library. */
export type WithLibrary = <T>(use: (library: Library) => Promise<T>) => Promise<T>;

/**
 * The library, loaded when somebody signs in or out for the first time: telling who asks does not need it, and the
 * start must not wait for it.
 */
export function lazyLibrary(o: LibraryOptions): WithLibrary {
  let library: Promise<Library> | undefined;
  return async (use) => {
    library ??= setUp(o).catch((error) => {
      library = undefined;
      throw error;
    });
    const there = await library;
    underWay += 1;
    try {
      return await use(there);
    } finally {
      underWay -= 1;
      await forgetContexts();
    }
  };
}

/** Calls of the library that are under way in this process: what it remembers them by is one for all instances. */
let underWay = 0;

/**
 * The library keeps what a call is about in storages that follow it from promise to promise. Once used, they have Node follow every promise of the
 * process, and each `await` of every later request takes twice as long: they are put down when no call is under way, and taken up again by the next.
 */
async function forgetContexts(): Promise<void> {
  const context = await import('@better-auth/core/context');
  const storages = await Promise.all([
    context.getRequestStateAsyncLocalStorage(),
    context.getCurrentDBAdapterAsyncLocalStorage(),
    context.getCurrentAuthContextAsyncLocalStorage(),
  ]);
  if (underWay === 0) for (const storage of storages) storage.disable();
}
