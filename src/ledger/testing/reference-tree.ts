import { createHash } from 'node:crypto';
import { appendLeaves, edgeTiles, type TileStore } from '../tree.ts';

/**
 * The Merkle tree of RFC 6962 section 2.1 written down as the RFC defines it, recursively over all leaves: slow,
 * plain, and independent of the code under test. For tests only.
 */

const sha256 = (...parts: Uint8Array[]): Buffer =>
  parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();

const split = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

/** Hash of a leaf. */
export function naiveLeaf(entry: Uint8Array): Buffer {
  return sha256(Buffer.of(0), entry);
}

/** MTH over leaf hashes. */
export function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function naivePath(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** PROOF(m, D[n]). */
export function naiveProof(m: number, leaves: readonly Buffer[]): Buffer[] {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: readonly Buffer[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

/** Distinct leaf hashes, the same in every run. */
export function someLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => naiveLeaf(Buffer.from(`leaf ${i}`)));
}

/** Tiles in memory, as the sequencer's table holds them. */
export class TileTable implements TileStore {
  readonly rows = new Map<string, Buffer>();

  get(level: number, index: number): Buffer | undefined {
    return this.rows.get(`${level}/${index}`);
  }

  /** A view with these places only: shows that nothing else is read. */
  only(places: readonly { level: number; index: number }[]): TileStore {
    const allowed = new Set(places.map((p) => `${p.level}/${p.index}`));
    return {
      get: (level, index) => {
        if (!allowed.has(`${level}/${index}`)) throw new Error(`tile ${level}/${index} was not announced`);
        return this.get(level, index);
      },
    };
  }

  /** Appends through `appendLeaves` and stores what grew; returns the root. */
  append(size: number, leaves: readonly Buffer[]): Buffer {
    const grown = appendLeaves(size, this.only(edgeTiles(size)), leaves);
    for (const { level, index, data } of grown.tiles) this.rows.set(`${level}/${index}`, data);
    return grown.root;
  }
}
