import type pg from 'pg';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Actor } from '../register/who.ts';
import * as accounts from './accounts.ts';
import { issueApiKey } from './api-key.ts';
import type { Pause } from './attempts.ts';
import { type Ask, identityPool, type Statement, type StatementObserver } from './connections.ts';
import { eraseAccount, type HeldAccount, heldAccount } from './erase.ts';
import { type AskingHeaders, identify, userIdOf, type WhoAmI, whoAmI } from './identify.ts';
import * as invitation from './invitation.ts';
import { lazyLibrary } from './library.ts';
import { type Passwords, scryptPasswords } from './passwords.ts';
import { sessionCookieName, signedToken } from './session-cookie.ts';

export type { Statement } from './connections.ts';
export type { HeldAccount } from './erase.ts';
export type { AskingHeaders, WhoAmI } from './identify.ts';
export { invitationFailure, type OpenInvitation } from './invitation.ts';
export { LONGEST_PASSWORD, SESSION_SECONDS, SHORTEST_PASSWORD } from './library.ts';

/** What this part is given. */
export interface IdentityOptions {
  /** Logs in as a role that may become `aims_identity` and nobody else. */
  connection: pg.PoolConfig;
  /** At least 32 random bytes as text, from the data directory. A new one ends all sessions. */
  secret: string;
  /** Where the application is reached, such as `http://localhost:4200`. */
  baseUrl: string;
  clock: Clock;
  random: Random;
  /** scrypt unless told; a test that makes many people need not pay for it. No configuration reaches this. */
  passwords?: Passwords;
  /** For tests: passes over the waits of an address that guesses. */
  pause?: Pause | undefined;
  /** True behind https: the cookie gets `Secure` and its name `__Secure-`. */
  secureCookies: boolean;
}

/** Accounts, sign-in, sessions, invitations, API keys: who is asking. What they may do is said by the registers. */
export interface Identity {
  /**
   * Who asks within the organisation `slug`, in one statement. Undefined when unknown, expired, revoked, departed or
   * no member: answer all of them alike.
   */
  identify(headers: AskingHeaders, slug: string): Promise<Actor | undefined>;
  /** Whoever asks and all organisations they belong to now; undefined when nobody is signed in. */
  whoAmI(headers: AskingHeaders): Promise<WhoAmI | undefined>;
  /** The account behind a session cookie; undefined for API keys. */
  userIdOf(headers: AskingHeaders): Promise<string | undefined>;
  /** Does any account belong to an organisation? False means that the first run has not been finished. */
  hasAccounts(): Promise<boolean>;
  /** Throws INVALID with the fields, ALREADY_EXISTS. Ten minutes later an account without organisation is replaced. */
  createAccount(o: accounts.NewAccount): Promise<{ userId: string }>;
  /**
   * For a first run or an accepted invitation: a new account, or the existing one when the password is its own (else
   * NOT_SIGNED_IN), so that it can be tried again when what follows fails.
   */
  openAccount(o: accounts.NewAccount & { ip: string }): Promise<{ userId: string }>;
  /** Throws NOT_SIGNED_IN with one sentence for every reason, TOO_MANY. */
  signIn(o: accounts.SignIn): Promise<{ userId: string; setCookie: string[] }>;
  /** Ends the session of the cookie, if any, and answers with the cookies that delete it. */
  signOut(cookie: string | undefined): Promise<{ setCookie: string[] }>;
  /** Is this the account's password? For signed transitions. Throws TOO_MANY. */
  checkPassword(userId: string, password: string): Promise<boolean>;
  /** The statement runs as `aims_app` in the transaction of the transition `invite`. */
  issueInvitation(o: invitation.InvitationOptions): { token: string; statement: Statement };
  /** Undefined when unknown, used, expired, or when the person is no longer invited. */
  readInvitation(token: string): Promise<invitation.OpenInvitation | undefined>;
  /**
   * Uses the invitation up and inserts the membership; runs as `aims_app` in the transaction of the transition
   * `join`. Raises when it cannot be used: `invitationFailure(error)` says it in a sentence.
   */
  acceptInvitation(o: { token: string; userId: string }): Statement;
  /** A membership without an invitation, for the first run; runs as `aims_app`. */
  membership(o: { organisation: number; userId: string; personRef: string }): Statement;
  /** The statement runs as `aims_app` in the transaction that creates the key's record; `secret` is shown once. */
  issueApiKey(o: { organisation: number; keyRef: string }): { secret: string; statement: Statement };
  /** Ends all sessions of an account. Departing needs no such call: `identify` sees the record's state. */
  endSessionsOf(who: { userId: string } | { organisation: number; personRef: string }): Promise<void>;
  /** What there is of a person here, and would go with `eraseAccount`. */
  heldAccount(o: { organisation: number; personRef: string }): Promise<HeldAccount>;
  /** Statements for the transaction that erases a person; see there. They leave it as `aims_app`. */
  eraseAccount(o: { personRef: string; emails: readonly string[] }): Statement[];
  /** Loads the sign-in library now, so that the first sign-in does not wait for it (half a second). */
  warmUp(): Promise<void>;
  /** Told each statement of this part, for budgets in tests; the sign-in library's own are not among them. */
  observe: StatementObserver | undefined;
  /** Closes the connections of this part. */
  close(): Promise<void>;
}

const SHORTEST_SECRET = 32;

/** Sets up this part; asks the database once, so that a missing role or table is found at start. */
export async function createIdentity(o: IdentityOptions): Promise<Identity> {
  if (o.secret.length < SHORTEST_SECRET) {
    throw new Error(
      `the secret for sessions has ${o.secret.length} characters, expected ${SHORTEST_SECRET} or more`,
    );
  }
  const pool = identityPool(o.connection);
  const ask: Ask = async (statement) => {
    identity.observe?.(statement.text);
    return (await pool.query(statement)).rows;
  };
  const passwords = o.passwords ?? scryptPasswords;
  const withLibrary = lazyLibrary({ ...o, pool, passwords });
  const cookieName = sessionCookieName(o.secureCookies);
  const place = { ask, clock: o.clock, random: o.random, passwords, pause: o.pause, withLibrary };
  const door = {
    ask,
    clock: o.clock,
    signedToken: (cookie?: string) => signedToken(cookie, cookieName, o.secret),
  };

  const identity: Identity = {
    observe: undefined,
    identify: (headers, slug) => identify(door, headers, slug),
    whoAmI: (headers) => whoAmI(door, headers),
    userIdOf: (headers) => userIdOf(door, headers),
    hasAccounts: async () =>
      (await ask<{ any: boolean }>({ text: 'select exists (select from membership) as any', values: [] }))[0]
        ?.any ?? false,
    createAccount: (account) => accounts.createAccount(place, account),
    openAccount: (account) => accounts.openAccount(place, account),
    signIn: (request) => accounts.signIn(place, request),
    signOut: (cookie) => accounts.signOut(place, cookie),
    checkPassword: (userId, password) => accounts.checkPassword(place, userId, password),
    issueInvitation: (i) => invitation.issueInvitation(o.random, i),
    readInvitation: (token) => invitation.readInvitation(ask, o.clock, token),
    acceptInvitation: (i) => invitation.acceptInvitation(o.clock, i),
    membership: invitation.membership,
    issueApiKey: (key) => issueApiKey(o.random, key),
    endSessionsOf: async (who) => {
      await ask(
        'userId' in who
          ? { text: 'delete from identity_session where user_id = $1', values: [who.userId] }
          : {
              text: `delete from identity_session s using membership m
                where m.user_id = s.user_id and m.organisation = $1 and m.person_ref = $2`,
              values: [who.organisation, who.personRef],
            },
      );
    },
    heldAccount: (who) => heldAccount(ask, who),
    eraseAccount,
    warmUp: async () => {
      await withLibrary((l) => l.$context);
    },
    close: () => pool.end(),
  };
  await identity.hasAccounts().catch(async (error) => {
    await pool.end();
    throw error;
  });
  return identity;
}
