import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { edgeTiles, parseCheckpoint, parseNote, rootFromTiles } from '../../ledger/index.ts';
import type { Row, Statement } from '../db/database.ts';
import { tileStore, tilesStatement } from './tile-rows.ts';

/**
 * The last checkpoint shown to the world of each organisation's log, in a place the database's backups do not reach: who
 * restores an old backup must not be led into signing a second history.
 */
export interface PublishedHeads {
  /** The signed note, or undefined when none was kept yet. */
  read(organisation: number): Promise<string | undefined>;
  /** Keeps it, durably, before it returns. False when this one or a later one was kept before. */
  write(organisation: number, note: string): Promise<boolean>;
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

  async write(organisation: number, note: string): Promise<boolean> {
    const path = join(this.folder, await this.slugOf(organisation));
    const kept = await this.read(organisation);
    if (note === kept || isBehind(note, kept)) return false;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const temporary = `${path}.${randomBytes(4).toString('hex')}`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(note);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      // A full disk must not be filled further by what could not be finished.
      await rm(temporary, { force: true });
      throw error;
    }
    await flushFolder(this.folder);
    return true;
  }
}

/** Two processes may come here in another order than they signed in: the file never goes back. */
function isBehind(note: string, kept: string | undefined): boolean {
  if (kept === undefined) return false;
  try {
    const [a, b] = [note, kept].map((n) => parseCheckpoint(parseNote(n).text));
    return a!.origin === b!.origin && a!.size < b!.size;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** A new name is durable only once its folder is; Windows does not open folders, and flushes names by itself. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Why nothing may be signed on top of this log, as a sentence, or undefined. To be asked under the log's lock, where no other
 * process can move it. A note that is behind the log is fine: a process ended between commit and keeping it, or another
 * one is about to. One that is ahead, or of another history, means that the database is not the one that was published.
 */
export async function rollbackProblem(
  note: string | undefined,
  log: { number: number; origin: string; size: number; root: Buffer },
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
  if (published.origin !== log.origin && (await isOfFormerLog(published, query))) return undefined;
  if (published.origin !== log.origin)
    return `the published checkpoint that was kept is of the log ${published.origin}, the database holds ${log.origin}: bring data folder and database together again; see docs/guide/restore.md`;
  if (published.size > log.size)
    return `the database is behind the published log (size ${log.size}, published ${published.size}): restore the newer database; if it is lost, continue in a new log (aims log new); see docs/guide/restore.md`;
  if ((await rootAt(published.size, log, query))?.equals(published.root)) return undefined;
  return `the database holds another history than the published log (its first ${published.size} entries give another root than was published): restore the database that was published; if it is lost, continue in a new log (aims log new); see docs/guide/restore.md`;
}

/**
 * True for a checkpoint of a log that was ended, up to the head that the next one continues: the process ended before it could keep the
 * first one of the new log, or a slower one came last.
 */
async function isOfFormerLog(
  published: { origin: string; size: number; root: Buffer },
  query: (s: Statement) => Promise<Row[]>,
): Promise<boolean> {
  const rows = await query({
    text: `select final from former_log where organisation = (select present_organisation()) and origin = $1`,
    values: [published.origin],
  });
  if (typeof rows[0]?.final !== 'string') return false;
  const final = parseCheckpoint(parseNote(rows[0].final).text);
  if (final.origin !== published.origin || published.size > final.size) return false;
  return published.size < final.size || final.root.equals(published.root);
}

/** Root of the log when it had `size` entries; undefined when the tiles cannot give it. */
async function rootAt(
  size: number,
  log: { number: number; size: number; root: Buffer },
  query: (s: Statement) => Promise<Row[]>,
): Promise<Buffer | undefined> {
  if (size === log.size) return log.root;
  try {
    return rootFromTiles(size, tileStore(await query(tilesStatement(edgeTiles(size), log.number))));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
