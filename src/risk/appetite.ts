/**
 * What the appetite makes of a level, by the criteria in force: within it a risk stays as it is, and nobody needs to accept it; above it, it is treated, or
 * accepted until a day. The page, the gate and my work ask this; the twin in SQL (`WITHIN_APPETITE`) is held equal by a test.
 */
export type Fit = 'within' | 'above' | 'unknown';

export const fitOf = (level: number | undefined, appetite: unknown): Fit =>
  level === undefined || typeof appetite !== 'number' ? 'unknown' : level <= appetite ? 'within' : 'above';
