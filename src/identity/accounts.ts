import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { Failure, type Problem } from '../base/failure.ts';
import { type Random, uuid7 } from '../base/random.ts';
import { thrown } from '../base/thrown.ts';
import {
  countAttempt,
  forgiveAttempt,
  type Pause,
  passwordCheckCounts,
  pause,
  signInCounts,
} from './attempts.ts';
import { type Ask, isText } from './connections.ts';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD, type WithLibrary } from './library.ts';
import type { Passwords } from './passwords.ts';

/** What the functions below work with. */
export interface AccountPlace {
  ask: Ask;
  clock: Clock;
  random: Random;
  passwords: Passwords;
  /** Waits for real unless told. */
  pause?: Pause | undefined;
  withLibrary: WithLibrary;
}

/** What a new account is made of. */
export interface NewAccount {
  email: string;
  name: string;
  password: string;
}

/** A sign-in as it comes in. `ip` bounds guessing and is not stored; `userAgent` is kept with the session. */
export interface SignIn {
  email: string;
  password: string;
  ip: string;
  userAgent?: string;
}

const LONGEST_NAME = 200;
const UNFINISHED_MS = 10 * 60 * 1000;
const EMAIL = z.email().max(254);

/** Lower case, without blanks around; throws INVALID when it is no e-mail address. */
export function normalEmail(text: string): string {
  const email = isText(text) ? text.trim().toLowerCase() : '';
  if (EMAIL.safeParse(email).success) return email;
  throw refusal([{ path: '/email', message: 'Expected an e-mail address, such as ada@example.org.' }]);
}

function refusal(problems: Problem[]): Failure {
  return new Failure('INVALID', 'The account cannot be made. See what is said about each field.', problems);
}

function checked(o: NewAccount): NewAccount {
  const problems: Problem[] = [];
  const name = isText(o.name) ? o.name.trim() : '';
  if (name.length < 1 || name.length > LONGEST_NAME) {
    problems.push({ path: '/name', message: `Expected a name of 1 to ${LONGEST_NAME} characters.` });
  }
  if (!isText(o.password) || o.password.length < SHORTEST_PASSWORD || o.password.length > LONGEST_PASSWORD) {
    const message = `Expected ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters. A few unrelated words do well.`;
    problems.push({ path: '/password', message });
  }
  let email = '';
  try {
    email = normalEmail(o.email);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.unshift(...error.problems);
  }
  if (problems.length > 0) throw refusal(problems);
  return { email, name, password: o.password };
}

/**
 * Makes an account, in one statement. Throws INVALID, naming each field, and ALREADY_EXISTS when the address has one.
 * An account that belongs to no organisation (left by a first run or an acceptance that did not finish) can do
 * nothing; after ten minutes it is taken over with the new name and password, and its sessions end. Not earlier: it
 * may be about to join an organisation, and must not do so with the password of somebody else.
 */
export async function createAccount(place: AccountPlace, o: NewAccount): Promise<{ userId: string }> {
  const { email, name, password } = checked(o);
  const now = place.clock.now();
  const [made] = await place.ask<{ userId: string }>({
    text: `with u as (
        insert into identity_user (id, name, email, email_verified, created_at, updated_at)
          values ($1, $2, $3, false, $4, $4)
        on conflict (email) do update set name = excluded.name, updated_at = excluded.updated_at
          where not exists (select from membership m where m.user_id = identity_user.id)
            and identity_user.updated_at <= $7
        returning id
      ), ended as (delete from identity_session s using u where s.user_id = u.id)
      insert into identity_account (id, user_id, account_id, provider_id, password, created_at, updated_at)
        select $5, u.id, u.id, 'credential', $6, $4, $4 from u
      on conflict (user_id) where provider_id = 'credential' do update
        set password = excluded.password, updated_at = excluded.updated_at
      returning user_id as "userId"`,
    values: [
      uuid7(now, place.random),
      name,
      email,
      now,
      uuid7(now, place.random),
      await place.passwords.hash(password),
      new Date(now.getTime() - UNFINISHED_MS),
    ],
  });
  if (made) return made;
  throw new Failure(
    'ALREADY_EXISTS',
    'An account with this e-mail address exists already. Sign in with its password.',
  );
}

/**
 * The account for an accepted invitation or a first run: a new one or, when the address has one, the existing one,
 * provided that the password is its own; so a step that failed after it can be tried again. The invitation alone never opens an account that somebody has. Throws INVALID,
 * NOT_SIGNED_IN (existing account, wrong password), TOO_MANY.
 */
export async function openAccount(
  place: AccountPlace,
  o: NewAccount & { ip: string },
): Promise<{ userId: string }> {
  try {
    return await createAccount(place, o);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'ALREADY_EXISTS') throw error;
  }
  const email = normalEmail(o.email);
  const counts = signInCounts(email, o.ip);
  const wrongly = await countAttempt(place.ask, place.clock, counts, place.pause ?? pause);
  const [found] = await place.ask<{ id: string }>({
    text: 'select id from identity_user where email = $1',
    values: [email],
  });
  if (!found || !(await isPassword(place, found.id, o.password))) {
    await wrongly();
    throw new Failure(
      'NOT_SIGNED_IN',
      'You have an account with this e-mail address already, and this is not its password. Enter the password you use there.',
    );
  }
  await forgiveAttempt(place.ask, place.clock, counts);
  return { userId: found.id };
}

/** One sentence for every reason, so that it does not tell which addresses have accounts. */
function wrong(): Failure {
  return new Failure('NOT_SIGNED_IN', 'The e-mail address or the password is wrong.');
}

/**
 * Signs in and answers with the cookies to set. Throws NOT_SIGNED_IN with the same sentence, after the same work,
 * for an unknown address and for a wrong password; TOO_MANY when a bound on guessing is passed.
 */
export async function signIn(
  place: AccountPlace,
  o: SignIn,
): Promise<{ userId: string; setCookie: string[] }> {
  if (!isText(o.email) || !isText(o.password) || o.password.length > LONGEST_PASSWORD) throw wrong();
  const email = o.email.trim().toLowerCase();
  if (!EMAIL.safeParse(email).success) throw wrong();
  const counts = signInCounts(email, o.ip);
  const wrongly = await countAttempt(place.ask, place.clock, counts, place.pause ?? pause);
  const headers = new Headers({ 'user-agent': printable(o.userAgent ?? '') });
  try {
    const body = { email, password: o.password };
    const answer = await place.withLibrary((l) => l.api.signInEmail({ body, headers, returnHeaders: true }));
    await forgiveAttempt(place.ask, place.clock, counts);
    await sweepSessions(place);
    return { userId: answer.response.user.id, setCookie: answer.headers.getSetCookie() };
  } catch (error) {
    const status = thrown(error).statusCode;
    if (status !== 401 && status !== 400) throw error;
    await wrongly();
    throw wrong();
  }
}

/** Ended sessions are of no use to anybody; they go whenever somebody signs in. */
async function sweepSessions(place: AccountPlace): Promise<void> {
  await place.ask({
    text: 'delete from identity_session where expires_at <= $1',
    values: [place.clock.now()],
  });
}

/**
 * Ends the session of a `Cookie` header, when there is one and its signature is right, and answers with the cookies
 * that make the browser forget it. Never refuses: signing out twice is signing out.
 */
export async function signOut(
  place: AccountPlace,
  cookie: string | undefined,
): Promise<{ setCookie: string[] }> {
  const headers = new Headers({ cookie: (cookie ?? '').replace(/[^\x20-\x7e]/g, '') });
  const answer = await place.withLibrary((l) => l.api.signOut({ headers, returnHeaders: true }));
  return { setCookie: answer.headers.getSetCookie() };
}

/** A header value takes no line breaks and nothing beyond Latin-1. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 200);
}

async function isPassword(place: AccountPlace, userId: string, password: string): Promise<boolean> {
  if (!isText(password) || password.length > LONGEST_PASSWORD) return false;
  const [account] = await place.ask<{ password: string | null }>({
    text: `select password from identity_account where user_id = $1 and provider_id = 'credential'`,
    values: [userId],
  });
  return account?.password ? place.passwords.verify({ hash: account.password, password }) : false;
}

/** Is this the account's password? For what is signed by entering it again. Throws TOO_MANY; leaves sessions alone. */
export async function checkPassword(place: AccountPlace, userId: string, password: string): Promise<boolean> {
  const counts = passwordCheckCounts(userId);
  await countAttempt(place.ask, place.clock, counts, place.pause ?? pause);
  const right = await isPassword(place, userId, password);
  if (right) await forgiveAttempt(place.ask, place.clock, counts);
  return right;
}
