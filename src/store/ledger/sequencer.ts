import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import type { RemoteSigner } from '../../ledger/index.ts';
import type { Database, Row, Statement } from '../db/database.ts';
import { BATCH, keysPresent, type LogKey, type LogRow, placeBatch, type Query, readLogRow } from './batch.ts';
import { type PublishedHeads, rollbackProblem } from './published.ts';
import { KeyFault, lasts, type Standstill, standstillBy, standstillSaid } from './standstill.ts';

/** While entries keep coming, a batch is taken this often (ms): many writes share one checkpoint. */
const REST = 200;
/** How often to look for entries that other processes left (ms). */
const LOOK = 1_000;
/** How often keys are looked at where nothing is to be signed (ms): a lost one is told before somebody needs it. */
const LOOK_AT_KEYS = 60_000;

const no = failures('log.sequencer', {
  notAtRest: [
    'UNAVAILABLE',
    'The log does not come to rest: another process is at work on it. Try again in a moment.',
  ],
});

export interface Head {
  size: number;
  root: string;
}

export interface SequencerOptions {
  db: Database;
  /** The private key behind a row of `log_key`: a file, or a service that signs. */
  signerOf: (key: LogKey, origin: string) => Promise<RemoteSigner>;
  clock: Clock;
  published: PublishedHeads;
  report?: (error: unknown) => void;
}

/**
 * Gives every entry of the outbox its place in the organisation's tree, and signs a checkpoint over each batch.
 * Any number of processes may run one: a transaction-level advisory lock lets one through, and the size is compared and
 * swapped, so that no two batches ever claim the same place. Signing happens inside the transaction; what was not
 * committed is never shown. Each checkpoint is kept outside the database too, and nothing is signed on top of a database
 * that does not hold what was published.
 */
export class Sequencer {
  private readonly busy = new Map<number, Promise<boolean>>();
  private readonly last = new Map<number, number>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly refused = new Map<number, string>();
  private readonly told = new Map<number, string>();
  private readonly exact = new Set<string>();
  /** Logs that stand still, as far as this process knows; what has not lasted yet is among them. */
  private readonly still = new Map<number, Standstill>();
  private keysLookedAt = 0;
  private looker: NodeJS.Timeout | undefined;
  private stopped = false;

  private readonly listeners: ((organisation: number) => void)[] = [];

  constructor(private readonly o: SequencerOptions) {}

  /** Calls back after each checkpoint that this process published. */
  onPublished(listener: (organisation: number) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Compares every log with what was published of it, and has its keys ready, before anything is served. A log that fails is reported: it refuses
   * writes from then on, or lets them wait where only its key is missing; the others go on.
   */
  async examine(): Promise<void> {
    this.keysLookedAt = Date.now();
    for (const { id: organisation } of await this.o.db.organisationsWith('log', this.o.clock.now())) {
      try {
        // Read before the log: another process may be signing, and only a note older than the log is no reason to refuse.
        const note = await this.o.published.read(organisation);
        const checkpoint = await this.o.db.converse(
          organisation,
          async (query) => {
            const log = (await readLogRow(query, false))!;
            await this.guard(organisation, note, log, query);
            return log.checkpoint;
          },
          { snapshot: true },
        );
        // A process that ended between commit and publishing left it to the next one.
        if (checkpoint) await this.publish(organisation, checkpoint);
        await this.demandKeys(organisation);
      } catch (error) {
        this.failed(organisation, error);
        this.tell(organisation, error);
      }
    }
  }

  /** Why this log is not signed on; undefined while it is, and while what hinders it may still pass by itself. */
  standstill(organisation: number): Standstill | undefined {
    const still = this.still.get(organisation);
    return still && lasts(still, this.o.clock.now()) ? still : undefined;
  }

  /** All logs that stand still, by organisation. */
  standstills(): ReadonlyMap<number, Standstill> {
    const now = this.o.clock.now();
    return new Map([...this.still].filter(([, still]) => lasts(still, now)));
  }

  /** The key of the open log that has to sign now and does not; undefined when all do. */
  async lostKey(organisation: number): Promise<KeyFault | undefined> {
    try {
      await this.demandKeys(organisation);
      return undefined;
    } catch (error) {
      if (error instanceof KeyFault) return error;
      throw error;
    }
  }

  /** Throws UNAVAILABLE when this log cannot be signed on: an accepted write that can never be entered would be a lie. */
  demandOpen(organisation: number): void {
    const sentence = this.refused.get(organisation);
    if (sentence) throw new Failure('UNAVAILABLE', sentence);
  }

  /** Why this log is not signed on, as a sentence, or undefined. */
  refusalOf(organisation: number): string | undefined {
    return this.refused.get(organisation);
  }

  /** The checkpoint that was published last, kept outside the database. */
  publishedNote(organisation: number): Promise<string | undefined> {
    return this.o.published.read(organisation);
  }

  /** Begins to look for entries left by other processes or by an earlier life of this one. */
  start(): void {
    const look = async () => {
      try {
        for (const o of await this.o.db.organisationsWith('entries to place', this.o.clock.now()))
          this.wake(o.id);
        // Somebody may have ended what a log stands still for: nothing is written here that would make this process look again.
        for (const organisation of this.still.keys()) this.wake(organisation);
        await this.lookAtKeys();
      } catch (error) {
        if (!this.stopped) this.report(error);
      }
      if (!this.stopped) this.looker = setTimeout(look, LOOK);
    };
    this.looker = setTimeout(look, 10);
  }

  /** Tells that an organisation has new entries; returns at once. */
  wake(organisation: number, atLeast = 0): void {
    if (this.stopped || this.timers.has(organisation)) return;
    const since = Date.now() - (this.last.get(organisation) ?? 0);
    this.timers.set(
      organisation,
      setTimeout(
        () => {
          this.timers.delete(organisation);
          this.drain(organisation).catch((error) => {
            this.tell(organisation, error);
            // Broken off: the batch may have been committed all the same, and then nothing waits but its checkpoint.
            if (!(error instanceof Failure)) this.wake(organisation, LOOK);
          });
        },
        Math.max(atLeast, REST - since),
      ),
    );
  }

  /**
   * Sequences what is waiting now, without resting; when it returns, every entry written before the call has its place.
   * Throws UNAVAILABLE, saying why, when the database does not hold what was published.
   */
  async settle(organisation: number): Promise<Head> {
    let looked = await this.drain(organisation);
    // Another process may hold the lock and be at work on our entries: wait until none is left, and until this process itself has
    // compared the log with what it knows to be published.
    for (let i = 0; i < 100; i++) {
      const [pending, head] = await this.o.db.run(organisation, [PENDING, HEAD]);
      if (looked && (pending![0]!.n as number) === 0) return toHead(head![0]);
      await new Promise((r) => setTimeout(r, 50));
      looked = await this.drain(organisation);
    }
    throw no('notAtRest');
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.looker);
    for (const t of this.timers.values()) clearTimeout(t);
    // Who waited for a batch under way begins the next one only after it.
    do {
      await Promise.allSettled([...this.busy.values()]);
      await new Promise((r) => setImmediate(r));
    } while (this.busy.size > 0);
  }

  /** Places what waits. False when another process held the lock, and nothing was looked at here. */
  private async drain(organisation: number): Promise<boolean> {
    const running = this.busy.get(organisation);
    if (running) await running.catch(() => {});
    const again = this.busy.get(organisation);
    if (again) return again;
    const work = (async () => {
      let placed = await this.batch(organisation);
      while (placed === BATCH) placed = await this.batch(organisation);
      return placed !== undefined;
    })();
    this.busy.set(organisation, work);
    try {
      return await work;
    } catch (error) {
      this.failed(organisation, error);
      throw error;
    } finally {
      this.busy.delete(organisation);
      this.last.set(organisation, Date.now());
    }
  }

  private report(error: unknown): void {
    this.o.report?.(error instanceof KeyFault && !(error.cause instanceof Failure) ? error.cause : error);
  }

  /** Remembers what stops the log, and since when: one cause after another is one standstill. */
  private failed(organisation: number, error: unknown): void {
    // What the guard refused it has noted itself.
    if (this.refused.has(organisation)) return;
    const since = this.still.get(organisation)?.since ?? this.o.clock.now();
    this.still.set(organisation, standstillBy(error, since));
  }

  /** Each key of each log, now and then. */
  private async lookAtKeys(): Promise<void> {
    if (Date.now() - this.keysLookedAt < LOOK_AT_KEYS) return;
    this.keysLookedAt = Date.now();
    for (const { id } of await this.o.db.organisationsWith('log', this.o.clock.now()))
      await this.demandKeys(id).catch((error) => {
        this.failed(id, error);
        this.tell(id, error);
      });
  }

  /** Throws KeyFault unless every key that has to sign the open log at this moment is there and the right one. */
  private async demandKeys(organisation: number): Promise<void> {
    const { origin, keys } = await this.o.db.converse(
      organisation,
      async (query) => {
        const log = await readLogRow(query, false);
        const known = log ? await keysPresent(query, log.number, this.o.clock.now()) : [];
        return { origin: log?.origin ?? '', keys: known.filter((k) => k.present) };
      },
      { snapshot: true },
    );
    for (const key of keys) await this.signerOf(key, origin);
  }

  private async signerOf(key: LogKey, origin: string): Promise<RemoteSigner> {
    const hurt = (error: unknown) => new KeyFault({ name: key.name, vkey: key.vkey }, origin, error);
    try {
      const signer = await this.o.signerOf(key, origin);
      const sign: RemoteSigner['sign'] = async (bytes) => {
        try {
          return await signer.sign(bytes);
        } catch (error) {
          throw hurt(error);
        }
      };
      return { ...signer, sign };
    } catch (error) {
      throw hurt(error);
    }
  }

  /** A refusal (of the guard, or for want of a key) is reported once, when it is found; everything else each time. */
  private tell(organisation: number, error: unknown): void {
    const refusal = error instanceof Failure && error.code === 'UNAVAILABLE' ? error.message : undefined;
    if (refusal !== undefined && this.told.get(organisation) === refusal) return;
    if (refusal !== undefined) this.told.set(organisation, refusal);
    this.report(error);
  }

  /** Throws UNAVAILABLE when the log is not a continuation of what was published; to be called under its lock. */
  private async guard(
    organisation: number,
    note: string | undefined,
    log: LogRow,
    query: Query,
  ): Promise<void> {
    const problem = await rollbackProblem(note, log, query);
    if (!problem) {
      if (this.refused.delete(organisation)) this.still.delete(organisation);
      return;
    }
    const sentence = `Nothing is signed in the log ${log.origin}, and nothing can be changed in its organisation: ${problem}.`;
    const failure = new Failure('UNAVAILABLE', sentence);
    this.tell(organisation, failure);
    this.refused.set(organisation, sentence);
    this.still.set(organisation, {
      cause: 'database',
      since: this.still.get(organisation)?.since ?? this.o.clock.now(),
      problem: standstillSaid('database', { says: sentence }),
      writes: 'refused',
    });
    throw failure;
  }

  /** One batch in one transaction, and its checkpoint kept outside; returns how many entries it placed, undefined when another held the lock. */
  private async batch(organisation: number): Promise<number | undefined> {
    // First alone: a batch is read and given up again for nothing each time, while a key is not there.
    if (this.still.get(organisation)?.cause === 'key') await this.demandKeys(organisation);
    const done = await this.o.db.converse(organisation, (query) =>
      placeBatch(query, {
        organisation,
        clock: this.o.clock,
        signerOf: (key, origin) => this.signerOf(key, origin),
        guard: async (log) => this.guard(organisation, await this.o.published.read(organisation), log, query),
        exact: this.exact,
      }),
    );
    if (done.busy) {
      // Another process is at work on this log. What it has not seen is ours to place, as soon as it rests.
      this.wake(organisation, REST);
      this.heldBack(organisation);
      return undefined;
    }
    // Not before: who found another process at work has not looked, and would say the same refusal again.
    this.told.delete(organisation);
    if (done.note === undefined || (await this.publish(organisation, done.note)))
      this.still.delete(organisation);
    return done.placed;
  }

  private heldBack(organisation: number): void {
    if (this.still.has(organisation)) return;
    const since = this.o.clock.now();
    const problem = standstillSaid('held', { since: since.toISOString() });
    this.still.set(organisation, { cause: 'held', since, problem, writes: 'wait' });
  }

  /**
   * Keeps a committed checkpoint outside and tells of it. A disk that fails leaves an older one, which is a weaker guard and no lie; it is
   * tried again, as is one whose commit was answered by an error. False when it could not be kept.
   */
  private async publish(organisation: number, note: string): Promise<boolean> {
    try {
      if (!(await this.o.published.write(organisation, note))) return true;
    } catch (error) {
      this.report(error);
      this.failed(organisation, error);
      this.wake(organisation, LOOK);
      return false;
    }
    for (const listener of this.listeners) listener(organisation);
    return true;
  }
}

/** Organisations with entries to place, or with a day that ended since the last snapshot. */
const PENDING: Statement = {
  text: 'select count(*)::int as n from outbox where organisation = (select present_organisation())',
  name: 'log-pending',
};

/** The head of the open log. */
export const HEAD: Statement = {
  text: `select size, encode(root, 'hex') as root from log where organisation = (select present_organisation())`,
  name: 'log-head',
};

export const toHead = (row: Row | undefined): Head => ({
  size: (row?.size as number | undefined) ?? 0,
  root: (row?.root as string | undefined) ?? '',
});
