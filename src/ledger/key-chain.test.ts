import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import { KeyChain } from './key-chain.ts';
import { leafHash } from './merkle.ts';
import { naiveRoot } from './testing/reference-tree.ts';
import { keyPair, ORIGIN, sampleEntries } from './testing/sample-log.ts';

/** Keys 0 to 3 sign one after another. Entry 5 names key 1, entry 9 key 2, entry 14 key 3. */
const keys = [11, 12, 13, 14].map((n) => keyPair(n));
const [k0, k1, k2, k3] = keys.map((key) => key.vkey) as [string, string, string, string];
const leaves = sampleEntries(20).map(leafHash);
const rootAt = (size: number) => (size <= leaves.length ? naiveRoot(leaves.slice(0, size)) : undefined);
const signed = (size: number, ...by: number[]) =>
  signCheckpoint(
    { origin: ORIGIN, size, root: naiveRoot(leaves.slice(0, size)) },
    by.map((n) => keys[n]!.signer),
  );
/** A checkpoint of a log that shows somebody else another history. */
const forked = (size: number, ...by: number[]) =>
  signCheckpoint(
    { origin: ORIGIN, size, root: Buffer.alloc(32, 7) },
    by.map((n) => keys[n]!.signer),
  );

function chain(from: string, rotations: [number, string][], notes: string[]) {
  const it = new KeyChain();
  it.trust(from);
  for (const [index, vkey] of rotations) it.sawRotation(index, vkey);
  for (const note of notes) it.acceptCheckpoint(note, rootAt);
  return it;
}

const ROTATIONS: [number, string][] = [
  [5, k1],
  [9, k2],
  [14, k3],
];

describe('the chain of keys', () => {
  it('needs no rotation', () => {
    const it = chain(k0, [], [signed(20, 0)]);
    expect(it.verdict()).toEqual({ ok: true, size: 20, signedBy: [k0] });
    expect(it.trusted).toEqual([{ vkey: k0 }]);
  });

  it('leads from the first key to the last', () => {
    const it = chain(k0, ROTATIONS, [signed(7, 0, 1), signed(12, 1, 2), signed(16, 2, 3), signed(20, 3)]);
    expect(it.verdict()).toEqual({ ok: true, size: 20, signedBy: [k3] });
    expect(it.trusted).toEqual([
      { vkey: k0 },
      { vkey: k1, rotatedAt: 5 },
      { vkey: k2, rotatedAt: 9 },
      { vkey: k3, rotatedAt: 14 },
    ]);
    expect(it.acceptCheckpoint(signed(19, 3), rootAt)).toBe(true);
  });

  it('needs no overlap, only a checkpoint of the old key that covers the entry', () => {
    expect(chain(k0, ROTATIONS, [signed(6, 0), signed(8, 1)]).verdict().ok).toBe(true);
    // Size 5 does not cover entry 5.
    const short = chain(k0, ROTATIONS, [signed(5, 0), signed(8, 1)]);
    expect(short.verdict()).toMatchObject({
      ok: false,
      size: 8,
      problem: expect.stringMatching(
        /8 entries, is signed by no trusted key; entry 5 names another key, but/,
      ),
    });
    expect(short.trusted).toEqual([{ vkey: k0 }]);
  });

  it('says which link is missing', () => {
    const broken = chain(k0, ROTATIONS, [signed(7, 0, 1), signed(16, 2, 3), signed(20, 3)]);
    expect(broken.verdict().problem).toMatch(
      /20 entries, is signed by no trusted key; entry 9 names another key/,
    );
    expect(chain(k0, [], [signed(20, 1)]).verdict().problem).toMatch(/no further entry names a key/);
    expect(new KeyChain().verdict()).toMatchObject({ ok: false, problem: 'no key is trusted' });
    expect(chain(k0, ROTATIONS, []).verdict()).toMatchObject({
      ok: false,
      problem: 'there is no checkpoint',
    });
  });

  it('is the same in whatever order its parts come', () => {
    const parts: ((it: KeyChain) => void)[] = [
      (it) => it.trust(k0),
      ...ROTATIONS.map(
        ([index, vkey]) =>
          (it: KeyChain) =>
            it.sawRotation(index, vkey),
      ),
      ...[signed(7, 0, 1), signed(12, 1, 2), signed(16, 2, 3), signed(20, 3)].map(
        (note) => (it: KeyChain) => {
          it.acceptCheckpoint(note, rootAt);
        },
      ),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), (order) => {
        const it = new KeyChain();
        for (const part of order) part(it);
        expect(it.verdict()).toEqual({ ok: true, size: 20, signedBy: [k3] });
        expect(it.trusted.map((key) => key.vkey)).toEqual([k0, k1, k2, k3]);
      }),
    );
  });

  it('trusts exactly what its definition reaches', () => {
    const checkpoint = fc.record({
      size: fc.integer({ min: 1, max: 20 }),
      by: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }),
    });
    const seen = new Set<boolean>();
    const input = fc.tuple(fc.array(checkpoint, { maxLength: 6 }), fc.array(fc.tuple(fc.nat(19), fc.nat(3))));
    fc.assert(
      fc.property(input, ([notes, rotations]) => {
        const trusted = new Set([0]);
        // The definition, over and over until nothing is added.
        for (let before = -1; before !== trusted.size; ) {
          before = trusted.size;
          for (const [index, key] of rotations) {
            if (notes.some(({ size, by }) => size > index && by.some((n) => trusted.has(n))))
              trusted.add(key);
          }
        }
        const it = chain(
          k0,
          rotations.map(([index, n]) => [index, keys[n]!.vkey]),
          notes.map(({ size, by }) => signed(size, ...by)),
        );
        expect(it.trusted.map((key) => key.vkey).sort()).toEqual(
          [...trusted].map((n) => keys[n]!.vkey).sort(),
        );
        const size = Math.max(...notes.map((note) => note.size));
        const ok = notes.some((note) => note.size === size && note.by.some((n) => trusted.has(n)));
        expect(it.verdict().ok).toBe(ok);
        seen.add(ok);
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBe(2);
  });
});

describe('what would break the chain', () => {
  it('is a key that no covered entry names', () => {
    const it = chain(k0, [[5, k1]], [signed(7, 0), signed(20, 2)]);
    expect(it.verdict()).toMatchObject({ ok: false, signedBy: [] });
    expect(it.trusted.map((key) => key.vkey)).toEqual([k0, k1]);
  });

  it('is another history signed by a trusted key, also when the newest checkpoint holds', () => {
    const good = [signed(7, 0, 1), signed(20, 1)];
    expect(chain(k0, ROTATIONS, good).verdict().ok).toBe(true);
    for (const note of [forked(6, 0), forked(18, 1)]) {
      for (const order of [
        [note, ...good],
        [...good, note],
      ]) {
        const it = chain(k0, ROTATIONS, order);
        expect(it.verdict()).toMatchObject({ ok: false, problem: expect.stringMatching(/another history/) });
      }
    }
    const ahead = new KeyChain();
    ahead.trust(k0);
    expect(ahead.acceptCheckpoint(forked(21, 0), rootAt)).toBe(false);
    expect(ahead.verdict().problem).toMatch(/signed 21 entries, more than were found/);
  });

  it('is not a fork that strangers signed, unless it is the newest', () => {
    const it = chain(k0, [], [forked(6, 3), signed(20, 0)]);
    expect(it.verdict()).toEqual({ ok: true, size: 20, signedBy: [k0] });
    expect(chain(k0, [], [signed(19, 0), forked(20, 3)]).verdict().ok).toBe(false);
    // Beside a stranger's of the same size, the trusted one counts.
    expect(chain(k0, [], [forked(20, 3), signed(20, 0)]).verdict()).toMatchObject({
      ok: true,
      signedBy: [k0],
    });
    // A key cannot vouch for itself: the fork names key 3, and only key 3 signed it.
    expect(chain(k0, [[5, k3]], [forked(20, 3), signed(5, 0)]).verdict().ok).toBe(false);
  });

  it("is the next key's line under the checkpoint that made it trusted, when it does not hold", () => {
    const line = signed(8, 1).split('\n\n')[1]!;
    const note = signed(7, 0) + line;
    const it = chain(k0, ROTATIONS, [note]);
    expect(it.trusted.map((key) => key.vkey)).toContain(k1);
    expect(it.verdict()).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/does not fit the text/),
    });
    expect(chain(k0, ROTATIONS, [note, signed(20, 1)]).verdict().ok).toBe(false);
  });

  it('is a rotation to no key of this log, once it is covered', () => {
    const other = keyPair(12, 'other.example').vkey;
    for (const vkey of ['', 'nonsense', other, k1.slice(0, -1), `${k1}\n`]) {
      const it = chain(k0, [[5, vkey]], [signed(20, 0)]);
      expect(it.verdict()).toMatchObject({ ok: false, problem: expect.stringMatching(/entry 5 names/) });
      expect(chain(k0, [[5, vkey]], [signed(5, 0)]).verdict().ok).toBe(true);
    }
    expect(() => chain(k0, [], []).trust(other)).toThrow(/not one of the log/);
    expect(() => new KeyChain().trust('nonsense')).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => new KeyChain().sawRotation(-1, k1)).toThrow(RangeError);
  });

  it('is a checkpoint that is none, cut, changed or of another log', () => {
    const note = signed(20, 0);
    let refused = 0;
    for (let length = 0; length < note.length; length++) {
      const it = chain(k0, [], [note.slice(0, length)]);
      expect(it.verdict().ok, `${length}`).toBe(false);
      refused++;
    }
    expect(refused).toBe(note.length);
    const bytes = Buffer.from(note);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(chain(k0, [], [changed.toString()]).verdict().ok, `bit ${bit}`).toBe(false);
    }
    for (const size of ['0', '-1', '9007199254740993', '1e9', '9'.repeat(400)]) {
      expect(chain(k0, [], [note.replace('\n20\n', `\n${size}\n`)]).verdict().ok, size).toBe(false);
    }
    const elsewhere = signCheckpoint({ origin: 'other.example', size: 3, root: rootAt(3)! }, [
      keys[0]!.signer,
    ]);
    expect(chain(k0, [], [elsewhere]).verdict().problem).toMatch(/expected "aims/);
    fc.assert(fc.property(fc.string(), (text) => !chain(k0, [], [text]).verdict().ok));
  });
});
