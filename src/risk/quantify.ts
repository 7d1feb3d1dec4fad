/**
 * A risk in money, from two ranges that people can estimate. Decision 0009 says why this model.
 *
 * - Events a year: the rate is not known; it lies between low and high with 90 %, lognormally. Given the rate, the
 *   number of events in a year is Poisson.
 * - Loss of one event: between low and high with 90 %, lognormally. Events are independent of each other.
 * - A year's loss is the sum. Its mean has a closed form; its percentiles come from 10,000 simulated years with a fixed
 *   seed, the same to the last bit on every machine (see numbers.ts).
 *
 * Many events (more than 16 in a year) are summed at once by a lognormal with the same mean and variance (Fenton 1960).
 */
import { exp, ln, normalQuantile, type Uniforms, uniforms, Z95 } from './numbers.ts';

/** What people estimated: 90 % intervals of events a year and of the loss of one event. */
export interface Ranges {
  readonly frequencyLow: number;
  readonly frequencyHigh: number;
  readonly lossLow: number;
  readonly lossHigh: number;
}

export const YEARS = 10_000;
/** The one seed. Another would give other figures for the same estimates, and one could choose among them. */
export const SEED = 42_001;
/** High may be at most so many times low: a wider range is two scenarios, and its mean hangs on its outermost tail. */
export const WIDEST = 1000;
export const LIMITS = {
  frequency: { min: 0.0001, max: 10_000 },
  loss: { min: 0.01, max: 1e12 },
} as const;
const SINGLY = 16;
const PERCENTILES = [50, 90, 95, 99] as const;

/** What is wrong with ranges, by the name of the field; empty when they can be used. Undefined members are not judged. */
export function faultsOf(
  r: Partial<Record<keyof Ranges, unknown>>,
): { field: keyof Ranges; message: string }[] {
  const faults: { field: keyof Ranges; message: string }[] = [];
  const check = (low: keyof Ranges, high: keyof Ranges, limits: { min: number; max: number }) => {
    for (const field of [low, high]) {
      const v = r[field];
      if (v === undefined || v === null) continue;
      if (typeof v !== 'number' || !Number.isFinite(v) || v < limits.min || v > limits.max)
        faults.push({ field, message: `must be a number from ${limits.min} to ${limits.max}` });
    }
    const [l, h] = [r[low], r[high]];
    if (faults.length > 0 || typeof l !== 'number' || typeof h !== 'number') return;
    if (l > h) faults.push({ field: low, message: `is ${l}, more than the high end ${h}` });
    else if (h / l > WIDEST)
      faults.push({
        field: high,
        message: `is more than ${WIDEST} times the low end ${l}; split the risk into scenarios that can be estimated`,
      });
  };
  check('frequencyLow', 'frequencyHigh', LIMITS.frequency);
  check('lossLow', 'lossHigh', LIMITS.loss);
  return faults;
}

/** The ranges in a record's values, when all four are there and usable. */
export function rangesOf(values: Readonly<Record<string, unknown>>): Ranges | undefined {
  const { frequencyLow, frequencyHigh, lossLow, lossHigh } = values;
  const all = { frequencyLow, frequencyHigh, lossLow, lossHigh };
  if (Object.values(all).some((v) => typeof v !== 'number')) return undefined;
  return faultsOf(all).length === 0 ? (all as Ranges) : undefined;
}

interface Lognormal {
  readonly mu: number;
  readonly sigma: number;
}

/** The lognormal with these 5th and 95th percentiles. */
function lognormal(low: number, high: number): Lognormal {
  const [a, b] = [ln(low), ln(high)];
  return { mu: (a + b) / 2, sigma: (b - a) / (2 * Z95) };
}

const meanOf = ({ mu, sigma }: Lognormal): number => exp(mu + (sigma * sigma) / 2);
/** Mean of the square. */
const squareOf = ({ mu, sigma }: Lognormal): number => exp(2 * mu + 2 * sigma * sigma);

/** Expected loss of a year, in closed form: mean rate times mean loss. */
export function expectedLoss(r: Ranges): number {
  return meanOf(lognormal(r.frequencyLow, r.frequencyHigh)) * meanOf(lognormal(r.lossLow, r.lossHigh));
}

/** Standard deviation of a year's loss, in closed form. */
export function deviation(r: Ranges): number {
  const rate = lognormal(r.frequencyLow, r.frequencyHigh);
  const loss = lognormal(r.lossLow, r.lossHigh);
  const m = meanOf(rate);
  const varianceOfRate = squareOf(rate) - m * m;
  return Math.sqrt(m * squareOf(loss) + varianceOfRate * meanOf(loss) * meanOf(loss));
}

/** Number of events of a Poisson variable with this mean at probability u; never falls when mean or u grow. */
function poisson(mean: number, u: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalQuantile(u)));
  let term = exp(-mean);
  let sum = term;
  let n = 0;
  while (u > sum && n < 400) {
    n += 1;
    term *= mean / n;
    sum += term;
  }
  return n;
}

/**
 * Losses of so many simulated years. `which` tells one risk from another, so that its years are the same alone and in a
 * portfolio, and independent of every other risk. Every year takes the same count of random numbers: a higher rate then
 * adds events to those that were there.
 */
export function simulate(r: Ranges, which: number, years = YEARS): Float64Array {
  const rate = lognormal(r.frequencyLow, r.frequencyHigh);
  const loss = lognormal(r.lossLow, r.lossHigh);
  const rates = uniforms(SEED, which, 1);
  const counts = uniforms(SEED, which, 2);
  const losses = uniforms(SEED, which, 3);
  const out = new Float64Array(years);
  for (let year = 0; year < years; year++) {
    const n = poisson(exp(rate.mu + rate.sigma * normalQuantile(rates())), counts());
    out[year] = lossOfYear(loss, n, losses);
  }
  return out;
}

function lossOfYear(loss: Lognormal, n: number, draw: Uniforms): number {
  let sum = 0;
  const first = draw();
  if (n > SINGLY) {
    const mean = n * meanOf(loss);
    const relative = (squareOf(loss) / (meanOf(loss) * meanOf(loss)) - 1) / n;
    const sigma = Math.sqrt(ln(1 + relative));
    sum = mean * exp(sigma * normalQuantile(first) - (sigma * sigma) / 2);
  } else if (n > 0) sum = exp(loss.mu + loss.sigma * normalQuantile(first));
  for (let i = 1; i < SINGLY; i++) {
    const u = draw();
    if (n <= SINGLY && i < n) sum += exp(loss.mu + loss.sigma * normalQuantile(u));
  }
  return sum;
}

/** A point of the loss exceedance curve: with this probability a year's loss is above this. */
export interface CurvePoint {
  readonly probability: number;
  readonly loss: number;
}

export interface Quantified {
  /** Closed form. */
  readonly expected: number;
  /** Of the simulated years. */
  readonly mean: number;
  readonly percentiles: readonly { readonly percentile: number; readonly loss: number }[];
  /**
   * Mean loss of the worst years, by their share. Of all figures on the tail this is the one that less certainty never
   * lowers: a percentile may fall when its range is widened, because a wider range also has smaller losses in it.
   */
  readonly worst: readonly { readonly share: number; readonly mean: number }[];
  /** Share of simulated years with any loss. */
  readonly anyLoss: number;
  readonly curve: readonly CurvePoint[];
  readonly years: number;
  readonly seed: number;
}

/** Probabilities of the curve: every fifth per cent, and the tail more closely. */
const PROBABILITIES = [
  ...Array.from({ length: 19 }, (_, i) => (95 - 5 * i) / 100),
  0.04,
  0.03,
  0.02,
  0.01,
  0.005,
  0.002,
  0.001,
];

const cents = (x: number): number => Math.round(x * 100) / 100;

/** Figures of simulated years. */
export function summarise(losses: Float64Array, expected: number): Quantified {
  const sorted = Float64Array.from(losses).sort();
  const n = sorted.length;
  // The smallest loss that at most this share of years exceeds.
  const exceededBy = (share: number): number =>
    sorted[Math.min(n - 1, Math.max(0, Math.ceil(n * (1 - share) - 1e-9) - 1))]!;
  const meanOfWorst = (count: number): number => {
    let sum = 0;
    for (let i = n - count; i < n; i++) sum += sorted[i]!;
    return sum / count;
  };
  return {
    expected: cents(expected),
    mean: cents(meanOfWorst(n)),
    percentiles: PERCENTILES.map((percentile) => ({
      percentile,
      loss: cents(exceededBy((100 - percentile) / 100)),
    })),
    worst: [0.05, 0.01].map((share) => ({
      share,
      mean: cents(meanOfWorst(Math.max(1, Math.round(n * share)))),
    })),
    anyLoss: sorted.filter((x) => x > 0).length / n,
    curve: PROBABILITIES.map((probability) => ({ probability, loss: cents(exceededBy(probability)) })),
    years: n,
    seed: SEED,
  };
}

/** One risk. */
export const quantify = (r: Ranges, which: number): Quantified =>
  summarise(simulate(r, which), expectedLoss(r));

/** Several risks together, year by year; independent of each other, which is an assumption and is said wherever it is shown. */
export class Portfolio {
  private readonly total = new Float64Array(YEARS);
  private expected = 0;

  add(r: Ranges, which: number): void {
    const years = simulate(r, which);
    for (let i = 0; i < YEARS; i++) this.total[i]! += years[i]!;
    this.expected += expectedLoss(r);
  }

  result(): Quantified {
    return summarise(this.total, this.expected);
  }
}
