import type { Cover, Register } from './register.ts';

/** The version of its rule that a decision without one was taken under: that of 0.1.0. */
export const FIRST_RULE = 1;

/** Covers of a version of the rule; or those that the record consists of, whatever the version (`content`). */
export type CoverRule = number | 'content';

/** The version of its rule that decisions on a register are taken under now: it grows with every cover that was added or taken away. */
export const presentRule = (register: Register): number =>
  Math.max(FIRST_RULE, ...register.covers.flatMap((c) => [c.since ?? FIRST_RULE, c.until ?? FIRST_RULE]));

/** Every version that decisions on it may have been taken under. */
export const rulesOf = (register: Register): number[] =>
  Array.from({ length: presentRule(register) }, (_, i) => FIRST_RULE + i);

/** Is it covered under that rule? */
export const coversUnder = (c: Cover, register: Register, rule: CoverRule): boolean =>
  rule === 'content'
    ? c.beside !== true && coversUnder(c, register, presentRule(register))
    : (c.since ?? FIRST_RULE) <= rule && (c.until === undefined || rule < c.until);

/** What decisions cover under that rule. */
export const coversOf = (register: Register, rule: CoverRule): Cover[] =>
  register.covers.filter((c) => coversUnder(c, register, rule));

/** The version of the rule that a decision was taken under. */
export const ruleOf = (d: { readonly values: Readonly<Record<string, unknown>> }): number =>
  typeof d.values.rule === 'number' ? d.values.rule : FIRST_RULE;

/** One record that decisions on another cover, as it is now. */
export interface Covered {
  ref: string;
  register: string;
  version: number;
  /** Digest of its own material contents. */
  digest: string;
  title: string;
  /** By which of the covers that the register declares. */
  by: number;
}
