import { hash } from 'node:crypto';

/** Bytes in one SHA-256 hash. */
export const HASH_BYTES = 32;

const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/**
 * By way of a one-byte-a-character string: a digest asked for as a buffer gets memory of its own outside the heap, which takes longer than
 * the hashing itself, and a proof in a large log is many hashes.
 */
const sha256 = (data: Uint8Array): Buffer => Buffer.from(hash('sha256', data, 'binary'), 'binary');

/** Hash of a leaf: SHA-256(0x00 || entry), RFC 6962 section 2.1. */
export function leafHash(entry: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(entry.length + 1);
  prefixed[0] = 0;
  prefixed.set(entry, 1);
  return sha256(prefixed);
}

/** Hash of an inner node: SHA-256(0x01 || left || right), RFC 6962 section 2.1. Both are 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new RangeError(
      `an inner node joins two 32-byte hashes, got ${left.length} and ${right.length} bytes`,
    );
  }
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/**
 * One level of a perfect tree, in place: of `width` hashes side by side (an even number) each pair becomes the hash of its inner node, and
 * those stand side by side at the beginning. A proof in a large log is hundreds of these, so nothing is made or kept for each.
 */
export function joinPairs(row: Buffer, width: number): void {
  for (let i = 0; i < width / 2; i++) {
    row.copy(node, 1, 2 * i * HASH_BYTES, 2 * (i + 1) * HASH_BYTES);
    row.write(hash('sha256', node, 'binary'), i * HASH_BYTES, HASH_BYTES, 'binary');
  }
}

/** Root of the tree without leaves: SHA-256 of nothing, RFC 6962 section 2.1. */
export function emptyRoot(): Buffer {
  return sha256(Buffer.alloc(0));
}

/**
 * True when `proof` shows that the leaf `leaf` is at place `index` of the tree of `size` leaves with this root
 * (RFC 9162 section 2.1.3.2). Any malformed input answers false.
 *
 * Independent of the code that makes proofs: a fault there cannot hide here. Sizes go up to 2^53 - 1, where
 * JavaScript's bit operators (32 bits) would silently lie, so only arithmetic is used.
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !allHashes(proof) || leaf.length !== HASH_BYTES)
    return false;
  let fn = index;
  let sn = size - 1;
  let r: Uint8Array = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(r, root);
}

/**
 * True when `proof` shows that the tree of `from` leaves is a prefix of the tree of `to` leaves
 * (RFC 9162 section 2.1.4.2). Any malformed input answers false.
 *
 * Strict about the empty tree: `from` 0 is false whatever the proof, because everything extends nothing and the
 * answer "consistent" would say nothing. A witness that starts at 0 has to decide that for itself.
 */
export function verifyConsistency(
  from: number,
  to: number,
  proof: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (!isSize(from) || !isSize(to) || from === 0 || from > to) return false;
  if (from === to) return proof.length === 0 && same(fromRoot, toRoot);
  if (proof.length === 0 || !allHashes(proof)) return false;
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  if (!allHashes(path)) return false;
  return consistentPath(from, to, path, fromRoot, toRoot);
}

function consistentPath(
  from: number,
  to: number,
  path: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  let fn = from - 1;
  let sn = to - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  let fr = path[0]!;
  let sr = path[0]!;
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(fr, fromRoot) && same(sr, toRoot);
}

/**
 * The root of a growing tree in the memory of at most 53 hashes (a compact range): for whoever reads all
 * entries in order, such as an audit.
 */
export class GrowingRoot {
  /** Leaves taken so far. */
  size = 0;
  readonly #peaks: Buffer[] = [];

  /** Takes the hash of the next leaf. */
  push(leaf: Buffer): void {
    let top = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2))
      top = nodeHash(this.#peaks.pop()!, top);
    this.#peaks.push(top);
    this.size += 1;
  }

  /** Root over the leaves taken so far. */
  root(): Buffer {
    return foldPeaks(this.#peaks);
  }
}

/** Joins the roots of the perfect subtrees of a range, left to right, into the hash of the range. */
export function foldPeaks(peaks: readonly Buffer[]): Buffer {
  let acc: Buffer | undefined;
  for (let i = peaks.length - 1; i >= 0; i--) acc = acc === undefined ? peaks[i]! : nodeHash(peaks[i]!, acc);
  return acc ?? emptyRoot();
}

/** True for a whole number from 0 to 2^53 - 1. */
export function isSize(n: unknown): n is number {
  return typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
}

function isPowerOfTwo(n: number): boolean {
  let rest = n;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest === 1;
}

function allHashes(list: readonly Uint8Array[]): boolean {
  return list.every((h) => h.length === HASH_BYTES);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
