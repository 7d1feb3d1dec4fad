import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf, isCanonical, sha256Hex } from './canonical.ts';

const dir = fileURLToPath(new URL('../../../shared/vectors/jcs/', import.meta.url));
const found = existsSync(dir);
if (!found) console.log('skipped: no shared files');

describe.skipIf(!found)('the published set of RFC 8785', () => {
  const names = found ? readdirSync(join(dir, 'input')) : [];

  it('has six files', () => expect(names).toHaveLength(6));

  it.each(names)('%s comes out byte for byte', (name) => {
    const text = canonicalJson(JSON.parse(readFileSync(join(dir, 'input', name), 'utf8')));
    expect(text).toBe(readFileSync(join(dir, 'output', name), 'utf8'));
    const hex = readFileSync(join(dir, 'outhex', name.replace('.json', '.txt')), 'utf8').replaceAll(
      /\s/g,
      '',
    );
    expect(Buffer.from(text).toString('hex')).toBe(hex);
  });
});

describe('canonical JSON', () => {
  it('writes numbers as RFC 8785 appendix B does', () => {
    const numbers: [number, string][] = [
      [0, '0'],
      [-0, '0'],
      [5e-324, '5e-324'],
      [-1.7976931348623157e308, '-1.7976931348623157e+308'],
      [9007199254740992, '9007199254740992'],
      [295147905179352830000, '295147905179352830000'],
      [9.999999999999997e22, '9.999999999999997e+22'],
      [1e23, '1e+23'],
      [0.000001, '0.000001'],
      [1e-7, '1e-7'],
      [333333333.3333333, '333333333.3333333'],
    ];
    for (const [value, text] of numbers) expect(canonicalJson(value)).toBe(text);
  });

  it('is one text per value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // fast-check makes -0, which JSON has no distinct text for.
        const again = JSON.parse(JSON.stringify(value)) as unknown;
        const text = canonicalJson(again);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(again);
      }),
    );
    expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe(canonicalJson({ a: { c: 3, d: 2 }, b: 1 }));
  });

  it('refuses what JSON cannot hold', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { a: '\udc00' }, undefined]) {
      expect(() => canonicalJson(value)).toThrow();
    }
  });

  it('knows a canonical text by its value, the quick way and the slow one alike', () => {
    const slow = (text: string, value: unknown) => canonicalJson(value) === text;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.integer({ min: 0, max: 3 }), (value, way) => {
        let text = JSON.stringify(value);
        if (way === 1) text = canonicalJson(JSON.parse(text));
        if (way === 2) text = JSON.stringify(value, null, 1);
        const read = JSON.parse(text) as unknown;
        expect(isCanonical(text, read)).toBe(slow(text, read));
      }),
      { numRuns: 500 },
    );
    for (const text of [
      '{"b":1,"a":2}',
      '{"a":1.0}',
      '{"a":1,"a":1}',
      '"\\u0041"',
      '[1, 2]',
      '{"2":1,"10":2}',
      '1e21',
      '-0',
    ])
      expect(isCanonical(text, JSON.parse(text)), text).toBe(slow(text, JSON.parse(text)));
    expect(isCanonical('{"10":2,"2":1}', { 10: 2, 2: 1 })).toBe(true);
    expect(() => isCanonical('"\\ud800"', '\ud800')).toThrow();
  });

  it('digests as any other program would', () => {
    // printf '{"a":1}' | sha256sum
    expect(digestOf({ a: 1 })).toBe(
      'sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    );
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('é')).toBe(sha256Hex(Buffer.from([0xc3, 0xa9])));
  });
});
