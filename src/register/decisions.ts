import { onceFor } from '../base/once-for.ts';
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

/** States that only a decision leads to: what they say holds as long as the decision is about the present content. */
export const restingStates = onceFor((register: Register): ReadonlySet<string> => {
  const resting = new Set<string>();
  for (const t of Object.values(register.transitions)) {
    const agrees = t.decision === 'approve' || t.decision === 'accept' || t.decision === 'waive';
    if (agrees && [t.from].flat().some((s) => s !== t.to)) resting.add(t.to);
  }
  // Where another way leads there too, the state does not say that anybody decided; a step that stays in the state is no way there.
  for (const t of Object.values(register.transitions))
    if (!t.decision && ![t.from].flat().every((s) => s === t.to)) resting.delete(t.to);
  return resting;
});

/** What a state that rests on decisions can stand on, as lists are filtered by it. */
export const STANDINGS = ['current', 'alone', 'stale', 'ended'] as const;
