import {
  consistencyProof,
  formatAddCheckpoint,
  tilesForConsistency,
  type WitnessKey,
  witnessFromVkey,
} from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { tileStore, tilesStatement } from '../../store/ledger/tile-rows.ts';
import { BEHIND, keep, oneBehind, witnessFailed } from '../../store/log/witness-feed.ts';
import type { App } from '../context.ts';
import { askWitness, type WitnessReply } from './witness-request.ts';

/** While checkpoints keep coming, witnesses are asked this often (ms). */
const REST = 1_000;
/** How often to look for witnesses that are behind (ms): another process may have published. */
const LOOK = 60_000;
/** Wait after the first failure, doubled after each further one, and the longest (ms). */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;
/** Requests in a row to a witness that knows another size than was thought. */
const ROUNDS = 3;

/** One witness of one organisation: at most one request under way. */
interface Lane {
  running?: Promise<void>;
  /** A newer checkpoint came while it was asked. */
  again: boolean;
  failures: number;
  waiting?: NodeJS.Timeout;
}

export interface FeedOptions {
  rest?: number;
  firstWait?: number;
  patience?: number;
}

/**
 * Has witnesses cosign checkpoints: of each log the newest only, since it covers all before. A cosignature is stored when it holds, and
 * nothing else of the answer is. Any number of processes may run one; a witness that is asked twice cosigns twice, and one line is kept.
 */
export class WitnessFeed {
  private readonly lanes = new Map<string, Lane>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly looks = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private looker: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: Pick<App, 'db' | 'clock' | 'log' | 'outgoing'>,
    private readonly o: FeedOptions = {},
  ) {}

  /** Begins to look for witnesses that are behind, at once and then now and again. */
  start(): void {
    const look = async () => {
      try {
        const { db, clock } = this.app;
        for (const o of await db.organisationsWith('witness', clock.now())) await this.look(o.id);
      } catch (error) {
        this.tell(error);
      }
      if (!this.stopping.signal.aborted) this.looker = setTimeout(look, LOOK);
    };
    this.looker = setTimeout(look, 10);
  }

  /** Tells that a checkpoint of this organisation was published; returns at once. */
  published(organisation: number): void {
    if (this.stopping.signal.aborted || this.timers.has(organisation)) return;
    const soon = () => {
      this.timers.delete(organisation);
      const looking: Promise<void> = this.look(organisation)
        .then(
          () => {},
          (error) => this.tell(error),
        )
        .finally(() => this.looks.delete(looking));
      this.looks.add(looking);
    };
    this.timers.set(organisation, setTimeout(soon, this.o.rest ?? REST));
  }

  /** Asks every witness that is behind now, also those that wait after a failure; returns when all have answered. */
  async work(organisation: number): Promise<void> {
    for (const [key, lane] of this.lanes)
      if (key.startsWith(`${organisation} `)) {
        clearTimeout(lane.waiting);
        lane.waiting = undefined;
      }
    await Promise.all(await this.look(organisation));
  }

  /** Breaks off what is asked for now, and waits for it. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.looker);
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const lane of this.lanes.values()) clearTimeout(lane.waiting);
    await Promise.allSettled(this.looks);
    await Promise.allSettled([...this.lanes.values()].map((lane) => lane.running));
  }

  /** Sets the witnesses that are behind to work; answers what is then under way. */
  private async look(organisation: number): Promise<Promise<void>[]> {
    const [rows] = await this.app.db.run(organisation, [BEHIND]);
    return rows!.map((row) => this.kick(organisation, cell.text(row.vkey)));
  }

  private kick(organisation: number, vkey: string): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    const key = `${organisation} ${vkey}`;
    const lane: Lane = this.lanes.get(key) ?? { again: false, failures: 0 };
    this.lanes.set(key, lane);
    if (lane.running) lane.again = true;
    else if (lane.waiting === undefined)
      lane.running = this.turn(organisation, vkey, lane).finally(() => {
        lane.running = undefined;
      });
    return lane.running ?? Promise.resolve();
  }

  private async turn(organisation: number, vkey: string, lane: Lane): Promise<void> {
    do {
      lane.again = false;
      const done = await this.ask(organisation, vkey).catch((error) => {
        this.tell(error);
        return false;
      });
      if (!done) return this.later(organisation, vkey, lane);
      lane.failures = 0;
    } while (lane.again && !this.stopping.signal.aborted);
  }

  private later(organisation: number, vkey: string, lane: Lane): void {
    if (this.stopping.signal.aborted) return;
    lane.failures += 1;
    const wait = Math.min(
      (this.o.firstWait ?? FIRST_WAIT) * 2 ** Math.min(lane.failures - 1, 20),
      LONGEST_WAIT,
    );
    lane.waiting = setTimeout(() => {
      lane.waiting = undefined;
      void this.kick(organisation, vkey);
    }, wait);
  }

  /** Asks one witness for the newest checkpoint; true when it has cosigned it or is asked no more. */
  private async ask(organisation: number, vkey: string): Promise<boolean> {
    const witness = witnessFromVkey(vkey);
    let known: number | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const [rows] = await this.app.db.run(organisation, [oneBehind(vkey)]);
      const row = rows![0];
      if (!row || this.stopping.signal.aborted) return true;
      const size = cell.number(row.size);
      const old = known ?? cell.number(row.last);
      // Read again by now: not a checkpoint that another process published meanwhile.
      if (old > size)
        return this.fail(
          organisation,
          vkey,
          `it cosigned size ${old} of this log, and this server knows ${size}: the database is older than what was published; see docs/guide/restore.md`,
        );
      const reply = await this.send(organisation, witness, row, old);
      if (this.stopping.signal.aborted) return true;
      if (reply.kind === 'cosigned') {
        await this.app.db.run(organisation, keep(row, reply, this.app.clock.now()));
        return true;
      }
      if (reply.kind === 'problem') return this.fail(organisation, vkey, reply.problem);
      if (old === size && reply.size === size)
        return this.fail(
          organisation,
          vkey,
          `it cosigned another tree of size ${size} under the name of this log: the log was rewritten, or somebody else signs with its key`,
        );
      known = reply.size;
    }
    return this.fail(organisation, vkey, 'it named another size each time it was asked');
  }

  private async send(
    organisation: number,
    witness: WitnessKey,
    row: Row,
    old: number,
  ): Promise<WitnessReply> {
    const size = cell.number(row.size);
    const note = cell.text(row.checkpoint);
    const places = old === 0 || old === size ? [] : tilesForConsistency(old, size);
    const [tiles] = await this.app.db.run(organisation, [tilesStatement(places, cell.number(row.log))]);
    const proof = places.length > 0 ? consistencyProof(old, size, tileStore(tiles!)) : [];
    return askWitness(this.app.outgoing, cell.text(row.url), witness, {
      body: formatAddCheckpoint({ old, proof, note }),
      note,
      now: this.app.clock.now(),
      stop: this.stopping.signal,
      patience: this.o.patience,
    });
  }

  private async fail(organisation: number, vkey: string, problem: string): Promise<false> {
    await this.app.db.run(organisation, [witnessFailed(vkey, this.app.clock.now(), problem)]);
    return false;
  }

  private tell(error: unknown): void {
    if (!this.stopping.signal.aborted)
      this.app.log(`witnesses: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
}
