import { isValidIP, normalizeIP } from '@better-auth/core/utils/ip';
import { sha256Hex } from '../base/canonical.ts';
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Ask } from './connections.ts';

/** So many attempts in so many seconds, counted from the first one. */
interface Bound {
  most: number;
  seconds: number;
}

/**
 * Bounds on guessing passwords. The pair stops somebody at one desk; the account stops many desks together, wide
 * enough that a stranger cannot easily lock its owner out; the address stops one desk trying many accounts, wide
 * enough for an office behind one address.
 */
export const BOUNDS = {
  pair: { most: 10, seconds: 15 * 60 },
  account: { most: 60, seconds: 60 * 60 },
  address: { most: 100, seconds: 15 * 60 },
  user: { most: 10, seconds: 15 * 60 },
} as const satisfies Record<string, Bound>;

/** One thing that is counted, as a row of `identity_attempt`. */
export interface Counted {
  key: string;
  bound: Bound;
}

function counted(kind: keyof typeof BOUNDS, ...of: string[]): Counted {
  return { key: sha256Hex([kind, ...of].join('\n')), bound: BOUNDS[kind] };
}

/** What a sign-in counts against. IPv6 addresses count by /64: one customer has as many single ones as they like. */
export function signInCounts(email: string, ip: string): [pair: Counted, ...wider: Counted[]] {
  const address = isValidIP(ip) ? normalizeIP(ip, { ipv6Subnet: 64 }) : 'unknown';
  return [counted('pair', email, address), counted('account', email), counted('address', address)];
}

/** What entering one's password again (before signing) counts against. */
export function passwordCheckCounts(userId: string): [Counted] {
  return [counted('user', userId)];
}

/**
 * Counts an attempt before it is made, in one statement, in the database: attempts at the same time and in other
 * processes count together. Throws TOO_MANY, with the minutes to wait, when a bound is passed; nothing was hashed then.
 */
export async function countAttempt(ask: Ask, clock: Clock, counts: Counted[]): Promise<void> {
  const now = clock.now();
  const rows = await ask<{ key: string; count: number; until: Date }>({
    // Windows that have ended are swept in passing; skipped when another statement holds them, so that none waits.
    text: `with swept as (
        delete from identity_attempt where key in (
          select key from identity_attempt where until <= $3 and key <> all($1) limit 100 for update skip locked))
      insert into identity_attempt as a (key, count, until)
        select k, 1, $3::timestamptz + make_interval(secs => s) from unnest($1::text[], $2::int[]) u(k, s) order by k
      on conflict (key) do update set
        count = case when a.until <= $3 then 1 else least(a.count + 1, 1000000) end,
        until = case when a.until <= $3 then excluded.until else a.until end
      returning key, count, until`,
    values: [counts.map((c) => c.key), counts.map((c) => c.bound.seconds), now],
  });
  const full = rows.filter((r) => r.count > (counts.find((c) => c.key === r.key)?.bound.most ?? 0));
  if (full.length === 0) return;
  const wait = Math.max(...full.map((r) => r.until.getTime() - now.getTime()));
  const minutes = Math.max(1, Math.ceil(wait / 60_000));
  throw new Failure('TOO_MANY', `Too many attempts with a password. Try again in ${minutes} minutes.`);
}

/** Takes a successful attempt back: the first of `counts` begins anew, the wider ones count one less. */
export async function forgiveAttempt(ask: Ask, [first, ...wider]: [Counted, ...Counted[]]): Promise<void> {
  await ask({
    text: `with begun_anew as (delete from identity_attempt where key = $1)
      update identity_attempt a set count = a.count - 1
      from (select key from identity_attempt where key = any($2) and count > 0 order by key for update) locked
      where a.key = locked.key`,
    values: [first.key, wider.map((c) => c.key)],
  });
}
