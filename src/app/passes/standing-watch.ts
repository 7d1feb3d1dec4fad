import { messageOf } from '../../base/thrown.ts';
import { decisionPlace } from '../../store/authority/decisions.ts';
import { type Kept, keepStanding } from '../../store/standing/keeping.ts';
import type { App } from '../context.ts';
import { Passes } from './passes.ts';

/** How often to look for what another process wrote and did not come to (ms), and how long to wait before the first look. */
const LOOK = 60_000;
const FIRST = 500;
/** Shortest rest after writes (ms); longer where a pass takes longer, so that it takes half of the time at most. */
const REST = 100;
const SHARE = 1;

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
 * reads finds for themselves what it did not come to.
 */
export class StandingWatch {
  private readonly passes: Passes;

  constructor(
    private readonly app: App,
    o: { look?: number; first?: number; rest?: number } = {},
  ) {
    this.passes = new Passes({
      work: (organisation, pass) => keepStandings(app, organisation, pass.ended),
      organisations: () => app.db.organisationsWith('log', app.clock.now()),
      failed: (error) => app.log(`standing: ${messageOf(error)}`),
      look: o.look ?? LOOK,
      first: o.first ?? FIRST,
      rest: o.rest ?? REST,
      share: SHARE,
    });
  }

  start(): void {
    this.passes.start();
  }

  /** Entries of this organisation were placed. */
  placed(organisation: number): void {
    this.passes.wanted(organisation);
  }

  /** Answers when everything that was placed before is kept; false when another process is at it. */
  async settle(organisation: number): Promise<boolean> {
    await this.passes.idle(organisation);
    return keepStandings(this.app, organisation);
  }

  /** Waits for the batch under way. */
  stop(): Promise<void> {
    return this.passes.stop();
  }
}
