import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestProof, snapshotRoot } from './snapshot.ts';
import { rowBytes, type SnapshotRow, SnapshotTree } from './snapshot-tree.ts';
import { naiveLeaf, naivePath, naiveRoot } from './testing/reference-tree.ts';

const digest = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}`;
const uuid = (n: number) =>
  `${n.toString(16).padStart(8, '0')}-0000-7000-8000-${((n * 7919) % 1000).toString(16).padStart(12, '0')}`;
const row = (n: number, version = 1): SnapshotRow => ({
  id: uuid(n),
  version,
  digest: digest(n * 31 + version),
});

/** The definition, over all rows at once. */
function naive(rows: Iterable<SnapshotRow>) {
  const newest = new Map([...rows].map((r) => [r.id, r]));
  const sorted = [...newest.keys()].sort().map((id) => newest.get(id)!);
  const leaves = sorted.map((r) => naiveLeaf(Buffer.from(`["${r.id}",${r.version},"${r.digest}"]`)));
  return { sorted, leaves, root: naiveRoot(leaves) };
}

describe('the tree of a snapshot', () => {
  it('has the rows as the format says', () => {
    expect(rowBytes(row(1)).toString()).toBe(
      `["00000001-0000-7000-8000-000000000397",1,"sha256:${'0'.repeat(62)}20"]`,
    );
    expect(snapshotRoot([])).toEqual({ records: 0, root: naiveRoot([]) });
    expect(snapshotRoot([row(3)])).toEqual({ records: 1, root: naiveLeaf(rowBytes(row(3))) });
  });

  it('is the same in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5000), { maxLength: 60 }), (numbers) => {
        const rows = numbers.map((n) => row(n));
        expect(snapshotRoot(rows)).toEqual({ records: rows.length, root: naive(rows).root });
      }),
    );
  });

  it('equals the one made anew after every change', () => {
    const step = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 9 })), { maxLength: 12 });
    let compared = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const tree = new SnapshotTree();
        const all: SnapshotRow[] = [];
        for (const changes of steps) {
          for (const [n, version] of changes) {
            all.push(row(n, version));
            tree.set(row(n, version));
          }
          const { sorted, leaves, root } = naive(all);
          expect(tree.records).toBe(sorted.length);
          expect(tree.root()).toEqual(root);
          sorted.forEach((r, index) => {
            expect(tree.places(r.id)).toEqual([{ index, row: r, hashes: naivePath(index, leaves) }]);
            compared++;
          });
        }
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('shows the neighbours of a record that is not there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 40 }), fc.nat(200), (numbers, asked) => {
        const rows = numbers.filter((n) => n !== asked).map((n) => row(n));
        const { row: found, places } = latestProof(rows, uuid(asked));
        expect(found).toBeNull();
        const { sorted, leaves } = naive(rows);
        const before = sorted.filter((r) => r.id < uuid(asked)).length;
        const around = [before - 1, before].filter((i) => i >= 0 && i < sorted.length);
        expect(places).toEqual(
          around.map((index) => ({ index, row: sorted[index], hashes: naivePath(index, leaves) })),
        );
      }),
    );
  });

  it('takes no row that is not one', () => {
    const wrong: [Partial<Record<keyof SnapshotRow, unknown>>, RegExp][] = [
      [{ id: uuid(1).toUpperCase().replace('7000', 'ABCD') }, /UUID/],
      [{ id: '' }, /UUID/],
      [{ id: 7 }, /UUID/],
      [{ version: 0 }, /version/],
      [{ version: 1.5 }, /version/],
      [{ version: 2 ** 53 }, /version/],
      [{ version: '1' }, /version/],
      [{ digest: '0'.repeat(64) }, /digest/],
      [{ digest: digest(1).toUpperCase() }, /digest/],
    ];
    for (const [change, message] of wrong) {
      expect(() => snapshotRoot([{ ...row(1), ...change } as SnapshotRow])).toThrow(message);
    }
    expect(() => snapshotRoot([row(1), row(2), row(1, 2)])).toThrow(/two rows in one snapshot/);
    expect(() => latestProof([row(1)], 'nobody')).toThrow(/lower-case UUID/);
  });
});
