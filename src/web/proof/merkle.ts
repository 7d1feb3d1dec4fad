import { sha256 } from '@noble/hashes/sha2.js';

/**
 * Merkle trees of RFC 6962 and RFC 9162, checked in the browser. Written apart from the server's own code on
 * purpose: a check that shares the code of what it checks proves little. Sizes go up to 2^53, so arithmetic is used
 * where others use bit operators (those are 32 bits wide in JavaScript).
 */

export type Hash = Uint8Array;

/** Hash of one entry: SHA-256 over 0x00 and the entry (RFC 9162, 2.1.1). */
export function leafHash(entry: Uint8Array): Hash {
  const bytes = new Uint8Array(entry.length + 1);
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** Hash of an inner node: SHA-256 over 0x01, left and right. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const bytes = new Uint8Array(65);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return sha256(bytes);
}

export const sameHash = (a: Hash, b: Hash): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Root over leaf hashes, by the definition of RFC 9162, 2.1.1. */
export function rootOf(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  const k = splitPoint(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** The largest power of two smaller than `n` (n at least 2). */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

const half = (n: number): number => Math.floor(n / 2);
const odd = (n: number): boolean => n % 2 === 1;

// A shorter or empty "hash" would compare equal to another such: every hash taken from outside must have its length.
const areHashes = (hashes: readonly Hash[]): boolean => hashes.every((h) => h.length === 32);

/** The root that an inclusion proof leads to (RFC 9162, 2.1.3.2), or undefined when the proof has a wrong length. */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Hash,
  path: readonly Hash[],
): Hash | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    return undefined;
  if (!areHashes([leaf, ...path])) return undefined;
  let fn = index;
  let sn = size - 1;
  let root = leaf;
  for (const step of path) {
    if (sn === 0) return undefined;
    if (odd(fn) || fn === sn) {
      root = nodeHash(step, root);
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      root = nodeHash(root, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? root : undefined;
}

/** Does the leaf stand at `index` in the tree with this root? */
export function checkInclusion(
  index: number,
  size: number,
  leaf: Hash,
  path: readonly Hash[],
  root: Hash,
): boolean {
  const found = rootFromInclusion(index, size, leaf, path);
  return found !== undefined && sameHash(found, root);
}

/**
 * Is the tree of `size1` leaves the beginning of the tree of `size2` leaves (RFC 9162, 2.1.4.2)? A tree of size 0
 * says nothing about any other, so it is refused rather than accepted.
 */
export function checkConsistency(
  size1: number,
  size2: number,
  root1: Hash,
  root2: Hash,
  proof: readonly Hash[],
): boolean {
  if (!Number.isSafeInteger(size1) || !Number.isSafeInteger(size2) || size1 < 1 || size1 > size2)
    return false;
  if (!areHashes([root1, root2, ...proof])) return false;
  if (size1 === size2) return proof.length === 0 && sameHash(root1, root2);
  const steps = isPowerOfTwo(size1) ? [root1, ...proof] : [...proof];
  if (steps.length === 0) return false;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (odd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  let first = steps[0]!;
  let second = steps[0]!;
  for (const step of steps.slice(1)) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      first = nodeHash(step, first);
      second = nodeHash(step, second);
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      second = nodeHash(second, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameHash(first, root1) && sameHash(second, root2);
}

export function isPowerOfTwo(n: number): boolean {
  return n >= 1 && Number.isInteger(Math.log2(n));
}
