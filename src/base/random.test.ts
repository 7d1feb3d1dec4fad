import { expect, test } from 'vitest';
import { pooled, systemRandom, uuid7 } from './random.ts';

test('bytes from the pool are those of the source, each handed out once, and wiped where they came from', () => {
  const pieces: Buffer[] = [];
  let next = 0;
  const bytes = pooled((n) => {
    const piece = Buffer.from(Array.from({ length: n }, () => 1 + (next++ % 255)));
    pieces.push(piece);
    return piece;
  });
  const given = Array.from({ length: 700 }, (_, i) => bytes(1 + (i % 16)));
  expect(given.map((b) => b.length)).toEqual(given.map((_, i) => 1 + (i % 16)));
  // In the order of the source: a piece's last bytes are left when they are too few, none comes twice.
  const expected = (from: number, n: number) => Array.from({ length: n }, (_, i) => 1 + ((from + i) % 255));
  let at = 0;
  for (const b of given) {
    if (Math.floor(at / 4096) !== Math.floor((at + b.length - 1) / 4096)) at = Math.ceil(at / 4096) * 4096;
    expect([...b]).toEqual(expected(at, b.length));
    at += b.length;
  }
  expect(pieces.length).toBeGreaterThan(1);
  for (const piece of pieces.slice(0, -1)) expect(piece.subarray(0, 4080).every((x) => x === 0)).toBe(true);
  // Nobody else holds what was handed out.
  given[0]!.fill(7);
  expect([...bytes(4)]).not.toContain(0);
  expect(bytes(5000).length).toBe(5000);
});

test('the system gives other bytes each time', () => {
  const seen = new Set(Array.from({ length: 5000 }, () => systemRandom.bytes(8).toString('hex')));
  expect(seen.size).toBe(5000);
  const ids = new Set(Array.from({ length: 1000 }, () => uuid7(new Date(0), systemRandom)));
  expect(ids.size).toBe(1000);
});
