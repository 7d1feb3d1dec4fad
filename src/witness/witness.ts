import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Random } from '../base/random.ts';
import {
  type Cosigner,
  type Judgement,
  judge,
  openNote,
  type ParsedAddCheckpoint,
  parseAddCheckpoint,
  witnessFromVkey,
} from '../ledger/index.ts';
import { LogFolder, type StoredLog } from './folder.ts';
import { readWitnessKey } from './key.ts';
import { lockFolder } from './lock.ts';

/** What is sent back over HTTP. */
export interface Answer {
  status: number;
  type: string;
  body: string;
}

export interface WitnessOptions {
  folder: string;
  clock: Clock;
  random: Random;
  /** Hears of what the operator should know; one sentence each. */
  report?: (line: string) => void;
}

const PLAIN = 'text/plain; charset=utf-8';
/** Rounds after losing to another process on the same folder; there should be none at all. */
const ROUNDS = 5;

/**
 * A witness: cosigns the checkpoint of a log it watches when that continues everything it cosigned of this log before. What it cosigned
 * is on the disk before the cosignature leaves.
 */
export class Witness {
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly told = new Map<string, string>();

  private constructor(
    private readonly o: WitnessOptions,
    private readonly cosigner: Cosigner,
    private readonly logs: LogFolder,
    readonly close: () => Promise<void>,
  ) {}

  /** Opens a folder made by `initWitness`, for this process alone. Fails CONFLICT when another process has it. */
  static async open(o: WitnessOptions): Promise<Witness> {
    const cosigner = await readWitnessKey(o.folder);
    const unlock = await lockFolder(o.folder, o.random);
    return new Witness(
      o,
      cosigner,
      new LogFolder(o.folder, witnessFromVkey(cosigner.vkey), o.random),
      unlock,
    );
  }

  get vkey(): string {
    return this.cosigner.vkey;
  }

  /** Answers the body of `POST /add-checkpoint`. Throws only when the folder cannot be read or written. */
  async addCheckpoint(body: Buffer): Promise<Answer> {
    let request: ParsedAddCheckpoint;
    try {
      request = parseAddCheckpoint(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    } catch (error) {
      const why = error instanceof Failure ? error.message : 'the request is not UTF-8';
      return { status: 400, type: PLAIN, body: `${why}\n` };
    }
    const { origin } = request.checkpoint;
    // Logs that are not watched are turned away before they could take a place in the list of turns.
    if ((await this.logs.read(origin)) === undefined) return answer(judge(request, undefined));
    return this.inTurn(origin, () => this.decide(request));
  }

  /** What `GET /` says: who this is and what it watches. */
  async page(): Promise<string> {
    const logs = await this.logs.list();
    const lines = logs.map((l) => `${l.size}\t${l.origin}\n`);
    return `A witness of transparency logs (C2SP tlog-witness).\n\n${this.vkey}\n\nWatches ${logs.length} (size cosigned last, origin):\n${lines.join('')}`;
  }

  private async decide(request: ParsedAddCheckpoint): Promise<Answer> {
    for (let round = 0; round < ROUNDS; round++) {
      const log = await this.logs.read(request.checkpoint.origin);
      const judged = judge(request, log);
      if (log === undefined || judged.next === undefined) {
        if (log !== undefined) await this.tell(request, log, judged);
        return answer(judged);
      }
      const line = this.cosigner.cosign(request.text, Math.floor(this.o.clock.now().getTime() / 1000));
      if (await this.logs.commit(log, ownCopy(request, log) + line))
        return { status: 200, type: PLAIN, body: line };
    }
    throw new Failure(
      'CONFLICT',
      `another process changes what was cosigned in ${this.o.folder}: stop one of them`,
    );
  }

  /** A refusal that may mean that the log was rewritten is told to the operator; a contradiction in its own words is kept. */
  private async tell(request: ParsedAddCheckpoint, log: StoredLog, judged: Judgement): Promise<void> {
    const { origin, size, root } = request.checkpoint;
    if (judged.status === 422)
      this.report(origin, `refused size ${size}, not shown to continue size ${log.size}`);
    if (judged.status !== 409 || size !== log.size || log.root === undefined || log.root.equals(root)) return;
    this.report(origin, `signed two different trees of size ${size}; both are kept`);
    await this.logs.keepFork(log, ownCopy(request, log));
  }

  /** Once in a row: a refused request can be sent again by anybody, and must not fill the operator's disk. */
  private report(origin: string, what: string): void {
    if (this.told.get(origin) === what) return;
    this.told.set(origin, what);
    this.o.report?.(`${origin}: ${what}`);
  }

  /** One at a time per log: reading what is known, deciding and storing must not mix with another request. */
  private inTurn<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(origin) ?? Promise.resolve();
    const turn = before.then(work);
    const settled = turn
      .catch(() => {})
      .then(() => {
        if (this.turns.get(origin) === settled) this.turns.delete(origin);
      });
    this.turns.set(origin, settled);
    return turn;
  }
}

/** The checkpoint with the signatures of the log's trusted keys, and no line of strangers. */
function ownCopy(request: ParsedAddCheckpoint, log: StoredLog): string {
  const lines = openNote(request.note, log.keys).verified.map(({ name, keyId, signature }) => {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(keyId);
    return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
  });
  return `${request.text}\n${lines.join('')}`;
}

function answer({ status, body, contentType }: Judgement): Answer {
  return { status, type: contentType ?? PLAIN, body: body ?? '' };
}
