import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../base/canonical.ts';
import { commit, MAX_DEPTH, unfaithful } from './commitment.ts';

const salt = Buffer.alloc(32, 0xab);
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

// Whole numbers beyond 2^53 are refused; see below.
const faithful = fc.jsonValue().filter((value) => unfaithful(value) === undefined);

describe('commitments', () => {
  it('are the HMAC anyone can compute', () => {
    // printf 'aims-commit/v1\nvalues\n{"a":1,"b":"é"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:abab…
    expect(commit('values', { b: 'é', a: 1 }, salt)).toBe(
      '8744a3a1a3ea5a703144f3b73a3e80db5316e75c1c052de7f3542ba2331de3d9',
    );
  });

  it('differ by label, value and salt', () => {
    fc.assert(
      fc.property(faithful, faithful, (a, b) => {
        const [first, second] = [commit('values', a, salt), commit('values', b, salt)];
        expect(first === second).toBe(canonicalJson(a) === canonicalJson(b));
        expect(commit('people', a, salt)).not.toBe(first);
        expect(commit('values', a, Buffer.alloc(32))).not.toBe(first);
      }),
    );
  });

  it('refuse salts of another length, and labels that could be mistaken', () => {
    expect(() => commit('values', 1, Buffer.alloc(31))).toThrow(/32 bytes, got 31/);
    expect(() => commit('values', 1, Buffer.alloc(0))).toThrow(/32 bytes/);
    expect(() => commit('values\n1', 1, salt)).toThrow(/one non-empty line/);
    expect(() => commit('', 1, salt)).toThrow(/one non-empty line/);
  });

  it('refuse values that programs read differently', () => {
    for (const value of [2 ** 53, -(2 ** 53), [1e300], { a: { b: JSON.parse('12345678901234567890') } }]) {
      expect(() => commit('values', value, salt)).toThrow(/write it as a string/);
    }
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, '\ud800', undefined, 10n, () => 1]) {
      expect(() => commit('values', value, salt)).toThrow(expect.objectContaining({ code: 'INVALID' }));
    }
    expect(commit('values', 2 ** 53 - 1, salt)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('end on hostile nesting and on values that contain themselves', () => {
    expect(commit('values', nested(MAX_DEPTH), salt)).toMatch(/^[0-9a-f]{64}$/);
    expect(() => commit('values', nested(MAX_DEPTH + 2), salt)).toThrow(/nested deeper than 64/);
    expect(() => commit('values', nested(200_000), salt)).toThrow(/nested deeper/);
    const itself: Record<string, unknown> = {};
    itself.a = itself;
    expect(() => commit('values', itself, salt)).toThrow(/nested deeper/);
    itself.b = itself;
    expect(() => commit('values', itself, salt)).toThrow(/more than 1000000 values/);
  });
});
