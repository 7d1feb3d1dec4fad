import { emptyRoot, foldPeaks, HASH_BYTES, joinPairs } from '../ledger/merkle.ts';

/**
 * All perfect subtrees over a list of leaf hashes (64 bytes a leaf), for roots of any size and proofs in a few look-ups each. One
 * pass over the leaves; proofs made tile by tile would hash a whole tile for each step.
 */
export class TreeHashes {
  readonly size: number;
  readonly #levels: Buffer[];
  /** Hashes over the right edge, which all proofs of a tree share: a few for each size that was asked for. */
  readonly #edges = new Map<string, Buffer>();

  /** `leaves`: hashes of 32 bytes, one after the other. */
  constructor(leaves: Buffer) {
    this.size = Math.floor(leaves.length / HASH_BYTES);
    this.#levels = [leaves.subarray(0, this.size * HASH_BYTES)];
    for (let below = this.#levels[0]!; below.length >= 2 * HASH_BYTES; ) {
      const count = Math.floor(below.length / (2 * HASH_BYTES));
      const pairs = Buffer.from(below.subarray(0, 2 * count * HASH_BYTES));
      joinPairs(pairs, 2 * count);
      const row = Buffer.from(pairs.subarray(0, count * HASH_BYTES));
      this.#levels.push(row);
      below = row;
    }
  }

  /** Root of the perfect subtree of 2^height leaves, the `index`-th of its height. */
  node(height: number, index: number): Buffer {
    const row = this.#levels[height];
    if (row === undefined || (index + 1) * HASH_BYTES > row.length)
      throw new RangeError(`no subtree ${index} of height ${height} in a tree of ${this.size} leaves`);
    return row.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  /** Root over the first `size` leaves. */
  root(size: number = this.size): Buffer {
    return size === 0 ? emptyRoot() : this.#range(0, size);
  }

  /** Inclusion proof of leaf `index` in the tree of the first `size` leaves (RFC 6962 section 2.1.1). */
  proof(index: number, size: number = this.size): Buffer[] {
    const path: Buffer[] = [];
    let lo = 0;
    let hi = size;
    while (hi - lo > 1) {
      let span = 1;
      while (span * 2 < hi - lo) span *= 2;
      const mid = lo + span;
      path.push(index < mid ? this.#range(mid, hi) : this.#range(lo, mid));
      if (index < mid) hi = mid;
      else lo = mid;
    }
    return path.reverse();
  }

  /** Hash over leaves lo to hi, where lo is a multiple of the largest power of two in the range. */
  #range(lo: number, hi: number): Buffer {
    const peaks: Buffer[] = [];
    for (let at = lo; at < hi; ) {
      let span = 1;
      let height = 0;
      while (span * 2 <= hi - at) {
        span *= 2;
        height += 1;
      }
      peaks.push(this.node(height, at / span));
      at += span;
    }
    if (peaks.length === 1) return peaks[0]!;
    const key = `${lo} ${hi}`;
    const known = this.#edges.get(key) ?? foldPeaks(peaks);
    this.#edges.set(key, known);
    return known;
  }
}
