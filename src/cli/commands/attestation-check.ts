import { createPublicKey, type KeyObject } from 'node:crypto';
import { JsonError, type JsonValue, parseJson } from '../../base/json.ts';
import { verifyEnvelope } from '../../gate/attestation.ts';
import { DECISION_DETAIL, type Statement, VSA_TYPE } from '../../gate/statement.ts';
import { CliError } from '../terminal.ts';

/** What a caller may demand of a signed statement beside its signature. */
export interface Demands {
  /** It must say PASSED: the gate allowed the release. */
  passed?: boolean;
  /** Digest that must be among its subjects, `sha256:<hex>`. */
  subject?: string;
}

/** One check of a verification, with a sentence for the reader. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** Outcome of verifying a signed statement. `content` is the statement; believe it only when `ok`. */
export interface AttestationVerdict {
  ok: boolean;
  kind: 'attestation';
  checks: Check[];
  keyFrom: 'caller';
  content?: Statement;
}

/**
 * Verifies a DSSE envelope of the release gate with a public key (PEM) that the caller trusts. A key that cannot be
 * read is an error (CliError); everything about the envelope is the verdict.
 */
export function verifyAttestation(text: string, pem: string, demands: Demands = {}): AttestationVerdict {
  const key = keyOf(pem);
  const checks: Check[] = [];
  const envelope = read(text, checks);
  if (envelope === undefined) return { ok: false, kind: 'attestation', checks, keyFrom: 'caller' };
  const verdict = verifyEnvelope(envelope, key);
  checks.push({
    name: 'signature',
    ok: verdict.valid,
    detail: verdict.valid ? 'the key given signed exactly this statement' : verdict.why,
  });
  const statement = verdict.valid ? verdict.statement : undefined;
  if (statement) checks.push(...contentChecks(statement, demands));
  const ok = checks.every((c) => c.ok);
  return { ok, kind: 'attestation', checks, keyFrom: 'caller', ...(statement ? { content: statement } : {}) };
}

function keyOf(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem))
    throw new CliError(
      '--gate-key: that is a private key; give the public one, and keep that file to yourself.',
    );
  try {
    return createPublicKey(pem);
  } catch {
    throw new CliError('--gate-key: expected a public key in PEM ("-----BEGIN PUBLIC KEY-----").');
  }
}

/** A strict reading: a name given twice could be read differently by two programs. */
function read(text: string, checks: Check[]): JsonValue | undefined {
  try {
    return parseJson(Buffer.from(text, 'utf8'));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    checks.push({
      name: 'file',
      ok: false,
      detail: `line ${error.line}, column ${error.column}: ${error.message}`,
    });
    return undefined;
  }
}

function contentChecks(s: Statement, demands: Demands): Check[] {
  const type = s.predicateType === VSA_TYPE;
  const checks: Check[] = [
    {
      name: 'type',
      ok: type,
      detail: type
        ? 'a verification summary (SLSA VSA v1)'
        : `expected ${VSA_TYPE}, got ${String(s.predicateType)}`,
    },
  ];
  const said = String(s.predicate?.verificationResult);
  if (demands.passed)
    checks.push({ name: 'result', ok: said === 'PASSED', detail: `the statement says ${said}` });
  if (demands.subject !== undefined) checks.push(subjectCheck(s, demands.subject));
  return checks;
}

function subjectCheck(s: Statement, wanted: string): Check {
  const [algorithm = '', hex = ''] = wanted.toLowerCase().split(':');
  const found = s.subject.find(
    (x) => Object.hasOwn(x.digest ?? {}, algorithm) && x.digest[algorithm] === hex,
  );
  const ok = hex !== '' && found !== undefined;
  return {
    name: 'subject',
    ok,
    detail: ok ? `${wanted} is ${found.name}` : `${wanted} is not what the statement is about`,
  };
}

/** What a verified statement says, in a few lines. */
export function statementLines(s: Statement): string[] {
  const p = s.predicate;
  const detail = p[DECISION_DETAIL] as { decision?: { verdict?: unknown } } | undefined;
  const verdict = detail?.decision?.verdict;
  return [
    `Result: ${String(p.verificationResult)}${verdict === undefined ? '' : ` (the gate's verdict: ${String(verdict)})`}, ${String(p.timeVerified)}`,
    ...s.subject.map(
      (x) =>
        `Subject: ${x.name} ${Object.entries(x.digest)
          .map(([a, d]) => `${a}:${d}`)
          .join(' ')}`,
    ),
  ];
}
