/**
 * How thoroughly the longest tests look. At 1, as in every `npm test`, they do what is needed to find what they are there to find, each time;
 * at 10, as at night, ten times as much of the same. What is read of the environment is read here alone.
 */
export const DEPTH = depthOf(process.env.DEPTH);

/** So many at depth 1, more with greater depth, at most `most`. */
export const times = (n: number, most = Number.POSITIVE_INFINITY): number => Math.min(most, n * DEPTH);

/** Every so manieth at depth 1, more of them with greater depth, in the end all. */
export const everyNth = (n: number): number => Math.max(1, Math.floor(n / DEPTH));

/** Of a list every `n`th at depth 1, more with greater depth, in the end all. `turn` shifts which ones. */
export const sampled = <T>(all: readonly T[], n: number, turn = 0): T[] =>
  all.filter((_, i) => (i + turn) % everyNth(n) === 0);

function depthOf(text = ''): number {
  const depth = text === '' ? 1 : Number(text);
  if (!Number.isInteger(depth) || depth < 1 || depth > 100)
    throw new Error(`DEPTH: expected a whole number from 1 to 100, got "${text}"`);
  return depth;
}
