import { exp, ln } from './numbers.ts';

/** ln of n! for whole numbers: a sum up to 60, Stirling's series above (error below 1e-15). */
function lnFactorial(n: number): number {
  if (n < 60) {
    let sum = 0;
    for (let i = 2; i <= n; i++) sum += ln(i);
    return sum;
  }
  const x = n + 1;
  return (
    (x - 0.5) * ln(x) -
    x +
    0.9189385332046728 +
    1 / (12 * x) -
    1 / (360 * x * x * x) +
    1 / (1260 * x * x * x * x * x)
  );
}

/** Probability of at most `failed` failures in `cases` when each fails with share `p`; the smaller terms first. */
function atMost(failed: number, cases: number, p: number): number {
  // The term of `failed` itself, and each one below it from the one above.
  let term = exp(
    lnFactorial(cases) -
      lnFactorial(failed) -
      lnFactorial(cases - failed) +
      failed * ln(p) +
      (cases - failed) * ln(1 - p),
  );
  let sum = term;
  for (let k = failed; k > 0 && term > sum * 1e-17; k--) {
    term *= (k / (cases - k + 1)) * ((1 - p) / p);
    sum += term;
  }
  return sum;
}

/**
 * The share of failures that is not exceeded with 95 % confidence, from 0 to 1: the one-sided upper bound of Clopper
 * and Pearson (1934). Exact: with few cases it never promises more than 95 %, which the approximations (Wilson) do.
 * Undefined without a case, or when the figures are no counts.
 */
export function upperBound95(failed: number, cases: number): number | undefined {
  if (!Number.isSafeInteger(failed) || !Number.isSafeInteger(cases)) return undefined;
  if (cases < 1 || cases > 1e9 || failed < 0 || failed > cases) return undefined;
  if (failed === cases) return 1;
  if (failed === 0) return 1 - exp(ln(0.05) / cases);
  let low = failed / cases;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (atMost(failed, cases, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}
