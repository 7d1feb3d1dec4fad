import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atMost, casesFor, upperBound } from './bound.ts';

test('the bound agrees with published values of Clopper and Pearson', () => {
  // Without a failure it is 1 - 0.05^(1/n); the others are from tables of the beta distribution.
  for (const [failed, cases, bound] of [
    [0, 10, 0.2589],
    [0, 29, 0.0981],
    [0, 59, 0.0495],
    [0, 299, 0.00997],
    [1, 10, 0.3942],
    [5, 100, 0.1023],
    [10, 10, 1],
  ] as const)
    expect(upperBound(failed, cases), `${failed} of ${cases}`).toBeCloseTo(bound, 3);
});

test('it is never below what was measured; more cases lower it, more failures raise it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(200), (cases, f) => {
      const failed = Math.min(f, cases);
      const bound = upperBound(failed, cases);
      expect(bound).toBeGreaterThanOrEqual(failed / cases);
      expect(bound).toBeLessThanOrEqual(1);
      if (failed < cases) {
        expect(upperBound(failed, cases + 10)).toBeLessThanOrEqual(bound);
        expect(upperBound(failed + 1, cases)).toBeGreaterThanOrEqual(bound);
        // By its definition: so few failures are just unlikely enough when the true share is the bound.
        if (bound < 1) expect(atMost(failed, cases, bound)).toBeCloseTo(0.05, 4);
      }
    }),
    { numRuns: 200 },
  );
});

test('the number of cases asked for is the fewest that keep to the share', () => {
  expect(casesFor(0, 0.1)).toBe(29);
  expect(casesFor(0, 0.01)).toBe(299);
  for (const [failed, share] of [
    [0, 0.05],
    [1, 0.1],
    [7, 0.02],
  ] as const) {
    const n = casesFor(failed, share);
    expect(upperBound(failed, n)).toBeLessThanOrEqual(share + 1e-9);
    expect(upperBound(failed, n - 1)).toBeGreaterThan(share);
  }
});

test('large numbers of cases stay within the range of numbers', () => {
  expect(upperBound(0, 1_000_000)).toBeCloseTo(3e-6, 7);
  expect(upperBound(2_000, 100_000)).toBeCloseTo(0.0207, 3);
});
