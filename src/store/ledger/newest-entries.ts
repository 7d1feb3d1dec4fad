import { Failure } from '../../base/failure.ts';
import type { Row, Statement } from '../db/database.ts';

/**
 * Time never runs backwards in an organisation's log: the database refuses a write before its newest entry, or before the version it follows. So
 * far behind (ms) is no clock that was set back, but requests that crossed, or two servers that differ a little: the write is dated by the newest
 * entry. What is further behind is refused.
 */
export const FOLLOWED = 10_000;

/** The newest entry of each organisation, as far as this process knows. */
export class NewestEntries {
  private readonly known = new Map<number, number>();

  learn(organisation: number, at: Date): void {
    const before = this.known.get(organisation);
    if (before === undefined || before < at.getTime()) this.known.set(organisation, at.getTime());
  }

  /** The instant that a write takes which was built at `at`: never before the newest entry, and itself when it is too far behind to follow it. */
  instantFor(organisation: number, at: Date): Date {
    const lag = (this.known.get(organisation) ?? 0) - at.getTime();
    return lag > 0 && lag <= FOLLOWED ? new Date(at.getTime() + lag) : at;
  }

  /** The same of one organisation. */
  aheadOf(organisation: number, now: Date): Date | undefined {
    const newest = this.known.get(organisation) ?? 0;
    return newest - now.getTime() > FOLLOWED ? new Date(newest) : undefined;
  }

  /** The newest entry that the clock is behind of, too far to follow it; undefined while it is right. */
  ahead(now: Date): Date | undefined {
    const newest = Math.max(0, ...this.known.values());
    return newest - now.getTime() > FOLLOWED ? new Date(newest) : undefined;
  }
}

/** Newest entries of all organisations, as the owner: at start. */
export const NEWEST_ENTRIES: Statement = {
  text: `select o.id, o.slug, greatest(l.newest, (select max(w.at) from outbox w where w.organisation = o.id)) as newest
    from organisation o left join log l on l.organisation = o.id order by o.id`,
};

export interface Newest {
  organisation: number;
  slug: string;
  newest: Date | null;
}

export const toNewest = (row: Row): Newest => ({
  organisation: row.id as number,
  slug: row.slug as string,
  newest: row.newest as Date | null,
});

/** The newest entry, when a write was refused for being before it. */
export function newestTold(error: unknown): Date | undefined {
  const e = error as { code?: string; detail?: string };
  return e.code === 'AI024' && e.detail ? new Date(e.detail) : undefined;
}

/** What the clock says and what it should at least, as a sentence. */
export const behindSentence = (now: Date, newest: Date): string =>
  `This server's clock says ${now.toISOString()}, but the newest entry of the log is of ${newest.toISOString()}, ${span(newest.getTime() - now.getTime())} later`;

export const clockBehind = (now: Date, newest: Date): Failure =>
  new Failure(
    'CLOCK_BEHIND',
    `${behindSentence(now, newest)}. Nothing was stored. Set the clock right, then try again; if it ran ahead when that entry was made, see "The clock" in docs/guide/restore.md.`,
  );

/** `2 days`, `1 hour`, `12 seconds`: in the largest unit that it has about one of. */
function span(ms: number): string {
  const units: [string, number][] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ];
  const [unit, size] = units.find(([, n]) => ms >= 0.98 * n) ?? units.at(-1)!;
  const n = Math.round(ms / size);
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}
