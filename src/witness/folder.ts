import { hash } from 'node:crypto';
import { link, mkdir, mkdtemp, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { type Random, secretToken } from '../base/random.ts';
import {
  cosignaturesOf,
  type KnownLog,
  keyIdHex,
  parseCheckpoint,
  parseNote,
  verifierFromVkey,
  type WitnessKey,
} from '../ledger/index.ts';
import { codeOf, readIfThere, replaceFile, syncFolder, writeNew } from './files.ts';

/** What stands in the first state file of a log, before anything was cosigned. */
const NOTHING = 'nothing cosigned yet\n';

/** A log as it lies in the folder. `number` counts its state files: what `commit` continues. */
export interface StoredLog extends KnownLog {
  number: number;
  vkeys: readonly string[];
  /** Two checkpoints of one size and different roots were seen: the log contradicts itself. */
  forked: boolean;
}

/**
 * Below `logs/`, a folder per log, named by the SHA-256 of its origin: `<key id>.vkey` for each trusted key, and `<number>.note`, the
 * checkpoint cosigned last with the log's signature and the witness's own. The highest number counts.
 */
export class LogFolder {
  constructor(
    private readonly folder: string,
    private readonly own: WitnessKey,
    private readonly random: Random,
  ) {}

  /**
   * Trusts a log's key; the origin is the key's name. A further key of a known origin keeps what was cosigned. Answers whether the log is
   * new here. Works beside a running witness. Fails INVALID on a key that is none.
   */
  async add(vkey: string): Promise<{ origin: string; added: 'log' | 'key' | 'nothing' }> {
    const { name: origin, keyId } = verifierFromVkey(vkey);
    const place = this.place(origin);
    const keyFile = `${keyIdHex(keyId)}.vkey`;
    if ((await this.files(place)) === undefined && (await this.create(place, keyFile, vkey)))
      return { origin, added: 'log' };
    const known = await readIfThere(join(place, keyFile));
    if (known === `${vkey}\n`) return { origin, added: 'nothing' };
    await replaceFile(join(place, keyFile), `${vkey}\n`, this.random);
    return { origin, added: 'key' };
  }

  /** A log that is watched; undefined for any other. Fails INTERNAL when its files are damaged: never begins again from nothing. */
  async read(origin: string): Promise<StoredLog | undefined> {
    const place = this.place(origin);
    const files = await this.files(place);
    if (files === undefined) return undefined;
    const vkeys = await Promise.all(
      files
        .filter((f) => f.endsWith('.vkey'))
        .map(async (f) => ((await readIfThere(join(place, f))) ?? '').trim()),
    );
    const number = newest(files);
    const text = number < 0 ? undefined : await readIfThere(join(place, noteFile(number)));
    // Cleared away by another process after it was listed: there is a newer one.
    if (text === undefined && number >= 0 && newest((await this.files(place)) ?? []) > number)
      return this.read(origin);
    try {
      const keys = vkeys.map(verifierFromVkey);
      if (keys.some((k) => k.name !== origin))
        throw new Failure('INVALID', 'a key of another log lies there');
      return { origin, keys, vkeys, number, forked: files.includes('fork.note'), ...this.head(origin, text) };
    } catch (error) {
      throw damaged(place, error);
    }
  }

  /** Every log that is watched, in order of their origins. */
  async list(): Promise<StoredLog[]> {
    const logs: StoredLog[] = [];
    for (const name of (await this.files(join(this.folder, 'logs'))) ?? []) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const place = join(this.folder, 'logs', name);
      const key = (await this.files(place))?.find((f) => f.endsWith('.vkey'));
      const vkey = key === undefined ? undefined : await readIfThere(join(place, key));
      const log = vkey === undefined ? undefined : await this.read(vkey.split('+')[0]!);
      if (log) logs.push(log);
    }
    return logs.sort((a, b) => (a.origin < b.origin ? -1 : 1));
  }

  /**
   * Stores a cosigned checkpoint as the one after `log.number`; it is on the disk when this returns true. False when another one took
   * that number, also in another process: then nothing was stored, and the request is to be judged again.
   */
  async commit(log: StoredLog, note: string): Promise<boolean> {
    const place = this.place(log.origin);
    const number = log.number + 1;
    const draft = join(place, `.${secretToken(this.random, 9)}.tmp`);
    await writeNew(draft, note);
    try {
      // Creating a name is exclusive for all processes: the compare and the swap in one.
      await link(draft, join(place, noteFile(number)));
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await unlink(draft);
    }
    await syncFolder(place);
    const files = (await this.files(place)) ?? [];
    // A name that was free only because its file had been cleared away: a newer one stands, and this one counts for nothing.
    if (newest(files) > number) return false;
    for (const old of files.filter((f) => numberOf(f) >= 0 && numberOf(f) < number))
      await unlink(join(place, old)).catch(() => {});
    return true;
  }

  /** Keeps the first checkpoint that contradicts what was cosigned: with the state file it proves the fork. */
  async keepFork(log: StoredLog, note: string): Promise<void> {
    const path = join(this.place(log.origin), 'fork.note');
    if ((await readIfThere(path)) === undefined) await replaceFile(path, note, this.random);
  }

  private place(origin: string): string {
    return join(this.folder, 'logs', hash('sha256', origin, 'hex'));
  }

  /** Size and root of a state file. It carries the witness's own signature: one that was edited or cut is found here. */
  private head(origin: string, text: string | undefined): { size: number; root: Buffer | undefined } {
    if (text === undefined) throw new Failure('INVALID', 'there is no file of what was cosigned last');
    if (text === NOTHING) return { size: 0, root: undefined };
    if (cosignaturesOf(text, [this.own]).length === 0)
      throw new Failure('INVALID', 'the checkpoint there was not cosigned with the key of this witness');
    const checkpoint = parseCheckpoint(parseNote(text).text);
    if (checkpoint.origin !== origin) throw new Failure('INVALID', 'the checkpoint there is of another log');
    return { size: checkpoint.size, root: checkpoint.root };
  }

  /** Makes the folder of a log with all it needs, or nothing; false when somebody else just did. */
  private async create(place: string, keyFile: string, vkey: string): Promise<boolean> {
    const logs = join(this.folder, 'logs');
    await mkdir(logs, { recursive: true, mode: 0o700 });
    const draft = await mkdtemp(join(logs, '.new-'));
    await writeNew(join(draft, noteFile(0)), NOTHING);
    await writeNew(join(draft, keyFile), `${vkey}\n`);
    await syncFolder(draft);
    try {
      await rename(draft, place);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    await syncFolder(logs);
    return true;
  }

  private async files(folder: string): Promise<string[] | undefined> {
    try {
      return await readdir(folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}

const noteFile = (number: number): string => `${number}.note`;

/** Number of a state file, -1 for any other file. */
function numberOf(file: string): number {
  return /^(?:0|[1-9]\d{0,14})\.note$/.test(file) ? Number.parseInt(file, 10) : -1;
}

const newest = (files: readonly string[]): number =>
  files.reduce((most, f) => Math.max(most, numberOf(f)), -1);

function damaged(place: string, error: unknown): Failure {
  return new Failure(
    'INTERNAL',
    `the files in ${place} are damaged (${error instanceof Error ? error.message : 'unreadable'}): begin a new witness with a key of its ` +
      'own and say so; one that forgot what it cosigned must not go on under the old key',
  );
}
