import { messageOf } from '../base/thrown.ts';
import { type Kept, keepStanding } from '../store/standing-keeping.ts';
import type { App } from './context.ts';
import { decisionPlace } from './decisions.ts';

/** How often to look for what another process wrote and did not come to (ms), and how long to wait before the first look. */
const LOOK = 60_000;
const FIRST = 500;
/** Shortest rest after writes (ms); longer where a pass takes longer, so that it takes half of the time at most. */
const REST = 100;

/**
 * Keeps what the states of an organisation's records stand on, as far as its log goes. Safe to run at any time and in any number of processes. False
 * when another one is at it, or it was ended: the rest is not known to be done.
 */
export async function keepStandings(
  app: App,
  organisation: number,
  ended: () => boolean = () => false,
): Promise<boolean> {
  // Nobody's view: what a decision stands on is the same for all who may read the record.
  const db = app.db.as('');
  for (let kept: Kept = 'more'; !ended(); ) {
    kept = await db.converse(organisation, (query) =>
      keepStanding(query, app.registry, decisionPlace(app), ended),
    );
    if (kept !== 'more') return kept === 'done';
  }
  return false;
}

/**
 * Keeps standing behind the log, beside the requests: soon after a batch was placed, and now and then for what another process left. When it does not, who
 * reads finds for themselves what it did not come to. One pass at a time for each organisation.
 */
export class StandingWatch {
  private looker: NodeJS.Timeout | undefined;
  private readonly resting = new Map<number, NodeJS.Timeout>();
  private readonly busy = new Map<number, Promise<void>>();
  private readonly again = new Set<number>();
  private stopped = false;

  constructor(
    private readonly app: App,
    private readonly o: { look?: number; first?: number; rest?: number } = {},
  ) {}

  start(): void {
    const look = () => {
      void this.look().finally(() => {
        if (!this.stopped) this.looker = setTimeout(look, this.o.look ?? LOOK);
      });
    };
    this.looker = setTimeout(look, this.o.first ?? FIRST);
  }

  /** Entries of this organisation were placed. */
  placed(organisation: number): void {
    if (this.busy.has(organisation)) this.again.add(organisation);
    else this.rest(organisation, this.o.rest ?? REST);
  }

  /** Answers when everything that was placed before is kept; false when another process is at it. */
  async settle(organisation: number): Promise<boolean> {
    await this.busy.get(organisation);
    return keepStandings(this.app, organisation);
  }

  /** Waits for the batch under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.looker);
    for (const t of this.resting.values()) clearTimeout(t);
    this.resting.clear();
    await Promise.all(this.busy.values());
  }

  private rest(organisation: number, ms: number): void {
    if (this.stopped || this.resting.has(organisation)) return;
    const pass = () => {
      this.resting.delete(organisation);
      void this.pass(organisation);
    };
    this.resting.set(organisation, setTimeout(pass, ms));
  }

  private pass(organisation: number): Promise<void> {
    const began = performance.now();
    const keeping = keepStandings(this.app, organisation, () => this.stopped)
      .then(() => {})
      .catch((error: unknown) => {
        if (!this.stopped) this.app.log(`standing: ${messageOf(error)}`);
      })
      .finally(() => {
        this.busy.delete(organisation);
        const rest = Math.max(this.o.rest ?? REST, performance.now() - began);
        if (this.again.delete(organisation)) this.rest(organisation, rest);
      });
    this.busy.set(organisation, keeping);
    return keeping;
  }

  /** One organisation after the other: at a start all of them may have to be found anew. */
  private async look(): Promise<void> {
    try {
      const { db, clock } = this.app;
      for (const { id } of await db.organisationsWith('log', clock.now()))
        if (!this.stopped && !this.busy.has(id)) await this.pass(id);
    } catch (error) {
      if (!this.stopped) this.app.log(`standing: ${messageOf(error)}`);
    }
  }
}
