import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';

/**
 * At most so many in a span of time, for each key, counted in memory. What is counted is forgotten when the span is over; nothing is stored or
 * logged. For the doors that ask nobody who they are.
 */
export class Rate {
  private readonly counts = new Map<string, { until: number; n: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    /** In milliseconds. */
    private readonly span: number,
    /** Keys held at once: more are counted together, so that memory stays small. */
    private readonly keys = 10_000,
  ) {}

  /** Counts one; throws TOO_MANY when there were too many already. */
  demand(key: string): void {
    if (this.full(key)) throw tooMany();
    this.count(key);
  }

  /** Were there too many already? */
  full(key: string): boolean {
    return (this.present(key)?.n ?? 0) >= this.most;
  }

  /** Counts one. */
  count(key: string): void {
    const known = this.present(key);
    if (known) known.n += 1;
    else {
      const now = this.clock.now().getTime();
      if (this.counts.size >= this.keys)
        for (const [k, c] of this.counts) if (c.until <= now) this.counts.delete(k);
      this.counts.set(this.counts.size >= this.keys ? '' : key, { until: now + this.span, n: 1 });
    }
  }

  private present(key: string): { until: number; n: number } | undefined {
    const now = this.clock.now().getTime();
    const known = this.counts.get(key) ?? (this.counts.size >= this.keys ? this.counts.get('') : undefined);
    return known && known.until > now ? known : undefined;
  }
}

export const tooMany = () =>
  new Failure(
    'TOO_MANY',
    'Too many requests came in a short time. Nothing was stored; try again in a while.',
  );
