import type { UseTold } from '../../answers/record.ts';
import { keyOf, type Sentence } from '../../base/sentence.ts';
import { registers } from '../../registers/index.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { toldStatement, toTold, type UseNames } from '../../store/release/in-use.ts';
import type { PlanNames } from '../../store/release/plans-before.ts';
import { use } from '../words/in-use.ts';

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
  const { unsaid, ...t } = toTold(row);
  const items = unsaid > 0 ? [...t.reasons, use('unsaid', { count: unsaid })] : t.reasons;
  // What was written since may have changed it, either way: then it says of when it is.
  const verdict = t.verdict === 'refuse' ? 'refuse' : 'insufficient';
  const on = {
    system: t.system,
    allowance: t.allowance,
    reasons: { join: 'sentences', items } as const,
  };
  const said = t.older
    ? use(`${verdict}Then`, { ...on, time: t.judgedAt.slice(11, 16), day: t.judgedAt.slice(0, 10) })
    : use(verdict, on);
  const why = said.text;
  return {
    ...t,
    reasons: t.reasons.map(textOf),
    ...(unsaid > 0 ? { unsaid } : {}),
    ...keyOf(said),
    why: why.length > TOLD ? `${why.slice(0, TOLD - 1)}…` : why,
  };
}

const textOf = (reason: string | Sentence): string => (typeof reason === 'string' ? reason : reason.text);

/** The same as a part of another sentence. */
export const usedSaid = ({ message, params, why: text }: UseTold): Sentence => ({ message, params, text });

/** Registers on whose pages it is told. */
const TELLING: readonly string[] = [registers.release.name, registers.aiSystem.name];

/** What is told on the page of a record; nothing where that is never about use. */
export const usesOnPage = (register: string, ref: string): Statement | undefined =>
  TELLING.includes(register) ? toldStatement(USE_NAMES, ref) : undefined;
