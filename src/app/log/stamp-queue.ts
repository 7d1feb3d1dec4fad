import { messageOf } from '../../base/thrown.ts';
import { parseNote } from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { claim, enqueue, fail, keep, OLDEST } from '../../store/log/stamp-queue.ts';
import { stampNonce, stampRequest, verifyStamp } from '../../timestamp/index.ts';
import type { App } from '../context.ts';
import { askForStamp } from './stamp-request.ts';

/** How often to look for stamps that are due (ms): a network that is back, an hour that is over. */
const LOOK = 30_000;
/** While checkpoints keep coming, a look is taken this often (ms). */
const REST = 5_000;
/** Wait after the first failure, doubled after each further one, and the longest (ms). */
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 3_600_000;

/** When a stamp that failed so often is tried again. */
export function nextTry(tries: number, triedAt: Date): Date {
  return new Date(triedAt.getTime() + Math.min(FIRST_WAIT * 2 ** Math.max(0, tries - 1), LONGEST_WAIT));
}

/**
 * Has checkpoints stamped by the authority of their organisation, once per hour or day in which the log grew. What is asked for lies in
 * the table `stamp` until it was had, whatever happens to network and process; the oldest is had first. Any number of processes may run
 * one: each try is claimed in the database.
 */
export class StampQueue {
  private readonly busy = new Map<number, Promise<void>>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly stopping = new AbortController();
  private looker: NodeJS.Timeout | undefined;
  /** Organisations that had an authority at the last look: the others cost nothing when they publish. */
  private served: ReadonlySet<number> = new Set();

  constructor(
    private readonly app: Pick<App, 'db' | 'clock' | 'random' | 'log' | 'outgoing'>,
    /** In milliseconds: longest wait for an answer, between looks, and before the first look and after a checkpoint. */
    private readonly o: { patience?: number; look?: number; rest?: number } = {},
  ) {}

  /** Begins to look for what is due. */
  start(): void {
    const look = async () => {
      try {
        const { db, clock } = this.app;
        this.served = new Set((await db.organisationsWith('time stamps', clock.now())).map((o) => o.id));
        for (const organisation of this.served)
          await this.work(organisation).catch((error) => this.tell(error));
      } catch (error) {
        this.tell(error);
      }
      if (!this.stopping.signal.aborted) this.looker = setTimeout(look, this.o.look ?? LOOK);
    };
    this.looker = setTimeout(look, this.o.rest ?? REST);
  }

  /** Tells that a checkpoint of this organisation was published; returns at once. */
  published(organisation: number): void {
    if (this.stopping.signal.aborted || this.timers.has(organisation) || !this.served.has(organisation))
      return;
    const soon = () => {
      this.timers.delete(organisation);
      this.work(organisation).catch((error) => this.tell(error));
    };
    this.timers.set(organisation, setTimeout(soon, this.o.rest ?? REST));
  }

  /** Queues a stamp when one is due, and tries those that wait and are due, until one fails. Throws only what the database throws. */
  async work(organisation: number): Promise<void> {
    const running = this.busy.get(organisation);
    if (running) return running;
    const work = this.pass(organisation).finally(() => this.busy.delete(organisation));
    this.busy.set(organisation, work);
    return work;
  }

  /** Breaks off what is asked for now, and waits for it; it is asked for again after the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.looker);
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.allSettled([...this.busy.values()]);
  }

  private async pass(organisation: number): Promise<void> {
    await this.app.db.run(organisation, [enqueue(this.app.clock.now())]);
    while (!this.stopping.signal.aborted && (await this.tryOldest(organisation)));
  }

  /** Tries the oldest stamp that waits, if it is due; true when it was had, and the next one may be tried. */
  private async tryOldest(organisation: number): Promise<boolean> {
    const [oldest] = await this.app.db.run(organisation, [OLDEST]);
    const row = oldest?.[0];
    const now = this.app.clock.now();
    if (!row || !isDue(row, now)) return false;
    const [claimed] = await this.app.db.run(organisation, [claim(row, now)]);
    // Another process was faster: its answer counts.
    if (claimed!.length === 0) return false;
    const url = cell.text(row.url);
    const chain = cell.text(row.chain);
    const { text } = parseNote(cell.text(row.note));
    const nonce = stampNonce(this.app.random);
    const reply = await askForStamp(this.app.outgoing, url, stampRequest(text, nonce), {
      stop: this.stopping.signal,
      patience: this.o.patience,
    });
    const verdict =
      'tsr' in reply ? verifyStamp({ tsr: reply.tsr, body: text, chainPem: chain, nonce }) : undefined;
    if ('tsr' in reply && verdict?.at) {
      await this.app.db.run(organisation, [keep(row, { url, chain, token: reply.tsr, at: verdict.at })]);
      return true;
    }
    const problem =
      'problem' in reply ? reply.problem : `The answer of ${url} was not kept: ${verdict?.problem}`;
    await this.app.db.run(organisation, [fail(row, problem.slice(0, 1000))]);
    return false;
  }

  private tell(error: unknown): void {
    if (!this.stopping.signal.aborted) this.app.log(`time stamps: ${messageOf(error)}`);
  }
}

/** A clock that was set back must not make a stamp wait for the day that it thought to be today. */
function isDue(row: Row, now: Date): boolean {
  const triedAt = cell.orNull(cell.moment)(row.tried_at);
  return triedAt === null || triedAt > now || nextTry(cell.number(row.tries), triedAt) <= now;
}
