import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { codeOf } from '../../base/thrown.ts';
import type { Database } from './database.ts';

/** What the system and the database say when something cannot be written, in words. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk of the server is full',
  EDQUOT: 'the quota of the server on its disk is used up',
  EROFS: 'the disk of the server is read-only',
  '53100': 'the disk of the database is full',
};

/** True where something could not be written for want of room. */
export const isStorageCode = (code: string | undefined): boolean =>
  code !== undefined && REFUSALS[code] !== undefined;

/** The Failure for something that could not be written for want of room, or undefined for any other error. */
export function storageFailure(error: unknown): Failure | undefined {
  const reason = REFUSALS[codeOf(error) ?? ''];
  return reason === undefined
    ? undefined
    : new Failure(
        'STORAGE_FULL',
        `Nothing was stored: ${reason}. Ask the operator of the server to make room, then send it again. The server resumes by itself.`,
      );
}

const PROBE_BYTES = 256 * 1024;
/** A disk that could be written is believed for so long (milliseconds): anybody may ask how the server is. */
const BELIEVED = 1_000;

/**
 * Whether the server can write. A disk is tried, not measured: quotas, reserved blocks and read-only mounts leave room in every count. Once
 * the database refused a write for want of room, it is tried as well until it takes one.
 */
export class Storage {
  private databaseRefused = false;
  private readyUntil = 0;
  private full: Date | undefined;
  private triedAt = 0;
  private running: Promise<string | undefined> | undefined;

  constructor(
    private readonly o: {
      folder: string;
      db: Database;
      clock: Clock;
      /** Writes as much and takes it away again; for tests. */
      tryFolder?: (folder: string) => Promise<void>;
    },
  ) {}

  /** Told of everything that failed; remembers what was refused for want of room. */
  note(error: unknown): void {
    const code = codeOf(error);
    if (code === undefined || REFUSALS[code] === undefined) return;
    this.readyUntil = 0;
    this.full ??= this.o.clock.now();
    if (code === '53100') this.databaseRefused = true;
  }

  /**
   * Since when nothing could be written, as far as this process met it; undefined while all was. Asks nothing: whether there is room again is tried
   * beside, at most once a second.
   */
  fullSince(): Date | undefined {
    if (this.full && Date.now() - this.triedAt > BELIEVED) {
      this.triedAt = Date.now();
      this.refusal().catch(() => {});
    }
    return this.full;
  }

  /** Why nothing can be written at this moment, as a sentence; undefined when it can. Throws what else is wrong with the database. */
  refusal(): Promise<string | undefined> {
    if (this.o.clock.now().getTime() < this.readyUntil) return Promise.resolve(undefined);
    this.running ??= this.look().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async look(): Promise<string | undefined> {
    try {
      await (this.o.tryFolder ?? tryFolder)(this.o.folder);
      if (this.databaseRefused) {
        this.databaseRefused = false;
        await this.o.db.run(0, TRY_DATABASE);
      }
      this.readyUntil = this.o.clock.now().getTime() + BELIEVED;
      this.full = undefined;
      return undefined;
    } catch (error) {
      this.note(error);
      const reason = REFUSALS[codeOf(error) ?? ''];
      if (reason === undefined) throw error;
      return `Not ready: ${reason}. Reading works, writing is refused; make room, and the server goes on by itself.`;
    }
  }
}

/** A table that is gone with the transaction: its pages and the log of the database need room. */
const TRY_DATABASE = [
  {
    text: `create temporary table room on commit drop as select repeat(md5(n::text), 16) as filling from generate_series(1, 1000) n`,
  },
];

async function tryFolder(folder: string): Promise<void> {
  const path = join(folder, `.room-${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES, 1));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}
