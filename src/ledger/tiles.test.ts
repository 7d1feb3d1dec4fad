import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  MAX_ENTRY_BYTES,
  parseTilePath,
  tilePath,
  tileWidth,
} from './tiles.ts';

describe('paths', () => {
  it('are those of the standard', () => {
    expect(tilePath(0, 1234067)).toBe('tile/0/x001/x234/067');
    expect(tilePath(2, 0, 1)).toBe('tile/2/000.p/1');
    expect(tilePath(63, 999, 255)).toBe('tile/63/999.p/255');
    expect(bundlePath(1000)).toBe('tile/entries/x001/000');
    expect(bundlePath(273, 112)).toBe('tile/entries/273.p/112');
  });

  it('read back as they were written', () => {
    const index = fc.oneof(fc.nat(5000), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.nat(63), index, fc.integer({ min: 1, max: 256 }), (level, i, width) => {
        expect(parseTilePath(tilePath(level, i, width))).toEqual({ kind: 'hashes', level, index: i, width });
        expect(parseTilePath(bundlePath(i, width))).toEqual({ kind: 'entries', index: i, width });
      }),
    );
  });

  it.each([
    'tile/64/000',
    'tile/00/000',
    'tile/0/1234067',
    'tile/0/x000/000',
    'tile/0/x1/000',
    'tile/0/001/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/-1/000',
    'tile/entries/x999/x999/x999/x999/x999/999',
    'tile/0/../0',
    'checkpoint',
  ])('refuse %j', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it('refuse places that do not exist', () => {
    expect(() => tilePath(64, 0)).toThrow(/level/);
    expect(() => tilePath(0, -1)).toThrow(/index/);
    expect(() => tilePath(0, 0, 0)).toThrow(/width/);
    expect(() => bundlePath(0, 257)).toThrow(/width/);
  });
});

describe('tile widths', () => {
  it('are those of the example in the standard, 70,000 leaves', () => {
    const widths = [
      [0, 272, 256],
      [0, 273, 112],
      [0, 274, 0],
      [1, 0, 256],
      [1, 1, 17],
      [2, 0, 1],
      [3, 0, 0],
    ];
    expect(widths.map(([level, index]) => [level, index, tileWidth(level!, index!, 70_000)])).toEqual(widths);
  });
});

describe('entry bundles', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        const buffers = entries.map((e) => Buffer.from(e));
        expect(decodeBundle(encodeBundle(buffers), buffers.length)).toEqual(buffers);
      }),
      { numRuns: 50 },
    );
  });

  it('hold an entry of 65,535 bytes and refuse a longer one', () => {
    const longest = Buffer.alloc(MAX_ENTRY_BYTES, 7);
    expect(decodeBundle(encodeBundle([longest]))).toEqual([longest]);
    expect(() => encodeBundle([Buffer.alloc(MAX_ENTRY_BYTES + 1)])).toThrow(/entry 0 .* 65536 bytes/);
  });

  it('refuse what is cut off, too many, or another number than expected', () => {
    const bundle = encodeBundle([Buffer.from('one'), Buffer.from('two')]);
    for (const cut of [1, 4, 6, bundle.length - 1]) {
      expect(() => decodeBundle(bundle.subarray(0, cut)), `${cut}`).toThrow(/runs past its end/);
    }
    expect(() => decodeBundle(bundle, 3)).toThrow(/must hold 3 entries, got 2/);
    expect(() => decodeBundle(Buffer.alloc(2 * 257))).toThrow(/more than 256/);
    expect(() => encodeBundle(Array.from({ length: 257 }, () => Buffer.alloc(0)))).toThrow(/at most 256/);
  });
});
