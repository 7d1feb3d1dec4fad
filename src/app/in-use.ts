import type { UseTold } from '../answers/record.ts';
import { registers } from '../registers/index.ts';
import type { Row, Statement } from '../store/database.ts';
import { toldStatement, toTold, type UseNames } from '../store/in-use.ts';
import type { PlanNames } from '../store/plans-before.ts';

export const USE_NAMES: UseNames = {
  release: registers.release.name,
  gateDecision: registers.gateDecision.name,
  system: registers.aiSystem.name,
};

/** The same, and what releases consist of. */
export const PLAN_NAMES: PlanNames = { ...USE_NAMES, component: registers.component.name };

/** Longest sentence; the gate has all of it. */
const TOLD = 1500;

export function tellUse(row: Row): UseTold {
  const t = toTold(row);
  const says = t.verdict === 'refuse' ? 'would refuse it' : 'would find too little for it';
  // What was written since may have changed it, either way: then it says of when it is.
  const when = t.older ? ` (judged at ${t.judgedAt.slice(11, 16)} UTC on ${t.judgedAt.slice(0, 10)})` : '';
  const why = `It is in use for ${t.system} by ${t.allowance}, and now the gate ${says}${when}: ${t.reasons.join(' ')}`;
  return { ...t, why: why.length > TOLD ? `${why.slice(0, TOLD - 1)}…` : why };
}

/** Registers on whose pages it is told. */
const TELLING: readonly string[] = [registers.release.name, registers.aiSystem.name];

/** What is told on the page of a record; nothing where that is never about use. */
export const usesOnPage = (register: string, ref: string): Statement | undefined =>
  TELLING.includes(register) ? toldStatement(USE_NAMES, ref) : undefined;
