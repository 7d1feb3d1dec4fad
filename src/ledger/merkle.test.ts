import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRoot, GrowingRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { haveVectors, vectors } from './testing/public-vectors.ts';
import { naivePath, naiveProof, naiveRoot, someLeaves } from './testing/reference-tree.ts';

// Leaves and roots of the reference tree of Certificate Transparency (RFC 6962).
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('hashing', () => {
  it('gives the root of nothing', () => {
    expect(emptyRoot().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(new GrowingRoot().root()).toEqual(emptyRoot());
  });

  it('gives the reference roots, leaf by leaf', () => {
    const growing = new GrowingRoot();
    const roots = ENTRIES.map((hex) => {
      growing.push(leafHash(Buffer.from(hex, 'hex')));
      return growing.root().toString('hex');
    });
    expect(roots).toEqual(ROOTS);
  });

  it('refuses to join anything but two hashes', () => {
    expect(() => nodeHash(Buffer.alloc(31), Buffer.alloc(33))).toThrow(/31 and 33 bytes/);
  });
});

interface InclusionVector {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}
interface ConsistencyVector {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

const bytes = (text: string) => Buffer.from(text, 'base64');

function read<T>(kind: string): { path: string; vector: T }[] {
  const dir = join(vectors, 'merkle', kind);
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((p) => p.endsWith('.json'));
  return paths.map((path) => ({ path, vector: JSON.parse(readFileSync(join(dir, path), 'utf8')) as T }));
}

describe.skipIf(!haveVectors())('the published Merkle vectors', () => {
  it('agree on all 98 inclusion proofs', () => {
    const all = read<InclusionVector>('inclusion');
    expect(all).toHaveLength(98);
    for (const { path, vector: v } of all) {
      const ok = verifyInclusion(
        v.leafIdx,
        v.treeSize,
        bytes(v.leafHash),
        (v.proof ?? []).map(bytes),
        bytes(v.root),
      );
      expect(ok, path).toBe(!v.wantErr);
    }
  });

  // Where a size is 0 they ask for an error, as this module does.
  it('agree on all 98 consistency proofs', () => {
    const all = read<ConsistencyVector>('consistency');
    expect(all).toHaveLength(98);
    const disagree: string[] = [];
    for (const { path, vector: v } of all) {
      const proof = (v.proof ?? []).map(bytes);
      const ok = verifyConsistency(v.size1, v.size2, proof, bytes(v.root1), bytes(v.root2));
      if (ok !== !v.wantErr) disagree.push(path);
    }
    expect(disagree).toEqual([]);
  });
});

describe('verifying against the definition', () => {
  const leaves = someLeaves(300);
  const sizes = fc.integer({ min: 1, max: 300 });

  it('accepts every inclusion proof of trees up to 40 leaves', () => {
    for (let size = 1; size <= 40; size++) {
      const tree = leaves.slice(0, size);
      const root = naiveRoot(tree);
      for (let i = 0; i < size; i++) {
        expect(verifyInclusion(i, size, tree[i]!, naivePath(i, tree), root), `${i} of ${size}`).toBe(true);
      }
    }
  });

  it('accepts every consistency proof of trees up to 40 leaves', () => {
    for (let to = 1; to <= 40; to++) {
      for (let from = 1; from <= to; from++) {
        const [a, b] = [naiveRoot(leaves.slice(0, from)), naiveRoot(leaves.slice(0, to))];
        const proof = naiveProof(from, leaves.slice(0, to));
        expect(verifyConsistency(from, to, proof, a, b), `${from} to ${to}`).toBe(true);
      }
    }
  });

  it('rejects an inclusion proof with any bit changed, a hash added or removed, or another place', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, a, b, c) => {
        const tree = leaves.slice(0, size);
        const index = a % size;
        const root = naiveRoot(tree);
        const proof = naivePath(index, tree);
        const parts = [Buffer.from(tree[index]!), Buffer.from(root), ...proof.map((h) => Buffer.from(h))];
        const changed = parts[b % parts.length]!;
        changed[(c >> 3) % 32]! ^= 1 << (c % 8);
        const [leaf, head, ...path] = parts;
        expect(verifyInclusion(index, size, leaf!, path, head!)).toBe(false);
        expect(verifyInclusion(index, size, tree[index]!, [...proof, root], root)).toBe(false);
        if (proof.length > 0)
          expect(verifyInclusion(index, size, tree[index]!, proof.slice(1), root)).toBe(false);
        const other = (index + 1 + (b % Math.max(size - 1, 1))) % size;
        if (other !== index) expect(verifyInclusion(other, size, tree[index]!, proof, root)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('rejects a consistency proof with any bit changed, or a hash added or removed', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (to, a, b, c) => {
        const from = 1 + (a % to);
        const [fromRoot, toRoot] = [naiveRoot(leaves.slice(0, from)), naiveRoot(leaves.slice(0, to))];
        const proof = naiveProof(from, leaves.slice(0, to));
        const parts = [fromRoot, toRoot, ...proof].map((h) => Buffer.from(h));
        parts[b % parts.length]![(c >> 3) % 32]! ^= 1 << (c % 8);
        const [older, newer, ...path] = parts;
        expect(verifyConsistency(from, to, path, older!, newer!)).toBe(false);
        expect(verifyConsistency(from, to, [...proof, toRoot], fromRoot, toRoot)).toBe(false);
        if (proof.length > 0)
          expect(verifyConsistency(from, to, proof.slice(1), fromRoot, toRoot)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('rejects numbers that are no sizes, and hashes that are none', () => {
    const h = leaves[0]!;
    for (const n of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(verifyInclusion(n, 1, h, [], h)).toBe(false);
      expect(verifyInclusion(0, n, h, [], h)).toBe(false);
      expect(verifyConsistency(n, 1, [], h, h)).toBe(false);
      expect(verifyConsistency(1, n, [], h, h)).toBe(false);
    }
    expect(verifyInclusion(0, 0, h, [], h)).toBe(false);
    expect(verifyInclusion(0, 2, h, [Buffer.alloc(31)], h)).toBe(false);
    expect(verifyConsistency(1, 2, [Buffer.alloc(33)], h, h)).toBe(false);
  });

  it('keeps places apart beyond 32 bits', () => {
    // The last leaf of a tree of 2^40 + 1: its only sibling is the root of the 2^40 before it.
    const [left, leaf] = [leaves[0]!, leaves[1]!];
    const root = nodeHash(left, leaf);
    expect(verifyInclusion(2 ** 40, 2 ** 40 + 1, leaf, [left], root)).toBe(true);
    expect(verifyInclusion(2 ** 40 % 2 ** 32, 2 ** 40 + 1, leaf, [left], root)).toBe(false);
    expect(verifyConsistency(2 ** 40, 2 ** 40 + 1, [leaf], left, root)).toBe(true);
    expect(verifyConsistency(2 ** 40 + 1, 2 ** 40 + 1, [], root, root)).toBe(true);
  });
});
