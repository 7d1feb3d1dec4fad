import { Worker } from 'node:worker_threads';
import { Failure } from '../base/failure.ts';
import type { Way, Ways } from './readers.ts';
import { errorOf, type Refusal } from './refusal.ts';
import type { Task } from './worker.ts';

const MIB = 1_048_576;

/** What reading may take. */
export const INTAKE_LIMITS = {
  /** Files up to this size (bytes) have a reader that larger ones never hold up. */
  small: MIB,
  /** Longest time for one file (ms), and what each MiB of it adds. */
  patience: 10_000,
  patiencePerMib: 2_000,
  /** Memory (MiB) of the reader of small files, and of the other one. */
  smallMemory: 384,
  memory: 1_024,
  /** Files that wait: of one person, of all, and the bytes of them that lie in memory. */
  waitingOfOne: 40,
  waiting: 200,
  waitingBytes: 256 * MIB,
  /** A reader that had nothing to do for so long (ms) gives its memory back. */
  idle: 30_000,
} as const;

/** A file, and who handed it in: people take turns. */
export interface Arrival {
  who: string;
  file: { bytes: Uint8Array } | { path: string; size: number };
}

interface Job {
  who: string;
  size: number;
  task: Task;
  transfer: ArrayBuffer[];
  resolve(read: unknown): void;
  reject(error: Error): void;
}

/** One thread that reads one file at a time. */
interface Reader {
  /** Takes files up to `INTAKE_LIMITS.small` alone. */
  small: boolean;
  worker?: Worker | undefined;
  job?: Job | undefined;
  timer?: NodeJS.Timeout | undefined;
}

export interface IntakeOptions {
  /** The built `worker.ts`. */
  script: string;
  log: (line: string) => void;
  limits?: Partial<{ [K in keyof typeof INTAKE_LIMITS]: number }>;
}

/**
 * The one door for files of people: whatever its form, a file is read on another thread, within a time and a memory of its own, so that nothing in
 * it can keep the server from answering. Small files have a reader to themselves; of those that wait, the one whose person was served
 * longest ago comes first. A file that takes too long or too much is refused, and the next one is read by a fresh thread.
 */
export class Intake {
  private readonly readers: Reader[] = [{ small: true }, { small: false }];
  private readonly waiting: Job[] = [];
  /** When each person was served last, as a count of files. */
  private readonly served = new Map<string, number>();
  private count = 0;
  private closed = false;
  private readonly limits: { [K in keyof typeof INTAKE_LIMITS]: number };

  constructor(private readonly o: IntakeOptions) {
    this.limits = { ...INTAKE_LIMITS, ...o.limits };
  }

  /** Throws what is wrong with the file (Failure, JsonError), TOO_LARGE beyond time or memory, TOO_MANY or UNAVAILABLE when too much waits. */
  read<W extends Way>(way: W, arrival: Arrival, told: Ways[W]['told']): Promise<Ways[W]['read']> {
    const { who, file } = arrival;
    const size = 'path' in file ? file.size : file.bytes.length;
    // A copy of its own, which changes hands without being copied again.
    const copy = 'path' in file ? undefined : Uint8Array.from(file.bytes);
    return new Promise((resolve, reject) => {
      const refusal = this.refusal(who, 'path' in file ? 0 : size);
      if (refusal) return reject(refusal);
      this.waiting.push({
        who,
        size,
        task: { way, told, file: copy ? { bytes: copy } : file },
        transfer: copy ? [copy.buffer] : [],
        resolve,
        reject,
      });
      this.next();
    });
  }

  /** Ends the readers; whoever still waits is told so. */
  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.waiting.splice(0)) job.reject(stopping());
    await Promise.all(
      this.readers.map((reader) => {
        reader.job?.reject(stopping());
        return this.end(reader);
      }),
    );
  }

  private refusal(who: string, bytes: number): Failure | undefined {
    if (this.closed) return stopping();
    const held = this.waiting.reduce((sum, j) => sum + ('bytes' in j.task.file ? j.size : 0), bytes);
    if (this.waiting.filter((j) => j.who === who).length >= this.limits.waitingOfOne)
      return new Failure(
        'TOO_MANY',
        `${this.limits.waitingOfOne} files of yours wait to be read; send this one again when they are done.`,
      );
    if (this.waiting.length >= this.limits.waiting || held > this.limits.waitingBytes)
      return new Failure('UNAVAILABLE', 'Too many files wait to be read; send this one again in a minute.');
    return undefined;
  }

  private next(): void {
    for (const reader of this.readers) {
      if (reader.job) continue;
      const job = this.choose(reader);
      if (job) this.begin(reader, job);
    }
  }

  /** Of the files a reader takes the one whose person was served longest ago; of one person the oldest. */
  private choose(reader: Reader): Job | undefined {
    const fits = this.waiting.filter((job) => !reader.small || job.size <= this.limits.small);
    const turn = (job: Job) => this.served.get(job.who) ?? 0;
    const [first, ...others] = fits;
    if (!first) return undefined;
    const job = others.reduce((best, one) => (turn(one) < turn(best) ? one : best), first);
    this.waiting.splice(this.waiting.indexOf(job), 1);
    // Nobody waits: whose turn it was is of no use any more.
    if (this.waiting.length === 0) this.served.clear();
    this.served.set(job.who, ++this.count);
    return job;
  }

  private begin(reader: Reader, job: Job): void {
    clearTimeout(reader.timer);
    reader.job = job;
    if (reader.worker) this.expect(reader, job);
    else {
      const worker = this.start(reader);
      reader.worker = worker;
      // How long a thread takes to begin is no fault of the file.
      worker.once('online', () => {
        if (reader.job === job) this.expect(reader, job);
      });
    }
    reader.worker.postMessage(job.task, job.transfer);
  }

  /** Gives up on the file when its time has passed. */
  private expect(reader: Reader, job: Job): void {
    const patience = this.limits.patience + (job.size / MIB) * this.limits.patiencePerMib;
    reader.timer = setTimeout(() => this.settle(reader, (j) => j.reject(tooSlow(patience)), true), patience);
  }

  private start(reader: Reader): Worker {
    const memory = reader.small ? this.limits.smallMemory : this.limits.memory;
    const worker = new Worker(this.o.script, { resourceLimits: { maxOldGenerationSizeMb: memory } });
    worker.on('message', (m: { read?: unknown; refusal?: Refusal }) => {
      if (reader.worker !== worker) return;
      const { refusal } = m;
      if (refusal?.kind === 'fault')
        this.o.log(`files: a ${reader.job?.task.way} file was not read: ${refusal.message}`);
      this.settle(reader, (j) => (refusal ? j.reject(errorOf(refusal)) : j.resolve(m.read)), false);
    });
    worker.on('error', (error: Error & { code?: string }) => {
      if (reader.worker !== worker) return;
      const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (!full) this.o.log(`files: the reader ended: ${error.name} ${error.code ?? ''}`);
      this.settle(
        reader,
        (j) => j.reject(full ? tooMuch(memory) : new Error('the reader of files ended')),
        true,
      );
    });
    worker.on('exit', () => {
      if (reader.worker === worker)
        this.settle(reader, (j) => j.reject(new Error('the reader of files ended')), true);
    });
    // After the listeners, which would hold the process again: an idle reader must not keep it from ending.
    worker.unref();
    return worker;
  }

  /** Answers the file that a reader has, and lets it take the next one, as a new thread when this one may not go on. */
  private settle(reader: Reader, answer: (job: Job) => void, replace: boolean): void {
    const { job } = reader;
    reader.job = undefined;
    clearTimeout(reader.timer);
    if (replace) void this.end(reader);
    if (job) answer(job);
    this.next();
    if (reader.job || this.closed) return;
    reader.timer = setTimeout(() => void this.end(reader), this.limits.idle);
    reader.timer.unref();
  }

  private async end(reader: Reader): Promise<void> {
    const { worker } = reader;
    reader.worker = undefined;
    clearTimeout(reader.timer);
    await worker?.terminate();
  }
}

const stopping = () => new Failure('UNAVAILABLE', 'The server is stopping; send the file again in a moment.');

const tooSlow = (ms: number) =>
  new Failure(
    'TOO_LARGE',
    `Reading the file took longer than ${Math.max(1, Math.round(ms / 1000))} seconds and was given up; nothing was stored. Split it, or take out what is not needed.`,
    [{ path: 'file', message: 'takes too long to read' }],
  );

const tooMuch = (mib: number) =>
  new Failure(
    'TOO_LARGE',
    `Reading the file needs more than ${mib} MiB of memory and was given up; nothing was stored. Split it, or take out what is not needed.`,
    [{ path: 'file', message: 'needs too much memory to read' }],
  );
