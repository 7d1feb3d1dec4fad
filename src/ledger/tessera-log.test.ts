import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditLog } from './audit.ts';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { signerFromSkey, verifierFromVkey } from './keys.ts';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { formatProof, verifyProof } from './proof.ts';
import { haveVectors, vectors } from './testing/public-vectors.ts';
import { TileTable } from './testing/reference-tree.ts';
import { bundlePath, decodeBundle, encodeBundle, tilePath } from './tiles.ts';
import { consistencyProof, inclusionProof } from './tree.ts';

// The test log published with Tessera, and the key pair it was signed with.
const ORIGIN = 'example.com/log/testdata';
const VKEY = `${ORIGIN}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx`;
const signer = signerFromSkey(`PRIVATE+KEY+${ORIGIN}+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg`);
const verifier = verifierFromVkey(VKEY);
const file = (path: string) => readFileSync(join(vectors, 'tessera-log', path));
const SIZES = Array.from({ length: 16 }, (_, size) => size);

describe.skipIf(!haveVectors())('a log that another implementation wrote', () => {
  const heads = () =>
    SIZES.map((size) => openCheckpoint(file(`checkpoint.${size}`).toString(), verifier, ORIGIN));
  const entries = () => decodeBundle(file(bundlePath(0, 15)), 15);

  it('has checkpoints that we sign byte for byte', () => {
    for (const [size, head] of heads().entries()) {
      expect(head.size).toBe(size);
      const { origin, root } = head;
      expect(signCheckpoint({ origin, size, root }, [signer])).toBe(file(`checkpoint.${size}`).toString());
    }
  });

  it('has tiles, bundles and roots that we make byte for byte from its entries', () => {
    const table = new TileTable();
    const all = entries();
    let compared = 0;
    for (const head of heads().slice(1)) {
      const root = table.append(head.size - 1, [leafHash(all[head.size - 1]!)]);
      expect(root).toEqual(head.root);
      const tile = tilePath(0, 0, head.size);
      if (existsSync(join(vectors, 'tessera-log', tile))) {
        expect(table.get(0, 0), tile).toEqual(file(tile));
        expect(encodeBundle(all.slice(0, head.size))).toEqual(file(bundlePath(0, head.size)));
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(14);
  });

  it('is append-only, and every entry is proved in every later head', () => {
    const table = new TileTable();
    table.append(0, entries().map(leafHash));
    const all = heads();
    for (const to of all.slice(1)) {
      for (let i = 0; i < to.size; i++) {
        const leaf = leafHash(entries()[i]!);
        const proof = inclusionProof(i, to.size, table);
        expect(verifyInclusion(i, to.size, leaf, proof, to.root)).toBe(true);
        const from = all[i + 1]!;
        const older = consistencyProof(from.size, to.size, table);
        expect(verifyConsistency(from.size, to.size, older, from.root, to.root)).toBe(true);
        const text = formatProof({
          index: i,
          hashes: proof,
          checkpoint: file(`checkpoint.${to.size}`).toString(),
        });
        expect(verifyProof(text, leaf, verifier, ORIGIN)).toEqual({ index: i, size: to.size, root: to.root });
      }
    }
  });

  it('passes the audit, and not with an entry changed or missing', () => {
    const checkpoint = file('checkpoint').toString();
    expect(auditLog({ checkpoint, vkey: VKEY, entries: entries() })).toMatchObject({ ok: true, size: 15 });
    const changed = entries().map((e) => Buffer.from(e));
    changed[7]![0]! ^= 1;
    expect(auditLog({ checkpoint, vkey: VKEY, entries: changed }).ok).toBe(false);
    expect(auditLog({ checkpoint, vkey: VKEY, entries: entries().slice(1) }).ok).toBe(false);
  });
});
