import { createHmac, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendLeaves,
  encodeBundle,
  parseTilePath,
  signCheckpoint,
  signerFromKey,
  vkeyFromKey,
} from '../../ledger/index.ts';
import { commitment, commitmentStep, digestStep, shownStep } from './disclosed.ts';
import { checkConsistency, checkInclusion, leafHash, rootOf } from './merkle.ts';
import { fromBase64, openCheckpoint, parseVerifierKey, toBase64 } from './note.ts';
import { type FetchTile, indexPath, TileReader } from './tiles.ts';
import { verifyLog } from './verify.ts';

const ORIGIN = 'log.example/test';

/** A log made by the server's own code, served as the tile API serves it. */
function madeLog(count: number, alter: (entry: Uint8Array, i: number) => Uint8Array = (e) => e) {
  const entries = Array.from({ length: count }, (_, i) => new TextEncoder().encode(`{"entry":${i}}`));
  const appended = appendLeaves(
    0,
    { get: () => undefined },
    entries.map((e) => Buffer.from(leafHash(e))),
  );
  const { privateKey } = generateKeyPairSync('ed25519');
  const checkpoint = signCheckpoint({ origin: ORIGIN, size: count, root: appended.root }, [
    signerFromKey(ORIGIN, privateKey),
  ]);
  const fetchTile: FetchTile = async (path) => {
    const place = parseTilePath(path);
    if (!place) return undefined;
    if (place.kind === 'entries') {
      const first = place.index * 256;
      const some = entries.slice(first, first + place.width).map((e, i) => alter(e, first + i));
      return some.length === place.width ? new Uint8Array(encodeBundle(some)) : undefined;
    }
    const tile = appended.tiles.find((t) => t.level === place.level && t.index === place.index);
    return tile && tile.data.length >= place.width * 32
      ? new Uint8Array(tile.data.subarray(0, place.width * 32))
      : undefined;
  };
  return {
    entries,
    root: new Uint8Array(appended.root),
    checkpoint,
    vkey: vkeyFromKey(ORIGIN, privateKey),
    fetchTile,
  };
}

describe('proofs from tiles, against a log that the server side made', () => {
  it('proves inclusion and consistency at every kind of edge', async () => {
    for (const size of [1, 2, 3, 255, 256, 257, 511, 513, 700]) {
      const log = madeLog(size);
      const reader = new TileReader(log.fetchTile, size);
      for (const index of new Set([0, size >> 1, size - 1])) {
        const path = await reader.inclusion(index);
        expect(checkInclusion(index, size, leafHash(log.entries[index]!), path, log.root)).toBe(true);
        expect(checkInclusion(index, size, leafHash(new Uint8Array([1])), path, log.root)).toBe(false);
      }
      for (const older of new Set([1, size >> 1, size - 1].filter((n) => n > 0))) {
        const root = rootOf(log.entries.slice(0, older).map(leafHash));
        const proof = await reader.consistency(older);
        expect(checkConsistency(older, size, root, log.root, proof)).toBe(true);
        expect(checkConsistency(older, size, leafHash(root), log.root, proof)).toBe(false);
      }
    }
  });

  it('agrees with the definition for any size, index and older size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const log = madeLog(size);
        const reader = new TileReader(log.fetchTile, size);
        const index = a % size;
        const older = (b % size) + 1;
        const leaves = log.entries.map(leafHash);
        expect(toBase64(rootOf(leaves))).toBe(toBase64(log.root));
        expect(checkInclusion(index, size, leaves[index]!, await reader.inclusion(index), log.root)).toBe(
          true,
        );
        const root = rootOf(leaves.slice(0, older));
        expect(checkConsistency(older, size, root, log.root, await reader.consistency(older))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('writes tile paths as C2SP tlog-tiles does', () => {
    expect(indexPath(0)).toBe('000');
    expect(indexPath(1234067)).toBe('x001/x234/067');
  });
});

describe('the whole check of a log', () => {
  it('passes an honest log, one entry and all entries', async () => {
    const log = madeLog(300);
    const done = await verifyLog({ ...log, index: 270, rebuildUpTo: 1000 });
    expect(done.steps.map((s) => [s.id, s.status])).toEqual([
      ['key', 'passed'],
      ['signature', 'passed'],
      ['growth', 'skipped'],
      ['inclusion', 'passed'],
      ['rebuild', 'passed'],
    ]);
    expect(done.ok).toBe(true);
    expect(done.entry).toBe('{"entry":270}');
  });

  it('fails at the inclusion when the entry was altered', async () => {
    const log = madeLog(300, (e, i) => (i === 7 ? new TextEncoder().encode('{"entry":8}') : e));
    const done = await verifyLog({ ...log, index: 7 });
    expect(done.ok).toBe(false);
    expect(done.steps.at(-1)).toMatchObject({ id: 'inclusion', status: 'failed' });
  });

  it('fails at the rebuild when an entry nobody asked for was altered', async () => {
    const log = madeLog(300, (e, i) => (i === 7 ? new TextEncoder().encode('{"entry":8}') : e));
    const done = await verifyLog({ ...log, index: 8, rebuildUpTo: 1000 });
    expect(done.steps.at(-1)).toMatchObject({ id: 'rebuild', status: 'failed' });
  });

  it('fails when the log shrank or was rewritten since the last visit', async () => {
    const log = madeLog(20);
    const root = toBase64(log.root);
    expect((await verifyLog({ ...log, seen: { size: 21, root } })).ok).toBe(false);
    expect((await verifyLog({ ...log, seen: { size: 10, root } })).ok).toBe(false);
    const ten = toBase64(rootOf(log.entries.slice(0, 10).map(leafHash)));
    expect((await verifyLog({ ...log, seen: { size: 10, root: ten } })).ok).toBe(true);
  });

  it('fails on a changed size, on another key, and on an entry beyond the end', async () => {
    const log = madeLog(20);
    expect((await verifyLog({ ...log, checkpoint: log.checkpoint.replace('\n20\n', '\n21\n') })).ok).toBe(
      false,
    );
    expect((await verifyLog({ ...log, vkey: madeLog(20).vkey })).ok).toBe(false);
    expect((await verifyLog({ ...log, index: 20 })).ok).toBe(false);
    expect((await verifyLog({ ...log, vkey: log.vkey.slice(0, -2) })).ok).toBe(false);
  });

  it('refuses base64 in any but its one spelling, and keys whose id does not fit', () => {
    expect(fromBase64('AA==')).toEqual(new Uint8Array([0]));
    expect(fromBase64('AB==')).toBeUndefined();
    expect(fromBase64('AA=')).toBeUndefined();
    const { vkey } = madeLog(1);
    expect(parseVerifierKey(vkey)?.name).toBe(ORIGIN);
    expect(parseVerifierKey(vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toBeUndefined();
  });

  it('takes no note without a signature', () => {
    const { vkey, checkpoint } = madeLog(3);
    const key = parseVerifierKey(vkey)!;
    expect(openCheckpoint(checkpoint, key).ok).toBe(true);
    expect(openCheckpoint(`${checkpoint.slice(0, checkpoint.indexOf('\n\n') + 2)}`, key).ok).toBe(false);
    expect(openCheckpoint('', key).ok).toBe(false);
  });
});

describe('what an entry commits to', () => {
  const salt = '07'.repeat(32);
  const c = commitment('values', { title: 'Bias', level: 4 }, salt);
  const entry = new TextEncoder().encode(JSON.stringify({ c: { values: c } }));
  const file = { disclosed: { values: { salt, value: { level: 4, title: 'Bias' } } }, withheld: [] };

  it('is the HMAC that the format describes', () => {
    const message = 'aims-commit/v1\nvalues\n{"level":4,"title":"Bias"}';
    expect(c).toBe(createHmac('sha256', Buffer.from(salt, 'hex')).update(message).digest('hex'));
  });

  it('opens with its salt and value, and with no other', () => {
    expect(commitmentStep(entry, file).status).toBe('passed');
    const forged = { ...file, disclosed: { values: { salt, value: { level: 1, title: 'Bias' } } } };
    expect(commitmentStep(entry, forged).status).toBe('failed');
    expect(commitmentStep(entry, { disclosed: {}, withheld: [] }).status).toBe('failed');
    expect(commitmentStep(entry, { disclosed: {}, withheld: ['values'] }).status).toBe('passed');
  });

  it('is compared with what the page shows', () => {
    const shown = { digest: '', values: { title: 'Bias', level: 4 }, links: {} };
    expect(shownStep(file, shown).status).toBe('passed');
    expect(shownStep(file, { ...shown, values: { title: 'Bias', level: 5 } }).status).toBe('failed');
    expect(digestStep(entry, 'sha256:00').status).toBe('failed');
  });
});

const vectors = fileURLToPath(new URL('../../../../shared/vectors/merkle', import.meta.url));

describe.skipIf(!existsSync(vectors))(
  'public vectors (skipped: no shared files, when they are absent)',
  () => {
    const read = (kind: string) =>
      readdirSync(`${vectors}/${kind}`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .map((name) => ({ name, v: JSON.parse(readFileSync(`${vectors}/${kind}/${name}`, 'utf8')) }));
    const bytes = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

    it('agrees on every inclusion proof', () => {
      const all = read('inclusion');
      expect(all.length).toBeGreaterThan(90);
      for (const { name, v } of all) {
        const path = (v.proof ?? []).map(bytes);
        expect(checkInclusion(v.leafIdx, v.treeSize, bytes(v.leafHash), path, bytes(v.root)), name).toBe(
          !v.wantErr,
        );
      }
    });

    it('agrees on every consistency proof', () => {
      const all = read('consistency');
      expect(all.length).toBeGreaterThan(90);
      for (const { name, v } of all) {
        const proof = (v.proof ?? []).map(bytes);
        // One vector takes two equal texts that are no SHA-256 hashes for roots; here a root has 32 bytes.
        const good = !v.wantErr && bytes(v.root1).length === 32;
        expect(checkConsistency(v.size1, v.size2, bytes(v.root1), bytes(v.root2), proof), name).toBe(good);
      }
    });
  },
);
