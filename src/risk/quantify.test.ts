import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, ln, normalQuantile, uniforms } from './numbers.ts';
import {
  deviation,
  expectedLoss,
  faultsOf,
  Portfolio,
  quantify,
  type Ranges,
  rangesOf,
  simulate,
  summarise,
  YEARS,
} from './quantify.ts';

const log = (min: number, max: number) =>
  fc.double({ min: Math.log10(min), max: Math.log10(max), noNaN: true }).map((x) => 10 ** x);
const ranges = fc
  .tuple(log(0.01, 100), log(1, 200), log(10, 1e6), log(1, 200))
  .map(
    ([f, fw, l, lw]): Ranges => ({ frequencyLow: f, frequencyHigh: f * fw, lossLow: l, lossHigh: l * lw }),
  );
const which = fc.integer({ min: 1, max: 1e6 });
const digest = (a: Float64Array): string =>
  createHash('sha256')
    .update(Buffer.from(a.buffer, a.byteOffset, a.byteLength))
    .digest('hex');

describe('arithmetic of our own', () => {
  test('exp and ln agree with those of the engine', () => {
    fc.assert(
      fc.property(fc.double({ min: -600, max: 600, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
        expect(ln(exp(x))).toBeCloseTo(x, 10);
      }),
    );
    expect([exp(0), exp(-1000), exp(1000), ln(1)]).toEqual([1, 0, Number.POSITIVE_INFINITY, 0]);
    expect([ln(0), ln(-1), ln(Number.NaN), ln(Number.POSITIVE_INFINITY)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test('normal quantiles are the published ones, grow, and turn about one half', () => {
    expect(normalQuantile(0.95)).toBeCloseTo(1.644853626951472, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 12);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), (p) => {
        expect(normalQuantile(p)).toBeLessThanOrEqual(normalQuantile(Math.min(0.5, p * 1.01)));
        expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 6);
      }),
    );
  });

  test('the generator is even, and its streams have nothing to do with each other', () => {
    const a = uniforms(42_001, 7, 1);
    const b = uniforms(42_001, 7, 2);
    const n = 50_000;
    const cells = new Array<number>(20).fill(0);
    let product = 0;
    for (let i = 0; i < n; i++) {
      const [x, y] = [a(), b()];
      expect(x > 0 && x < 1).toBe(true);
      cells[Math.floor(x * 20)]! += 1;
      product += (x - 0.5) * (y - 0.5);
    }
    const chi2 = cells.reduce((s, c) => s + (c - n / 20) ** 2 / (n / 20), 0);
    // 19 degrees of freedom: above 43.8 once in a thousand.
    expect(chi2).toBeLessThan(43.8);
    expect(Math.abs(product / n)).toBeLessThan(4 / 12 / Math.sqrt(n));
  });
});

describe('a risk in money', () => {
  const typical: Ranges = { frequencyLow: 0.5, frequencyHigh: 4, lossLow: 2000, lossHigh: 90_000 };

  test('the same estimates give the same years, to the last bit, on every machine', () => {
    // Written down once; whoever changes the model changes figures that people have signed.
    expect(digest(simulate(typical, 1))).toBe(
      '4dc09b516f520a50dcc3b463d5c7a425be83ea078c0f421e8d7fade0d3d4aaf8',
    );
    expect(digest(simulate({ ...typical, frequencyHigh: 300 }, 2))).toBe(
      '428bfe36e7312fd023c4fb772989a9cfbcf02d3bc62099f28a4cf3d8b46dd414',
    );
    expect(quantify(typical, 1)).toEqual(quantify({ ...typical }, 1));
    expect(digest(simulate(typical, 2))).not.toBe(digest(simulate(typical, 1)));
  });

  test('one event a year without doubt about its size: closed form, by hand', () => {
    const flat = { frequencyLow: 2, frequencyHigh: 2, lossLow: 1000, lossHigh: 1000 };
    expect(expectedLoss(flat)).toBeCloseTo(2000, 8);
    // Poisson with mean 2: a year without an event has probability e^-2.
    expect(quantify(flat, 3).anyLoss).toBeCloseTo(1 - Math.exp(-2), 2);
    expect(deviation(flat)).toBeCloseTo(1000 * Math.SQRT2, 6);
  });

  test('the mean of the years is the closed form, within six standard errors', () => {
    fc.assert(
      fc.property(ranges, which, (r, n) => {
        const q = quantify(r, n);
        expect(Math.abs(q.mean - expectedLoss(r))).toBeLessThan((6 * deviation(r)) / Math.sqrt(YEARS) + 0.02);
      }),
      { numRuns: 60 },
    );
  });

  test('the curve never rises as the probability falls, and percentiles lie on it', () => {
    fc.assert(
      fc.property(ranges, which, (r, n) => {
        const q = quantify(r, n);
        expect(q.curve.length).toBeGreaterThan(20);
        for (const [i, p] of q.curve.entries()) {
          if (i === 0) continue;
          expect(p.probability).toBeLessThan(q.curve[i - 1]!.probability);
          expect(p.loss).toBeGreaterThanOrEqual(q.curve[i - 1]!.loss);
        }
        expect(q.percentiles.map((p) => p.percentile)).toEqual([50, 90, 95, 99]);
        for (const p of q.percentiles) {
          const at = q.curve.find((c) => Math.abs(c.probability - (100 - p.percentile) / 100) < 1e-9)!;
          expect(p.loss).toBe(at.loss);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('at most the stated share of years is above each point', () => {
    const years = simulate(typical, 5);
    const q = summarise(years, expectedLoss(typical));
    for (const { probability, loss } of q.curve)
      expect(years.filter((x) => x > loss + 0.01).length / YEARS).toBeLessThanOrEqual(probability);
  });

  test('less certainty about the same middle never lowers the mean or the tail', () => {
    let widened = 0;
    fc.assert(
      fc.property(ranges, which, log(1.2, 3), log(1.2, 3), (r, n, f, l) => {
        const wide = {
          frequencyLow: r.frequencyLow / f,
          frequencyHigh: r.frequencyHigh * f,
          lossLow: r.lossLow / l,
          lossHigh: r.lossHigh * l,
        };
        // Below, the worst hundredth of 10,000 years is a handful of events, and chance outweighs the law.
        if (faultsOf(wide).length > 0 || wide.frequencyHigh < 0.1) return;
        widened += 1;
        expect(expectedLoss(wide)).toBeGreaterThan(expectedLoss(r));
        const [narrow, less] = [quantify(r, n).worst, quantify(wide, n).worst];
        for (const [i, w] of less.entries()) expect(w.mean).toBeGreaterThanOrEqual(narrow[i]!.mean);
      }),
      { numRuns: 60 },
    );
    expect(widened).toBeGreaterThan(30);
  });

  test('a higher end alone never lowers the mean; a higher range never lowers any percentile', () => {
    fc.assert(
      fc.property(ranges, which, log(1.05, 4), (r, n, by) => {
        const more = { ...r, frequencyLow: r.frequencyLow * by, frequencyHigh: r.frequencyHigh * by };
        const worse = { ...r, lossLow: r.lossLow * by, lossHigh: r.lossHigh * by };
        const before = quantify(r, n).percentiles;
        for (const [i, p] of quantify(worse, n).percentiles.entries())
          expect(p.loss).toBeGreaterThanOrEqual(before[i]!.loss);
        expect(expectedLoss(more)).toBeGreaterThan(expectedLoss(r));
        expect(expectedLoss({ ...r, lossHigh: r.lossHigh * by })).toBeGreaterThan(expectedLoss(r));
      }),
      { numRuns: 40 },
    );
  });
});

describe('several risks', () => {
  test('are the sum of their years: the order does not matter, and the mean is the sum of the means', () => {
    fc.assert(
      fc.property(fc.array(ranges, { minLength: 1, maxLength: 4 }), (list) => {
        const [there, back] = [new Portfolio(), new Portfolio()];
        for (const [i, r] of list.entries()) there.add(r, i + 1);
        for (const [i, r] of [...list.entries()].reverse()) back.add(r, i + 1);
        const sum = list.reduce((s, r) => s + expectedLoss(r), 0);
        expect(Math.abs(there.result().expected - sum)).toBeLessThan(0.01 + sum * 1e-12);
        for (const [i, p] of there.result().percentiles.entries())
          expect(p.loss / (back.result().percentiles[i]!.loss || 1)).toBeCloseTo(p.loss === 0 ? 0 : 1, 9);
      }),
      { numRuns: 15 },
    );
  });

  test('one risk alone is the portfolio of one', () => {
    const r = { frequencyLow: 0.1, frequencyHigh: 2, lossLow: 500, lossHigh: 50_000 };
    const p = new Portfolio();
    p.add(r, 9);
    expect(p.result()).toEqual(quantify(r, 9));
  });
});

describe('ranges that mean nothing are refused with the place and the reason', () => {
  const good = { frequencyLow: 1, frequencyHigh: 2, lossLow: 10, lossHigh: 20 };
  test.each([
    ['frequencyLow', Number.NaN, 'must be a number from 0.0001'],
    ['frequencyLow', -1, 'must be a number from'],
    ['frequencyLow', 0, 'must be a number from'],
    ['frequencyHigh', 1e9, 'must be a number from'],
    ['lossHigh', Number.POSITIVE_INFINITY, 'must be a number from'],
    ['lossLow', 1e300, 'must be a number from'],
    ['lossLow', '10', 'must be a number from'],
    ['lossLow', 21, 'is 21, more than the high end 20'],
    ['frequencyLow', 3, 'is 3, more than the high end 2'],
  ])('%s %s', (field, v, message) => {
    const faults = faultsOf({ ...good, [field]: v });
    expect(faults).toEqual([{ field, message: expect.stringContaining(message) as string }]);
    expect(rangesOf({ ...good, [field]: v })).toBeUndefined();
  });

  test('a range too wide to mean one scenario names its high end', () => {
    expect(faultsOf({ ...good, lossHigh: 10_001 })).toEqual([
      { field: 'lossHigh', message: expect.stringContaining('more than 1000 times') as string },
    ]);
    expect(faultsOf({ ...good, lossHigh: 10_000 })).toEqual([]);
  });

  test('no input at all ever makes the simulation fail or answer what is no number', () => {
    const any = fc.oneof(fc.double(), fc.integer(), fc.constant(undefined), fc.string());
    let tried = 0;
    fc.assert(
      fc.property(any, any, any, any, (frequencyLow, frequencyHigh, lossLow, lossHigh) => {
        const r = rangesOf({ frequencyLow, frequencyHigh, lossLow, lossHigh });
        tried += 1;
        if (r) expect(Number.isFinite(quantify(r, 1).mean)).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(tried).toBe(500);
    const widest = { frequencyLow: 10, frequencyHigh: 10_000, lossLow: 1e9, lossHigh: 1e12 };
    expect(faultsOf(widest)).toEqual([]);
    expect(Number.isFinite(quantify(widest, 1).mean)).toBe(true);
  });
});
