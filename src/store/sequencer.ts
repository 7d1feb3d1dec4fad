import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { appendLeaves, edgeTiles, leafHash, type Signer, signCheckpoint } from '../ledger/index.ts';
import type { Database, Row, Statement } from './database.ts';
import { type PublishedHeads, rollbackProblem } from './published.ts';
import { tileStore, tilesStatement } from './tile-rows.ts';

/** Entries sequenced in one transaction at most: it bounds memory and how long the lock is held. */
const BATCH = 2_000;
/** While entries keep coming, a batch is taken this often (ms): many writes share one checkpoint. */
const REST = 200;
/** How often to look for entries that other processes left (ms). */
const LOOK = 1_000;

export interface Head {
  size: number;
  root: string;
}

/**
 * Gives every entry of the outbox its place in the organisation's tree, and signs a checkpoint over each batch.
 * Any number of processes may run one: a transaction-level advisory lock lets one through, and the size is compared and
 * swapped, so that no two batches ever claim the same place. Signing happens inside the transaction; what was not
 * committed is never shown. Each checkpoint is kept outside the database too, and nothing is signed on top of a database
 * that does not hold what was published.
 */
export class Sequencer {
  private readonly busy = new Map<number, Promise<void>>();
  private readonly last = new Map<number, number>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly refused = new Map<number, string>();
  private looker: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly signerOf: (organisation: number) => Promise<Signer>,
    private readonly clock: Clock,
    private readonly published: PublishedHeads,
    private readonly report: (error: unknown) => void = () => {},
  ) {}

  /**
   * Compares every log with what was published of it, before anything is served. A log that fails is reported and refuses
   * writes from then on; the others go on.
   */
  async examine(): Promise<void> {
    const rows = await this.db.asOwner({ text: 'select organisation from log' });
    for (const row of rows) {
      const organisation = row.organisation as number;
      // Read before the log: another process may be signing, and only a note older than the log is no reason to refuse.
      const note = await this.published.read(organisation);
      await this.db
        .converse(
          organisation,
          async (query) => this.guard(organisation, note, (await query(LOG))[0]!, query),
          { snapshot: true },
        )
        .catch((error) => this.tell(error));
    }
  }

  /** Throws UNAVAILABLE when this log cannot be signed on: an accepted write that can never be entered would be a lie. */
  demandOpen(organisation: number): void {
    const sentence = this.refused.get(organisation);
    if (sentence) throw new Failure('UNAVAILABLE', sentence);
  }

  /** Begins to look for entries left by other processes or by an earlier life of this one. */
  start(): void {
    const look = async () => {
      try {
        const rows = await this.db.asOwner({ text: 'select distinct organisation from outbox' });
        for (const r of rows) this.wake(r.organisation as number);
      } catch (error) {
        if (!this.stopped) this.report(error);
      }
      if (!this.stopped) this.looker = setTimeout(look, LOOK);
    };
    this.looker = setTimeout(look, 10);
  }

  /** Tells that an organisation has new entries; returns at once. */
  wake(organisation: number): void {
    if (this.stopped || this.timers.has(organisation)) return;
    const since = Date.now() - (this.last.get(organisation) ?? 0);
    this.timers.set(
      organisation,
      setTimeout(
        () => {
          this.timers.delete(organisation);
          this.drain(organisation).catch((error) => this.tell(error));
        },
        Math.max(0, REST - since),
      ),
    );
  }

  /**
   * Sequences what is waiting now, without resting; when it returns, every entry written before the call has its place.
   * Throws UNAVAILABLE, saying why, when the database does not hold what was published.
   */
  async settle(organisation: number): Promise<Head> {
    await this.drain(organisation);
    // Another process may hold the lock and be at work on our entries: wait until none is left.
    for (let i = 0; i < 100; i++) {
      const [pending, head] = await this.db.run(organisation, [PENDING, HEAD]);
      if ((pending![0]!.n as number) === 0) return toHead(head![0]);
      await new Promise((r) => setTimeout(r, 50));
      await this.drain(organisation);
    }
    throw new Error('the log does not come to rest');
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.looker);
    for (const t of this.timers.values()) clearTimeout(t);
    await Promise.allSettled([...this.busy.values()]);
  }

  private async drain(organisation: number): Promise<void> {
    const running = this.busy.get(organisation);
    if (running) await running.catch(() => {});
    const again = this.busy.get(organisation);
    if (again) return again;
    const work = (async () => {
      while ((await this.batch(organisation)) === BATCH);
    })();
    this.busy.set(organisation, work);
    try {
      await work;
    } finally {
      this.busy.delete(organisation);
      this.last.set(organisation, Date.now());
    }
  }

  /** A refusal is reported once, when it is found; everything else each time. */
  private tell(error: unknown): void {
    if (!(error instanceof Failure && error.code === 'UNAVAILABLE')) this.report(error);
  }

  /** Throws UNAVAILABLE when the log is not a continuation of what was published; to be called under its lock. */
  private async guard(
    organisation: number,
    note: string | undefined,
    log: Row,
    query: (s: Statement) => Promise<Row[]>,
  ): Promise<void> {
    const problem = await rollbackProblem(
      note,
      { origin: log.origin as string, size: log.size as number, root: log.root as Buffer },
      query,
    );
    if (!problem) {
      this.refused.delete(organisation);
      return;
    }
    const sentence = `Nothing is signed in the log ${log.origin}, and nothing can be changed in its organisation: ${problem}.`;
    const failure = new Failure('UNAVAILABLE', sentence);
    if (this.refused.get(organisation) !== sentence) this.report(failure);
    this.refused.set(organisation, sentence);
    throw failure;
  }

  /** One batch in one transaction, and its checkpoint kept outside; returns how many entries it placed. */
  private async batch(organisation: number): Promise<number> {
    const { placed, note } = await this.place(organisation);
    // Committed by now: a disk that fails here leaves an older checkpoint, which is a weaker guard and no lie.
    if (note !== undefined)
      await this.published.write(organisation, note).catch((error) => this.report(error));
    return placed;
  }

  private async place(organisation: number): Promise<{ placed: number; note?: string }> {
    const signer = await this.signerOf(organisation);
    return this.db.converse(organisation, async (query) => {
      const [lock] = await query({
        text: 'select pg_try_advisory_xact_lock(42001, $1) as got',
        values: [organisation],
      });
      if (!lock!.got) return { placed: 0 };
      const [log] = await query({
        text: 'select size, root, origin from log where organisation = (select present_organisation()) for update',
      });
      if (!log) return { placed: 0 };
      await this.guard(organisation, await this.published.read(organisation), log, query);
      const rows = await query(TAKE);
      if (rows.length === 0) return { placed: 0 };
      rows.sort((a, b) => (a.id as number) - (b.id as number));
      const size = log.size as number;
      const edge = await query(tilesStatement(edgeTiles(size)));
      const hashes = rows.map((r) => leafHash(r.entry as Buffer));
      const grown = appendLeaves(size, tileStore(edge), hashes);
      const note = signCheckpoint({ origin: log.origin as string, size: grown.size, root: grown.root }, [
        signer,
      ]);
      await query(insertLeaves(size, rows, hashes));
      await query(upsertTiles(grown.tiles));
      const swapped = await query({
        text: `update log set size = $1, root = $2, checkpoint = $3
          where organisation = (select present_organisation()) and size = $4 returning size`,
        values: [grown.size, grown.root, note, size],
      });
      if (swapped.length !== 1) throw new Error('the log grew elsewhere meanwhile; this batch is given up');
      await query({
        text: `insert into checkpoint (organisation, size, note, at) values ((select present_organisation()), $1, $2, $3)`,
        values: [grown.size, note, this.clock.now()],
      });
      return { placed: rows.length, note };
    });
  }
}

const PENDING: Statement = {
  text: 'select count(*)::int as n from outbox where organisation = (select present_organisation())',
  name: 'log-pending',
};

const LOG: Statement = {
  text: 'select size, root, origin from log where organisation = (select present_organisation())',
};

const HEAD: Statement = {
  text: 'select size, root from log where organisation = (select present_organisation())',
  name: 'log-head',
};

/** Taken by deleting, never by `id > last`: ids become visible out of order. */
const TAKE: Statement = {
  text: `delete from outbox where organisation = (select present_organisation()) and id in (
      select id from outbox where organisation = (select present_organisation()) order by id limit ${BATCH})
    returning id, entry, record_id, version`,
};

const toHead = (row: Row | undefined): Head => ({
  size: (row?.size as number | undefined) ?? 0,
  root: row ? (row.root as Buffer).toString('hex') : '',
});

function insertLeaves(size: number, rows: Row[], hashes: Buffer[]): Statement {
  return {
    text: `insert into leaf (organisation, index, entry, hash, record_id, version)
      select (select present_organisation()), x.* from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::uuid[], $5::int[]) as x`,
    values: [
      rows.map((_, i) => size + i),
      rows.map((r) => r.entry),
      hashes,
      rows.map((r) => r.record_id),
      rows.map((r) => r.version),
    ],
  };
}

function upsertTiles(tiles: { level: number; index: number; data: Buffer }[]): Statement {
  return {
    text: `insert into tile (organisation, level, index, hashes)
      select (select present_organisation()), x.* from unnest($1::int[], $2::bigint[], $3::bytea[]) as x
      on conflict (organisation, level, index) do update set hashes = excluded.hashes`,
    values: [tiles.map((t) => t.level), tiles.map((t) => t.index), tiles.map((t) => t.data)],
  };
}
