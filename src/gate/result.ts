import type { Key, Sentence } from '../base/sentence.ts';
import type { RegisterName } from '../registers/index.ts';
import type { UseVerdict } from './in-use.ts';
import type { RiskClass } from './policy.ts';

/** `refuse`: something is known to be wrong. `insufficient`: something is not known. Both block. */
export type Verdict = 'allow' | 'refuse' | 'insufficient';

export type CheckStatus = 'passed' | 'failed' | 'missing' | 'notApplicable';

/** A sentence that names records and figures; `records` are the references in it, for links. */
export interface Reason extends Sentence {
  readonly records: readonly string[];
}

/** What somebody does about it: in words, and as the record and transition where it is done, or the register in which a record is made. */
export interface NextStep extends Sentence {
  readonly who?: string;
  /** The same as names and sentences. */
  readonly whom?: readonly (string | Sentence)[];
  readonly ref?: string;
  readonly action?: string;
  readonly create?: RegisterName;
}

/** The same as a check tells it, of one person or role. */
export interface Step extends Omit<NextStep, 'who' | 'whom'> {
  readonly who?: string | Sentence;
}

export interface GateCheck {
  readonly id: string;
  readonly title: string;
  /** Id of the message that is the title. */
  readonly titleMessage: string;
  readonly status: CheckStatus;
  readonly reasons: readonly Reason[];
  readonly next: readonly NextStep[];
}

/** Something the class demands and the gate cannot look at: told, never passed over in silence. */
export interface NotChecked extends Key {
  readonly id: string;
  readonly title: string;
  readonly titleMessage: string;
  /** The English of message and parameters. */
  readonly why: string;
}

/** By which way a release asks to go through: all that its class demands, an envelope, an emergency; or leave to use what a vendor runs. */
export type Basis = 'approvals' | 'envelope' | 'emergency' | 'useClearance';

/** The gate's answer about one release. The same input always gives the same result. */
export interface GateResult {
  readonly release: string;
  readonly title: string;
  readonly system: { readonly ref: string; readonly title: string };
  readonly riskClass: RiskClass;
  readonly verdict: Verdict;
  /** RFC 3339, as passed in. */
  readonly evaluatedAt: string;
  /** Digest of the release, its components included: what the verdict is about. */
  readonly subject: string;
  readonly policy: { readonly ref: string; readonly version: number; readonly digest: string };
  readonly basis: Basis;
  readonly checks: readonly GateCheck[];
  readonly notChecked: readonly NotChecked[];
  /** Where it is in use already: whether it still would be let through. */
  readonly inUse?: UseVerdict;
}

/** Any failed check refuses; else any missing one is insufficient; else the release is allowed. */
export function verdictOf(checks: readonly GateCheck[]): Verdict {
  // An empty list would be "nothing wrong": nothing was looked at.
  if (checks.length === 0) return 'insufficient';
  if (checks.some((c) => c.status === 'failed')) return 'refuse';
  return checks.some((c) => c.status === 'missing') ? 'insufficient' : 'allow';
}

/** Longest text of one row of the stored checks (the limit of a table cell). */
const CELL = 2000;

/** The checks as rows of the gate decision record: at most 2,000 characters of reasons each. */
export function checkRows(result: GateResult): { id: string; status: CheckStatus; text: string }[] {
  return result.checks.map((c) => ({ id: c.id, status: c.status, text: told(c) }));
}

/** All that a check says, in at most 2,000 characters. */
export function told(check: GateCheck): string {
  const text = check.reasons.map((r) => r.text).join(' ');
  return text.length > CELL ? `${text.slice(0, CELL - 1)}…` : text;
}
