import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { edgeTiles, parseCheckpoint, parseNote, rootFromTiles } from '../ledger/index.ts';
import type { Row, Statement } from './database.ts';
import { tileStore, tilesStatement } from './tile-rows.ts';

/**
 * The last checkpoint shown to the world of each organisation's log, in a place the database's backups do not reach: who
 * restores an old backup must not be led into signing a second history.
 */
export interface PublishedHeads {
  /** The signed note, or undefined when none was kept yet. */
  read(organisation: number): Promise<string | undefined>;
  /** Keeps it, durably, before it returns. */
  write(organisation: number, note: string): Promise<void>;
}

/** One file per organisation, named by its slug, readable by the owner only; written whole or not at all. */
export class PublishedFiles implements PublishedHeads {
  constructor(
    private readonly folder: string,
    private readonly slugOf: (organisation: number) => Promise<string>,
  ) {}

  async read(organisation: number): Promise<string | undefined> {
    try {
      return await readFile(join(this.folder, await this.slugOf(organisation)), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(organisation: number, note: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, await this.slugOf(organisation));
    const temporary = `${path}.${randomBytes(4).toString('hex')}`;
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(note);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }
}

/**
 * Why nothing may be signed on top of this log, as a sentence, or undefined. To be asked under the log's lock, where no other
 * process can move it. A note that is behind the log is fine: a process ended between commit and keeping it, or another
 * one is about to. One that is ahead, or of another history, means that the database is not the one that was published.
 */
export async function rollbackProblem(
  note: string | undefined,
  log: { origin: string; size: number; root: Buffer },
  query: (s: Statement) => Promise<Row[]>,
): Promise<string | undefined> {
  if (note === undefined) return undefined;
  let published: { origin: string; size: number; root: Buffer };
  try {
    published = parseCheckpoint(parseNote(note).text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `the published checkpoint that was kept cannot be read (${error.message}): restore its file from a backup of the data folder; see docs/guide/restore.md`;
  }
  if (published.origin !== log.origin)
    return `the published checkpoint that was kept is of the log ${published.origin}, the database holds ${log.origin}: bring data folder and database together again; see docs/guide/restore.md`;
  if (published.size > log.size)
    return `the database is behind the published log (size ${log.size}, published ${published.size}): restore the newer database; if it is lost, see docs/guide/restore.md`;
  if ((await rootAt(published.size, log, query))?.equals(published.root)) return undefined;
  return `the database holds another history than the published log (its first ${published.size} entries give another root than was published): restore the database that was published; if it is lost, see docs/guide/restore.md`;
}

/** Root of the log when it had `size` entries; undefined when the tiles cannot give it. */
async function rootAt(
  size: number,
  log: { size: number; root: Buffer },
  query: (s: Statement) => Promise<Row[]>,
): Promise<Buffer | undefined> {
  if (size === log.size) return log.root;
  try {
    return rootFromTiles(size, tileStore(await query(tilesStatement(edgeTiles(size)))));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
