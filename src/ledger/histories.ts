import { Failure } from '../base/failure.ts';
import { decodeEntry, entryDigest, type LogEntry, type RecordEntry } from './entry.ts';
import { verifierFromVkey } from './keys.ts';
import { type SnapshotRow, SnapshotTree } from './snapshot-tree.ts';

/** What the entries of one log say, read in order: the newest version of every record, and whether they agree. */
export class Histories {
  readonly #origin: string;
  readonly #newest = new Map<string, SnapshotRow>();
  /** Absent in a log that continues another one: its snapshots also count records that are not in it. */
  #snapshots: SnapshotTree | undefined;

  /** `origin` is the log's, from elsewhere than its entries. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** What is wrong with the next entry, as a sentence, or undefined. Of no use after the first problem. */
  problem(bytes: Uint8Array, index: number): string | undefined {
    try {
      const entry = decodeEntry(bytes);
      if (index === 0) {
        if (entry.type !== 'log' || entry.act !== 'open') return 'entry 0 must open the log, and does not';
        if (entry.previous === undefined) this.#snapshots = new SnapshotTree();
      }
      return entry.type === 'record'
        ? this.#recordProblem(entry, entryDigest(bytes), index)
        : this.#logProblem(entry, index);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return `entry ${index} cannot be read: ${error.message}`;
    }
  }

  #recordProblem({ id, version, prev }: RecordEntry, digest: string, index: number): string | undefined {
    const before = this.#newest.get(id);
    // The earlier versions of a record lie in the log before this one.
    const continued = before === undefined && this.#snapshots === undefined;
    const expected = (before?.version ?? 0) + 1;
    if (!continued && version !== expected) {
      return `entry ${index} is version ${version} of record ${id}, expected version ${expected}`;
    }
    if (!continued && prev !== before?.digest) {
      return `entry ${index} does not name the entry before it of record ${id}: its history was rewritten`;
    }
    const row = { id, version, digest };
    this.#newest.set(id, row);
    this.#snapshots?.set(row);
    return undefined;
  }

  #logProblem(entry: LogEntry, index: number): string | undefined {
    const { act, about, origin, entries, of, vkey, snapshot } = entry;
    if (origin !== this.#origin) {
      return `entry ${index} speaks of the log "${origin.slice(0, 200)}", expected "${this.#origin}"`;
    }
    if (act === 'open' && index > 0) return `entry ${index} opens the log, which entry 0 did`;
    const ahead = of === undefined ? entries?.find((at) => at >= index) : undefined;
    if (ahead !== undefined) return `entry ${index} speaks of entry ${ahead}, which is not before it`;
    if (about === 'key.rotate' && vkey !== undefined && verifierFromVkey(vkey).name !== this.#origin) {
      return `entry ${index} names a next key that is not named after the log`;
    }
    return snapshot && this.#snapshots ? this.#snapshotProblem(snapshot, this.#snapshots, index) : undefined;
  }

  #snapshotProblem(
    { records, root }: NonNullable<LogEntry['snapshot']>,
    tree: SnapshotTree,
    index: number,
  ): string | undefined {
    if (records !== tree.records) {
      return `the snapshot in entry ${index} has ${records} records, the entries before it ${tree.records}`;
    }
    const rebuilt = tree.root().toString('base64');
    return root === rebuilt
      ? undefined
      : `the snapshot in entry ${index} is not of the newest versions before it (rebuilt ${rebuilt}, signed ${root})`;
  }
}
