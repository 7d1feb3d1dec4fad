import { type Key, keyOf, type Sentence, worded } from '../base/sentence.ts';
import type { OwnUse } from '../facts/uses.ts';
import type { GateCheck, Verdict } from './result.ts';

/** What the gate would say now of a release in use. */
export interface UseVerdict {
  readonly system: string;
  readonly allowance: string;
  readonly verdict: Verdict;
  /** Of each check that did not pass, the first thing that it says. */
  readonly reasons: readonly string[];
  /** The same as ids and parameters. */
  readonly said: readonly Key[];
}

/** Whether what is in use would still be let through. */
export function verdictInUse(use: OwnUse, checks: readonly GateCheck[]): UseVerdict {
  const { verdict, because } = judgeUse(use, checks);
  return {
    system: use.system,
    allowance: use.allowance,
    verdict,
    reasons: because.map((s) => s.text),
    said: because.map(keyOf),
  };
}

/** The verdict, and of each check that did not pass the first thing that it says. */
export function judgeUse(
  use: OwnUse,
  checks: readonly GateCheck[],
): { verdict: Verdict; because: Sentence[] } {
  const open = checks.filter(
    (c) =>
      (c.status === 'failed' || c.status === 'missing') &&
      // That an envelope has ended is about what comes next, not about what it let through.
      !(use.basis === 'envelope' && (c.id === 'people' || c.id === 'change')),
  );
  const blocked = open.some((c) => c.status === 'failed') ? 'refuse' : 'insufficient';
  return {
    verdict: open.length === 0 ? 'allow' : blocked,
    because: open.map(({ reasons: [first], titleMessage, title }) =>
      first
        ? { message: first.message, params: first.params, text: first.text }
        : worded(titleMessage, title),
    ),
  };
}
