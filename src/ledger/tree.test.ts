import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { times } from '../../test/support/depth.ts';
import { verifyConsistency, verifyInclusion } from './merkle.ts';
import { naivePath, naiveProof, naiveRoot, someLeaves, TileTable } from './testing/reference-tree.ts';
import { tileWidth } from './tiles.ts';
import {
  appendLeaves,
  consistencyProof,
  edgeTiles,
  inclusionProof,
  rootFromTiles,
  tilesForConsistency,
  tilesForInclusion,
} from './tree.ts';

const MOST = 1500;
const leaves = someLeaves(MOST);
const nothing = { get: () => undefined };

/** A tree grown in batches of these sizes. */
function grow(batches: readonly number[]): { table: TileTable; size: number; root: Buffer } {
  const table = new TileTable();
  let size = 0;
  let root = naiveRoot([]);
  for (const batch of batches) {
    const next = leaves.slice(size, size + batch);
    root = table.append(size, next);
    size += next.length;
  }
  return { table, size, root };
}

const batchings = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 600 })), {
  minLength: 1,
  maxLength: 8,
});

describe('appending', () => {
  it('gives the root of the definition after every leaf up to 600', () => {
    const table = new TileTable();
    for (let size = 0; size < 600; size++) {
      const root = table.append(size, [leaves[size]!]);
      // The definition is slow: every size around the tile borders, and each 37th.
      const near = [0, 1, 2, 255, 256, 257, 511, 512, 513].includes(size + 1);
      if (near || size % 37 === 0) expect(root, `${size + 1}`).toEqual(naiveRoot(leaves.slice(0, size + 1)));
    }
  });

  it('gives the same root and tiles however the leaves are batched', () => {
    fc.assert(
      fc.property(batchings, (batches) => {
        const { table, size, root } = grow(batches);
        expect(root).toEqual(naiveRoot(leaves.slice(0, size)));
        expect(rootFromTiles(size, table.only(edgeTiles(size)))).toEqual(root);
        expect(table.rows).toEqual(grow([size]).table.rows);
      }),
      { numRuns: times(25) },
    );
  });

  it('keeps the tiles the standard asks for, and no others', () => {
    const { table, size } = grow([1000]);
    const widths = new Map([...table.rows].map(([place, data]) => [place, data.length / 32]));
    expect(widths).toEqual(
      new Map([
        ['0/0', 256],
        ['0/1', 256],
        ['0/2', 256],
        ['0/3', tileWidth(0, 3, size)],
        ['1/0', tileWidth(1, 0, size)],
      ]),
    );
    expect(table.get(1, 0)).toEqual(
      Buffer.concat([0, 1, 2].map((i) => naiveRoot(leaves.slice(i * 256, (i + 1) * 256)))),
    );
  });

  it('returns only what is new or grew', () => {
    const { table, size } = grow([300]);
    const places = (n: number) =>
      appendLeaves(size, table, leaves.slice(size, size + n)).tiles.map((t) => [
        t.level,
        t.index,
        t.data.length / 32,
      ]);
    expect(places(0)).toEqual([]);
    expect(places(2)).toEqual([[0, 1, 46]]);
    expect(places(212)).toEqual([
      [0, 1, 256],
      [1, 0, 2],
    ]);
  });

  it('names the right edge of a tree', () => {
    expect(edgeTiles(0)).toEqual([]);
    expect(edgeTiles(256)).toEqual([{ level: 1, index: 0 }]);
    expect(edgeTiles(70_000)).toEqual([
      { level: 0, index: 273 },
      { level: 1, index: 1 },
      { level: 2, index: 0 },
    ]);
    expect(edgeTiles(2 ** 53 - 1)).toHaveLength(7);
  });

  it('refuses an edge that does not fit the size', () => {
    const { table, size } = grow([300]);
    expect(() => appendLeaves(size + 1, table, [leaves[0]!])).toThrow(
      /tile\/0\/001 .* at least 45 hashes .* 1408 bytes/,
    );
    expect(() => appendLeaves(5, nothing, [])).toThrow(/got nothing/);
    const torn = { get: () => Buffer.alloc(33 * 32 + 1) };
    expect(() => appendLeaves(5, torn, [])).toThrow(/1057 bytes/);
    expect(() => appendLeaves(0, nothing, [Buffer.alloc(31)])).toThrow(/32 bytes/);
    expect(() => appendLeaves(2 ** 53 - 1, nothing, [leaves[0]!])).toThrow(/2\^53/);
  });
});

describe('proofs', () => {
  it('are those of the definition, read only the tiles announced, and verify', () => {
    fc.assert(
      fc.property(batchings, fc.nat(), fc.nat(), (batches, a, b) => {
        const { table, size: stored } = grow([3, ...batches]);
        // An older tree is proved from the tiles of the newer one, too.
        const size = 1 + (a % stored);
        const index = b % size;
        const tree = leaves.slice(0, size);
        const root = naiveRoot(tree);

        const inclusion = inclusionProof(index, size, table.only(tilesForInclusion(index, size)));
        expect(inclusion).toEqual(naivePath(index, tree));
        expect(verifyInclusion(index, size, leaves[index]!, inclusion, root)).toBe(true);

        const from = index + 1;
        const consistency = consistencyProof(from, size, table.only(tilesForConsistency(from, size)));
        expect(consistency).toEqual(naiveProof(from, tree));
        expect(verifyConsistency(from, size, consistency, naiveRoot(leaves.slice(0, from)), root)).toBe(true);
      }),
      { numRuns: times(50) },
    );
  });

  it('are right for every place and every older size of trees up to 24 leaves', () => {
    const { table } = grow([24]);
    for (let size = 1; size <= 24; size++) {
      const tree = leaves.slice(0, size);
      for (let i = 0; i < size; i++) {
        expect(inclusionProof(i, size, table)).toEqual(naivePath(i, tree));
        expect(consistencyProof(i + 1, size, table)).toEqual(naiveProof(i + 1, tree));
      }
    }
  });

  it('do not share memory with the store', () => {
    const { table, size } = grow([2]);
    const [hash] = inclusionProof(0, size, table);
    const before = Buffer.from(hash!);
    table.get(0, 0)!.fill(0);
    expect(hash).toEqual(before);
  });

  it('need few tiles, also beyond 32 bits', () => {
    const size = 2 ** 52 + 12345;
    expect(tilesForInclusion(2 ** 33 + 1, size).length).toBeLessThanOrEqual(16);
    expect(tilesForConsistency(2 ** 33 + 1, size).length).toBeLessThanOrEqual(16);
    expect(tilesForInclusion(2 ** 40, 2 ** 40 + 1)).toEqual([{ level: 5, index: 0 }]);
  });

  it('are refused for places and sizes that do not exist', () => {
    const { table } = grow([5]);
    expect(() => inclusionProof(5, 5, table)).toThrow(/no leaf 5 in a tree of 5/);
    expect(() => inclusionProof(0, 0, table)).toThrow(/no leaf 0/);
    expect(() => inclusionProof(-1, 5, table)).toThrow(/no leaf -1/);
    expect(() => consistencyProof(0, 5, table)).toThrow(/from 0 to 5/);
    expect(() => consistencyProof(6, 5, table)).toThrow(/from 6 to 5/);
    expect(() => inclusionProof(0, 6, table)).toThrow(/tile\/0\/000/);
    expect(consistencyProof(5, 5, table)).toEqual([]);
  });
});
