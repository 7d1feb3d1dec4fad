import { Failure } from '../../base/failure.ts';
import { catalogue, type Sentence, worded } from '../../base/sentence.ts';
import { codeOf } from '../../base/thrown.ts';
import { isStorageCode } from '../db/storage.ts';
import type { LogKey } from './batch.ts';

/**
 * Why a log is not signed on. `database`: it does not hold what was published; `key`: a key that has to sign does not; `storage`: no room;
 * `clock`: set back before the newest entry; `held`: another process keeps the log to itself; `failing`: anything else, again and again.
 */
export const CAUSES = ['database', 'key', 'storage', 'clock', 'held', 'failing'] as const;
export type Cause = (typeof CAUSES)[number];

/** A log that stands still. While it does, what is written waits for its place and is signed later, or is refused. */
export interface Standstill {
  cause: Cause;
  since: Date;
  problem: Sentence;
  writes: 'wait' | 'refused';
}

/** What may pass by itself (a connection that broke off, a slow process) is no standstill before it has lasted so long (ms). */
export const LASTING = 30_000;

/** Causes that end by nothing but somebody's doing: told at once. */
const AT_ONCE: readonly Cause[] = ['database', 'key', 'clock'];

export const lasts = (s: Standstill, now: Date): boolean =>
  AT_ONCE.includes(s.cause) || Math.abs(now.getTime() - s.since.getTime()) >= LASTING;

/** Why it stands still, in a sentence. */
export const standstillSaid = catalogue('log.standstill', {
  database: '{says}',
  key: '{says}',
  clock: '{says}',
  storage:
    'There is no room on the disk of the server or of its database. Make room, and the server goes on by itself.',
  held: 'Another process on the same database has kept the log to itself since {since}. End it if it hangs.',
  failing: 'Every try since {since} failed; the output of the server says why.',
  doesNotSign: 'The key {name} of the log {origin} does not sign; the output of the server says why.',
});

/** A key that has to sign and does not. The sentence is for people and names no path; `cause` is for the output of the server. */
export class KeyFault extends Failure {
  constructor(
    readonly key: LogKey,
    origin: string,
    override readonly cause: unknown,
  ) {
    super(
      'UNAVAILABLE',
      cause instanceof Failure
        ? (cause.said ?? worded('log.standstill.key', cause.message))
        : standstillSaid('doesNotSign', { name: key.name, origin }),
    );
  }
}

/** What a failed try stands for. */
export function standstillBy(error: unknown, since: Date): Standstill {
  if (error instanceof KeyFault)
    return { cause: 'key', since, problem: standstillSaid('key', { says: error.said! }), writes: 'wait' };
  if (isStorageCode(codeOf(error)))
    return { cause: 'storage', since, problem: standstillSaid('storage'), writes: 'wait' };
  return {
    cause: 'failing',
    since,
    problem: standstillSaid('failing', { since: since.toISOString() }),
    writes: 'wait',
  };
}
