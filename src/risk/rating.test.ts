import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { upperBound95 } from './interval.ts';
import { CLEAN_SERIES, DEFAULT_RULE, levelFor, measure, ruleOf } from './measuring.ts';
import { claimOf, inherentImpact, inherentLevel, residualImpact, residualLevel, standing } from './rating.ts';

const score = fc.integer({ min: 1, max: 5 });
const maybe = fc.option(score, { nil: undefined });
const rated = fc.record({
  likelihood: score,
  impactOrganisation: score,
  impactIndividuals: score,
  impactSociety: score,
});
const left = fc.record({
  residualLikelihood: maybe,
  residualOrganisation: maybe,
  residualIndividuals: maybe,
  residualSociety: maybe,
});

describe('the rating law', () => {
  test('impact is the worst of the three, level likelihood times it', () => {
    fc.assert(
      fc.property(rated, (v) => {
        const c = claimOf(v);
        const all = [v.impactOrganisation, v.impactIndividuals, v.impactSociety];
        expect(all).toContain(inherentImpact(c));
        for (const one of all) expect(inherentImpact(c)).toBeGreaterThanOrEqual(one);
        expect(inherentLevel(c)).toBe(v.likelihood * inherentImpact(c)!);
      }),
    );
  });

  test('raising any one score never lowers the level', () => {
    fc.assert(
      fc.property(
        rated,
        left,
        fc.constantFrom('likelihood', 'impactOrganisation', 'impactIndividuals', 'impactSociety'),
        (v, l, name) => {
          const more = { ...v, ...l, [name]: Math.min(5, v[name as keyof typeof v] + 1) };
          expect(inherentLevel(claimOf(more))).toBeGreaterThanOrEqual(inherentLevel(claimOf(v))!);
          expect(standing(claimOf(more)).level).toBeGreaterThanOrEqual(
            standing(claimOf({ ...v, ...l })).level!,
          );
        },
      ),
    );
  });

  test('who leaves one out has no rating: what nobody looked at is not harmless', () => {
    fc.assert(
      fc.property(
        rated,
        fc.constantFrom('likelihood', 'impactOrganisation', 'impactIndividuals', 'impactSociety'),
        (v, name) => {
          expect(inherentLevel(claimOf({ ...v, [name]: undefined }))).toBeUndefined();
        },
      ),
    );
  });

  test('a residual score left empty is as before; lower ones never give a higher level', () => {
    fc.assert(
      fc.property(rated, left, (v, l) => {
        const c = claimOf({ ...v, ...l });
        const none = Object.values(l).every((x) => x === undefined);
        expect(residualLevel(c) === undefined).toBe(none);
        if (none) return;
        const filled = claimOf({
          ...v,
          residualLikelihood: l.residualLikelihood ?? v.likelihood,
          residualOrganisation: l.residualOrganisation ?? v.impactOrganisation,
          residualIndividuals: l.residualIndividuals ?? v.impactIndividuals,
          residualSociety: l.residualSociety ?? v.impactSociety,
        });
        expect([residualLevel(filled), residualImpact(filled)]).toEqual([
          residualLevel(c),
          residualImpact(c),
        ]);
        const lower =
          (l.residualLikelihood ?? 1) <= v.likelihood &&
          (l.residualOrganisation ?? 1) <= v.impactOrganisation &&
          (l.residualIndividuals ?? 1) <= v.impactIndividuals &&
          (l.residualSociety ?? 1) <= v.impactSociety;
        if (lower) expect(residualLevel(c)).toBeLessThanOrEqual(inherentLevel(c)!);
      }),
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 2.5, '3', null, {}, true])(
    '%s is no score',
    (v) => {
      expect(
        inherentLevel(
          claimOf({ likelihood: v, impactOrganisation: 1, impactIndividuals: 1, impactSociety: 1 }),
        ),
      ).toBeUndefined();
    },
  );
});

/** Probability of at most k of n by adding up the terms, for checking. */
function binomial(k: number, n: number, p: number): number {
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    let term = 1;
    for (let j = 0; j < i; j++) term *= ((n - j) / (j + 1)) * p;
    sum += term * (1 - p) ** (n - i);
  }
  return sum;
}

describe('the upper 95 % bound', () => {
  test('agrees with published values', () => {
    // One-sided 95 %: 1 - 0.05^(1/n) without a failure; others by qbeta(0.95, x + 1, n - x) of R.
    expect(upperBound95(0, 59)).toBeCloseTo(0.0495, 4);
    expect(upperBound95(1, 8)).toBeCloseTo(0.470679, 5);
    expect(upperBound95(11, 44)).toBeCloseTo(0.379706, 5);
    expect(upperBound95(8, 8)).toBe(1);
  });

  test('is the share at which so few failures would be a 5 % chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(59), (cases, f) => {
        const failed = f % cases;
        const bound = upperBound95(failed, cases)!;
        expect(binomial(failed, cases, bound)).toBeCloseTo(0.05, 6);
        expect(bound).toBeGreaterThan(failed / cases);
      }),
    );
  });

  test('grows with failures, and falls with clean cases', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(3000), (cases, f) => {
        const failed = f % cases;
        expect(upperBound95(failed + 1, cases)).toBeGreaterThan(upperBound95(failed, cases)!);
        expect(upperBound95(failed, cases + 1)).toBeLessThan(upperBound95(failed, cases)!);
      }),
    );
  });

  test('is undefined for figures that are no counts', () => {
    for (const [f, n] of [
      [0, 0],
      [-1, 5],
      [6, 5],
      [1.5, 5],
      [Number.NaN, 5],
      [1, Number.POSITIVE_INFINITY],
      [1, 1e12],
    ])
      expect(upperBound95(f!, n!), `${f} of ${n}`).toBeUndefined();
  });

  test('holds for series of any length', () => {
    expect(upperBound95(50_000, 1_000_000)).toBeCloseTo(0.05036, 4);
    expect(upperBound95(1, 1_000_000_000)! * 1e9).toBeCloseTo(4.7439, 2);
  });
});

describe('the rule from tests to likelihood', () => {
  const lines = fc.array(fc.record({ upTo: fc.integer({ min: 0, max: 100 }), level: score }), {
    minLength: 1,
    maxLength: 8,
  });

  test('a worse bound never gives a lower level, whatever the rows and their order', () => {
    fc.assert(
      fc.property(lines, fc.nat(1000), fc.nat(1000), (rows, a, b) => {
        const rule = ruleOf(rows);
        const [low, high] = [Math.min(a, b) / 10, Math.max(a, b) / 10];
        expect(levelFor(rule, high)).toBeGreaterThanOrEqual(levelFor(rule, low)!);
        expect(levelFor(ruleOf([...rows].reverse()), high)).toBe(levelFor(rule, high));
      }),
    );
  });

  test('more failures among as many cases never give a lower level', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(399), (cases, f) => {
        const failed = f % cases;
        const [less, more] = [failed, failed + 1].map(
          (x) => measure(DEFAULT_RULE, CLEAN_SERIES[0], x, cases)!,
        );
        expect(more!.level).toBeGreaterThanOrEqual(less!.level);
        expect(more!.bound).toBeGreaterThanOrEqual((100 * (failed + 1)) / cases - 0.1);
      }),
    );
  });

  test('without a failure the claim is kept, unless the criteria say that the bound counts', () => {
    expect(measure(DEFAULT_RULE, 'keepsTheClaim', 0, 8)).toEqual({
      cases: 8,
      failed: 0,
      bound: 31.3,
      level: 3,
      speaks: false,
    });
    expect(measure(DEFAULT_RULE, 'countsByItsBound', 0, 8)!.speaks).toBe(true);
    expect(measure(DEFAULT_RULE, 'keepsTheClaim', 8, 8)).toEqual({
      cases: 8,
      failed: 8,
      bound: 100,
      level: 5,
      speaks: true,
    });
    expect(measure([], 'keepsTheClaim', 8, 8)).toBeUndefined();
  });
});
