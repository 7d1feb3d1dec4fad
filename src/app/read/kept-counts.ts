import type { Count } from '../../store/read/home.ts';

/** Organisations and kinds of reader whose counts are kept; each is a few kilobytes. */
const KEPT = 500;

/**
 * Counts of records, kept for as long as nothing was written: looking at 100,000 records takes longer than all the rest of the home page. They
 * count only together with the marker that the database gives at each reading, so that several processes may serve one database.
 */
export class Counted {
  private readonly kept = new Map<string, { marker: string; counts: Count[] }>();

  /** The marker that the counts of this organisation, for readers to whom these registers are closed, were read with; empty when there are none. */
  marker(organisation: number, closed: readonly string[]): string {
    return this.kept.get(keyOf(organisation, closed))?.marker ?? '';
  }

  /** The counts that belong to the marker: those just read, or those kept. Undefined when neither does. */
  settle(
    organisation: number,
    closed: readonly string[],
    read: { marker: string; counts: Count[] | undefined },
  ): Count[] | undefined {
    const key = keyOf(organisation, closed);
    const before = this.kept.get(key);
    const counts = read.counts ?? (before?.marker === read.marker ? before.counts : undefined);
    if (counts === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, { marker: read.marker, counts });
    const oldest = this.kept.size > KEPT ? this.kept.keys().next().value : undefined;
    if (oldest !== undefined) this.kept.delete(oldest);
    return counts;
  }
}

const keyOf = (organisation: number, closed: readonly string[]): string => `${organisation} ${closed.join()}`;
