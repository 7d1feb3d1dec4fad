/**
 * How large the true share of failures may be, given what was seen: the one-sided upper bound of Clopper and Pearson. It needs no assumption
 * but that the cases are independent.
 */

/** We want to be wrong in at most 5 of 100 such statements. */
export const CONFIDENCE = 95;
const ALPHA = 1 - CONFIDENCE / 100;

/** Probability of at most `failed` failures among `cases` when each fails with probability `p`. */
export function atMost(failed: number, cases: number, p: number): number {
  if (failed >= cases) return 1;
  if (p <= 0) return 1;
  if (p >= 1) return 0;
  // Term by term in logarithms: the powers themselves leave the range of numbers long before the sum does.
  const odds = Math.log(p) - Math.log1p(-p);
  let log = cases * Math.log1p(-p);
  let sum = Math.exp(log);
  for (let k = 1; k <= failed; k++) {
    log += Math.log((cases - k + 1) / k) + odds;
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** Upper bound of the share of failures, 0 to 1, at 95 % confidence. No cases say nothing: 1. */
export function upperBound(failed: number, cases: number): number {
  if (cases <= 0 || failed >= cases) return 1;
  let [low, high] = [failed / cases, 1];
  for (let i = 0; i < 50; i++) {
    const mid = (low + high) / 2;
    if (atMost(failed, cases, mid) > ALPHA) low = mid;
    else high = mid;
  }
  return high;
}

/** Fewest cases that keep the bound at or below `share` (0 to 1) when so many fail. */
export function casesFor(failed: number, share: number): number {
  let high = Math.max(1, failed + 1);
  while (atMost(failed, high, share) > ALPHA) high *= 2;
  let low = Math.max(failed, Math.floor(high / 2));
  while (high - low > 1) {
    const mid = Math.floor((low + high) / 2);
    if (atMost(failed, mid, share) > ALPHA) low = mid;
    else high = mid;
  }
  return high;
}

/** How rarely so many failures would be seen if only the share that is allowed failed, before they are held to be no chance. */
const RARE = 0.01;

/**
 * Do so many failures stand out where a share `p` (0 to 1) of such cases may fail? They do where chance alone would show them in less than one of a
 * hundred such samples, and always where two cases or more all failed.
 */
export function standsOut(failed: number, cases: number, p: number): boolean {
  if (failed <= 0 || cases <= 0) return false;
  return (failed >= cases && cases >= 2) || 1 - atMost(failed - 1, cases, p) < RARE;
}
