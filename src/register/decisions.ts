import type { DecisionKind, Register } from './register.ts';

/** Decisions by which somebody agrees: what they lead to holds as long as they are about the present content. */
export const AGREEING = ['approve', 'accept', 'waive'] as const satisfies readonly DecisionKind[];

/** The kinds of agreement that a register knows. */
export const restingKinds = (r: Register): DecisionKind[] =>
  AGREEING.filter((kind) => Object.values(r.transitions).some((t) => t.decision === kind));

/** States in which agreements on a record say something: those they lead to, unless it is over. */
export const speaksIn = (r: Register, state: string): boolean =>
  !r.ended.includes(state) &&
  Object.values(r.transitions).some((t) => t.to === state && AGREEING.some((k) => k === t.decision));
