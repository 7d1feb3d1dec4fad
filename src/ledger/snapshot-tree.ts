import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { foldPeaks, isSize, leafHash, nodeHash } from './merkle.ts';

/** The newest version of one record: its number, and the digest of the entry that made it (`entryDigest`). */
export interface SnapshotRow {
  /** UUID of the record, lower case. */
  readonly id: string;
  readonly version: number;
  readonly digest: string;
}

/** A row at its place, with its inclusion proof: from the row's sibling up to the root's child. */
export interface SnapshotPlace {
  index: number;
  row: SnapshotRow;
  hashes: Buffer[];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** True for the one spelling of a record's UUID; of these the order of the text is the order of the bytes. */
export function isRecordId(id: unknown): id is string {
  return typeof id === 'string' && UUID.test(id);
}

/** What is wrong with a row, as a sentence, or undefined. */
export function rowProblem({ id, version, digest }: SnapshotRow): string | undefined {
  if (!isRecordId(id)) return 'the record of a snapshot row must be a lower-case UUID';
  if (!isSize(version) || version < 1 || Object.is(version, -0)) {
    return 'the version of a snapshot row must be a whole number from 1 to 2^53 - 1';
  }
  return DIGEST.test(digest)
    ? undefined
    : 'the digest of a snapshot row must be "sha256:" and 64 lower-case hex digits';
}

/** Bytes of a row: canonical JSON `["<record uuid>",<version>,"sha256:<entry digest>"]` as UTF-8. */
export function rowBytes({ id, version, digest }: SnapshotRow): Buffer {
  return Buffer.from(canonicalJson([id, version, digest]));
}

/**
 * The tree of a snapshot: the rows of all records, sorted by UUID, hashed as in RFC 6962. It takes rows in any
 * order, a later row of a record in place of the one before, and hashes again only what changed: an audit that
 * meets a snapshot for every day would otherwise hash every record every day.
 */
export class SnapshotTree {
  readonly #rows: SnapshotRow[] = [];
  /** `#levels[l][i]` is the root over the rows i·2^l to (i+1)·2^l - 1, where all of them exist. */
  readonly #levels: Buffer[][] = [[]];
  readonly #pending = new Map<string, SnapshotRow>();

  /** Fails INVALID, saying what is wrong with which row. */
  constructor(rows: Iterable<SnapshotRow> = []) {
    for (const row of rows) {
      if (this.#pending.has(row.id)) throw bad(`the record ${row.id} has two rows in one snapshot`);
      this.set(row);
    }
  }

  /** The newest version of a record from here on. */
  set(row: SnapshotRow): void {
    const problem = rowProblem(row);
    if (problem !== undefined) throw bad(`${problem} (record ${String(row.id).slice(0, 40)})`);
    this.#pending.set(row.id, row);
  }

  /** Number of records. */
  get records(): number {
    this.#settle();
    return this.#rows.length;
  }

  /** Root over the rows. */
  root(): Buffer {
    this.#settle();
    return this.#range(0, this.#rows.length);
  }

  /**
   * The place of the record's row; when it has none, the places of its neighbours, which leave no room for it:
   * two that follow one another, only the first or the last when it lies outside, none when there are no rows.
   */
  places(id: string): SnapshotPlace[] {
    this.#settle();
    const at = this.#firstNotBefore(id);
    const found = this.#rows[at]?.id === id ? [at] : [at - 1, at];
    return found
      .filter((index) => index >= 0 && index < this.#rows.length)
      .map((index) => ({ index, row: this.#rows[index]!, hashes: this.#path(index) }));
  }

  /** Index of the first row whose id is not below `id`. */
  #firstNotBefore(id: string): number {
    let lo = 0;
    let hi = this.#rows.length;
    while (lo < hi) {
      const mid = Math.floor((lo + hi) / 2);
      if (this.#rows[mid]!.id < id) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  #settle(): void {
    if (this.#pending.size === 0) return;
    const changed = new Set<number>();
    const added: SnapshotRow[] = [];
    for (const row of this.#pending.values()) {
      const at = this.#firstNotBefore(row.id);
      if (this.#rows[at]?.id !== row.id) added.push(row);
      else {
        this.#rows[at] = row;
        changed.add(at);
      }
    }
    this.#pending.clear();
    const from = this.#merge(added);
    this.#levels[0]!.length = from;
    for (const at of changed) if (at < from) this.#levels[0]![at] = leafHash(rowBytes(this.#rows[at]!));
    for (let at = from; at < this.#rows.length; at++)
      this.#levels[0]!.push(leafHash(rowBytes(this.#rows[at]!)));
    this.#rehash(from, changed);
  }

  /** Puts new rows in their places; returns the index from which on every place changed. */
  #merge(added: SnapshotRow[]): number {
    if (added.length === 0) return this.#rows.length;
    added.sort((a, b) => (a.id < b.id ? -1 : 1));
    const from = this.#firstNotBefore(added[0]!.id);
    const tail = this.#rows.splice(from);
    let next = 0;
    for (const row of tail) {
      while (next < added.length && added[next]!.id < row.id) this.#rows.push(added[next++]!);
      this.#rows.push(row);
    }
    while (next < added.length) this.#rows.push(added[next++]!);
    return from;
  }

  /** Hashes again the nodes above the rows from `from` on and above the rows `changed`. */
  #rehash(from: number, changed: ReadonlySet<number>): void {
    let start = from;
    let dirty = changed;
    for (let level = 1; this.#rows.length >= 2 ** level; level++) {
      const below = this.#levels[level - 1]!;
      this.#levels[level] ??= [];
      const nodes = this.#levels[level]!;
      const count = Math.floor(below.length / 2);
      const above = new Set<number>();
      start = Math.floor(start / 2);
      for (const at of dirty) if (Math.floor(at / 2) < start) above.add(Math.floor(at / 2));
      nodes.length = Math.min(start, nodes.length);
      for (const at of above) nodes[at] = nodeHash(below[2 * at]!, below[2 * at + 1]!);
      for (let at = nodes.length; at < count; at++) nodes.push(nodeHash(below[2 * at]!, below[2 * at + 1]!));
      dirty = above;
    }
  }

  /** Root over the rows lo to hi - 1, where lo is a multiple of the largest power of two that fits. */
  #range(lo: number, hi: number): Buffer {
    const peaks: Buffer[] = [];
    for (let at = lo; at < hi; ) {
      let level = 0;
      while (2 ** (level + 1) <= hi - at) level++;
      peaks.push(this.#levels[level]![at / 2 ** level]!);
      at += 2 ** level;
    }
    return foldPeaks(peaks);
  }

  #path(index: number): Buffer[] {
    const hashes: Buffer[] = [];
    let lo = 0;
    let hi = this.#rows.length;
    while (hi - lo > 1) {
      let split = 1;
      while (split * 2 < hi - lo) split *= 2;
      const mid = lo + split;
      hashes.push(index < mid ? this.#range(mid, hi) : this.#range(lo, mid));
      if (index < mid) hi = mid;
      else lo = mid;
    }
    return hashes.reverse();
  }
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
