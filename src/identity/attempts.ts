import { isValidIP, normalizeIP } from '@better-auth/core/utils/ip';
import { sha256Hex } from '../base/canonical.ts';
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Ask } from './connections.ts';
import { Places } from './places.ts';

/**
 * What follows wrong passwords: the first `free` cost nothing, each further one a wait that doubles from `first` to `longest` seconds, all of it
 * forgotten `kept` seconds after the last.
 */
interface Bound {
  free: number;
  first: number;
  longest: number;
  kept: number;
}

/**
 * Delays on guessing passwords; nothing is ever locked. The pair slows somebody at one desk. The account slows many desks together: it does not
 * hold whoever signed in from the same desk before, so that strangers cannot keep its owner out. The address slows one desk that tries
 * many accounts, and does so by answering wrong ones later: everybody in an office has its address, and a right password must work.
 */
export const BOUNDS = {
  pair: { free: 10, first: 15, longest: 15 * 60, kept: 60 * 60 },
  account: { free: 60, first: 1, longest: 60, kept: 60 * 60 },
  address: { free: 100, first: 0, longest: 0, kept: 15 * 60 },
  user: { free: 10, first: 15, longest: 15 * 60, kept: 60 * 60 },
} as const satisfies Record<string, Bound>;

/** How long a desk at which somebody signed in is remembered (seconds). */
const KNOWN = 60 * 24 * 60 * 60;
/** A wrong password from an address with many of them is answered later, up to so many milliseconds. */
const SLOWEST = 4_000;
const SLOWER = 250;

/** One thing that is counted, as a row of `identity_attempt`. */
export interface Counted {
  key: string;
  bound: Bound;
}

/** What an attempt counts against; whoever is known at the desk counts against `narrow` alone. */
export interface Counts {
  narrow: Counted;
  wide: Counted[];
  /** The desk at which this account signed in before; absent where that means nothing. */
  known?: string;
  /** Which of them slows by answering later. */
  slow?: string;
}

const keyOf = (kind: string, ...of: string[]) => sha256Hex([kind, ...of].join('\n'));
const counted = (kind: keyof typeof BOUNDS, ...of: string[]): Counted => ({
  key: keyOf(kind, ...of),
  bound: BOUNDS[kind],
});

/** What a sign-in counts against. IPv6 addresses count by /64: one customer has as many single ones as they like. */
export function signInCounts(email: string, ip: string): Counts {
  const address = isValidIP(ip) ? normalizeIP(ip, { ipv6Subnet: 64 }) : 'unknown';
  const desk = counted('address', address);
  return {
    narrow: counted('pair', email, address),
    wide: [counted('account', email), desk],
    known: keyOf('known', email, address),
    slow: desk.key,
  };
}

/** What entering one's password again (before signing) counts against. */
export function passwordCheckCounts(userId: string): Counts {
  return { narrow: counted('user', userId), wide: [] };
}

/** Waits, for tests to pass over. */
export type Pause = (milliseconds: number) => Promise<void>;
export const pause: Pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Places of this process: so many attempts from such addresses are under way at once, and so many more stand in line. */
const places = new Places(50, 1_000);

/** Answers when it may be said that a password is wrong. A right one is told at once. */
export type Wrong = () => Promise<void>;

/**
 * Counts an attempt before it is made, in the database: attempts at the same time and in other processes count together. Throws TOO_MANY, with
 * how long to wait, while a delay lasts; then nothing was counted and nothing hashed.
 */
export async function countAttempt(ask: Ask, clock: Clock, counts: Counts, wait: Pause): Promise<Wrong> {
  const now = clock.now();
  const all = [counts.narrow, ...((await isKnown(ask, now, counts)) ? [] : counts.wide)];
  await prepare(ask, now, all);
  const rows = await ask<{ key: string; count: number; wait: number }>({
    // The rows are locked before they are judged: of many at once each sees what the others counted.
    text: `with bound as (select * from unnest($1::text[], $2::int[], $3::float8[], $4::float8[], $5::float8[]) b(key, free, first, longest, kept)),
      held as (select a.key, a.count, a.until, b.free, b.first, b.longest, b.kept from identity_attempt a join bound b on b.key = a.key
        order by a.key for update of a),
      judged as (select key, kept, case when until <= $6 then 0 else count end as count,
        case when until > $6 and count >= free
          then extract(epoch from until - $6::timestamptz)::float8 - kept + least(longest, first * power(2::float8, least(count - free, 40)))
          else 0 end as wait from held),
      counted as (update identity_attempt a set count = least(j.count + 1, 1000000), until = $6::timestamptz + make_interval(secs => j.kept)
        from judged j where a.key = j.key and not exists (select from judged where wait > 0))
      select key, count, wait from judged`,
    values: [
      all.map((c) => c.key),
      all.map((c) => c.bound.free),
      all.map((c) => c.bound.first),
      all.map((c) => c.bound.longest),
      all.map((c) => c.bound.kept),
      now,
    ],
  });
  const seconds = Math.ceil(Math.max(0, ...rows.map((r) => r.wait)));
  if (seconds > 0) throw tooMany(seconds);
  const desk = rows.find((r) => r.key === counts.slow);
  const over = (desk?.count ?? 0) - BOUNDS.address.free;
  if (over < 0) return async () => {};
  const tries = rows.find((r) => r.key === counts.narrow.key)?.count ?? 0;
  if (!(await places.take({ desk: desk!.key, tries }))) throw tooMany(Math.ceil(SLOWEST / 1000));
  // The place is held as long as the answer may take, so that whoever breaks off and asks anew gains nothing.
  const held = wait(Math.min(SLOWEST, SLOWER * 2 ** Math.min(over, 10))).finally(() =>
    places.give(desk!.key),
  );
  held.catch(() => {});
  return () => held;
}

async function isKnown(ask: Ask, now: Date, counts: Counts): Promise<boolean> {
  if (counts.known === undefined) return false;
  const found = await ask({
    text: 'select from identity_attempt where key = $1 and until > $2',
    values: [counts.known, now],
  });
  return found.length > 0;
}

/** Makes the rows that are counted in, so that they can be locked. Rows that have ended are swept in passing; those that others hold are left to them. */
async function prepare(ask: Ask, now: Date, all: readonly Counted[]): Promise<void> {
  await ask({
    text: `with swept as (
        delete from identity_attempt where key in (
          select key from identity_attempt where until <= $3 and key <> all($1) limit 100 for update skip locked))
      insert into identity_attempt (key, count, until)
        select k, 0, $3::timestamptz + make_interval(secs => s) from unnest($1::text[], $2::float8[]) u(k, s) order by k
      on conflict do nothing`,
    values: [all.map((c) => c.key), all.map((c) => c.bound.kept), now],
  });
}

function tooMany(seconds: number): Failure {
  const long = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
  return new Failure('TOO_MANY', `Too many attempts with a wrong password. Try again in ${long}.`);
}

/** Takes a successful attempt back: the narrow count begins anew, the wider ones count one less; the desk is known from now on. */
export async function forgiveAttempt(ask: Ask, clock: Clock, counts: Counts): Promise<void> {
  await ask({ text: 'delete from identity_attempt where key = $1', values: [counts.narrow.key] });
  if (counts.wide.length > 0)
    await ask({
      text: `update identity_attempt a set count = a.count - 1
        from (select key from identity_attempt where key = any($1) and count > 0 order by key for update) locked
        where a.key = locked.key`,
      values: [counts.wide.map((c) => c.key)],
    });
  if (counts.known !== undefined)
    await ask({
      text: `insert into identity_attempt (key, count, until) values ($1, 0, $2::timestamptz + make_interval(secs => $3))
        on conflict (key) do update set until = excluded.until`,
      values: [counts.known, clock.now(), KNOWN],
    });
}
