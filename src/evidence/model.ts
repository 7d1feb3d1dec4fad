/**
 * What an evidence file says, in the terms of this system. It is derived from the raw bytes and can be derived again;
 * it holds digests of prompts and outputs, never their text.
 */

/** The outcome of one case. Never a boolean: a case nobody graded is neither a pass nor a failure. */
export type Verdict = 'pass' | 'fail' | 'error' | 'skipped' | 'inconclusive';

/** Number of cases by verdict; `total` is their sum. Counted from the rows, never read from a summary. */
export type Counts = Record<Verdict | 'total', number>;

/** What was tested. */
export interface Subject {
  role: 'model' | 'system';
  name: string;
  /** The version when the name of the provider states one (`...@2.3.1`, a dated model), otherwise null. */
  version: string | null;
  /** The provider id as the file has it. */
  provider: string | null;
}

/** A subject with what became of its cases. */
export interface TestedSubject extends Subject {
  /** Counted from the cases that are its own beyond doubt; see `CaseResult.subject`. */
  counts: Counts;
  /** The part of the planned columns (prompt and provider) that is its own, from 0 to 1. */
  share: number;
}

/** A hazard in the words of a tool (`promptfoo`, `pii:direct`) and the hazards of our catalogue it stands for. */
export interface HazardRef {
  scheme: 'promptfoo';
  id: string;
  standardHazards: string[];
}

/** The severity a tool gave to a case or hazard. */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** One row of a run. */
export interface CaseResult {
  caseId: string;
  /**
   * Index of the subject it was run on; null when the file does not say so beyond doubt. A single row can easily be
   * relabelled, so its own word is not enough: what a case is left out by must be told by more than that.
   */
  subject: number | null;
  /** 1 for the first time a case was run against a subject, 2 for its first repeat. */
  attempt: number;
  verdict: Verdict;
  score: number | null;
  hazards: HazardRef[];
  severity: Severity | null;
  /** How the case attacks: the strategy of a red team, null for a plain case. */
  technique: string | null;
  /** `error` is true when the grader itself failed, so that its judgement is worth nothing. */
  grader: { error: boolean };
  /** JSON pointer of the row in the file. */
  location: string;
  inputSha256: string | null;
  outputSha256: string | null;
}

/** Something to know about a file. One `refuse` finding makes the file no evidence at all. */
export interface Finding {
  /** Stable, kebab-case. */
  code: string;
  severity: 'refuse' | 'flag' | 'info';
  /** JSON pointer, or `line N, column M` when the file is not JSON. Empty for the whole file. */
  location: string;
  /** A whole sentence: what was expected, what was got. */
  message: string;
}

/** What a run did about one hazard: how many cases were planned and what became of them. */
export interface HazardCoverage {
  id: string;
  scheme: 'promptfoo';
  /** Cases the file's own plan has for it; null when the file has no plan. */
  planned: number | null;
  /** `list`: the number is over all columns of the file's list of tests; `wish`: it was asked of each of them. */
  plannedBy: 'list' | 'wish' | null;
  /** Cases with a real verdict: pass or fail. Errors and inconclusive ones exercised nothing. */
  executed: number;
  passed: number;
  failed: number;
  inconclusive: number;
  error: number;
  severity: Severity | null;
  /** OWASP LLM top ten (2025) ids through our catalogue, e.g. `LLM02:2025`. */
  owasp: string[];
  /** Ids of our catalogue, e.g. `HZ-014`; empty when the catalogue does not know the tool's id. */
  standardHazards: string[];
}

/** Everything found in one evidence file. */
export interface Inspection {
  /** False when any finding refuses. The other fields then tell what could be read, for the person who must look. */
  accepted: boolean;
  format: 'promptfoo.results' | null;
  formatVersion: string | null;
  tool: { name: string; version: string | null } | null;
  kind: 'eval' | 'redteam';
  toolRunId: string | null;
  /** `incomplete` when nothing ran, or fewer cases than the file's own plan has. */
  status: 'complete' | 'incomplete';
  /** ISO 8601 in UTC. */
  startedAt: string | null;
  endedAt: string | null;
  counts: Counts;
  /** What the file's own summary claims; null when it has none. */
  reported: { pass: number; fail: number; error: number } | null;
  hazards: HazardCoverage[];
  subjects: TestedSubject[];
  findings: Finding[];
  cases: CaseResult[];
  /** The configuration of the run: digest of its canonical JSON (RFC 8785), hex; null when there is none. */
  config: { sha256: string | null; description: string | null };
  /** SHA-256 of the raw bytes, hex. */
  sha256: string;
  bytes: number;
}

/** What the reader of a format gives; the rest of an inspection is about the bytes. */
export type Content = Omit<Inspection, 'accepted' | 'findings' | 'sha256' | 'bytes'>;

/** Counts with every number at zero. */
export function noCounts(): Counts {
  return { total: 0, pass: 0, fail: 0, error: 0, skipped: 0, inconclusive: 0 };
}

/** Cases counted by verdict. */
export function countOf(cases: readonly CaseResult[]): Counts {
  const counts = noCounts();
  for (const { verdict } of cases) {
    counts[verdict]++;
    counts.total++;
  }
  return counts;
}
