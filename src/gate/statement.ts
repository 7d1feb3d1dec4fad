import { digestOf } from '../base/canonical.ts';
import { linksOf } from '../register/rec.ts';
import { weigh } from './approvals.ts';
import { textOf } from './reading.ts';
import type { Basis, GateResult } from './result.ts';
import { isWithdrawn } from './runs.ts';
import type { GateInput } from './surroundings.ts';

/** in-toto Statement v1 (https://in-toto.io/Statement/v1). */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** SLSA Verification Summary Attestation v1: predicate type. */
export const VSA_TYPE = 'https://slsa.dev/verification_summary/v1';
/** Our level in a VSA that says PASSED. Levels of one's own must not begin with `SLSA_`. */
export const ALLOWED_LEVEL = 'AIMS_RELEASE_ALLOWED';
/** What was let through without all that its class demands must not pass for what was not. */
const LEVELS: Readonly<Record<Basis, string>> = {
  approvals: ALLOWED_LEVEL,
  envelope: ALLOWED_LEVEL,
  emergency: 'AIMS_EMERGENCY_ALLOWED',
  useClearance: 'AIMS_USE_CLEARED',
};
/** Name of the extension member with the gate's own detail; the VSA specification asks for a URI. */
export const DECISION_DETAIL = 'urn:openaims:attestation:ai-release-decision:v1';

export type DigestSet = Readonly<Record<string, string>>;

export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly { readonly name: string; readonly digest: DigestSet }[];
  readonly predicateType: typeof VSA_TYPE;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** What the installation knows and the gate does not. */
export interface AttestationContext {
  /** URI of the gate that decides, and the version of this software. */
  readonly verifierId: string;
  readonly version: string;
  /** URI of the release. */
  readonly resourceUri: string;
  /** URI of the policy. */
  readonly policyUri: string;
  /** The published log before the decision: what the gate could know. */
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string };
}

/** `sha256:ab…` as a digest set; an empty one when it is no digest. */
export function digestSet(digest: string | undefined): DigestSet {
  const m = /^(sha256|sha384|sha512):([0-9a-f]+)$/.exec(digest ?? '');
  return m ? { [m[1]!]: m[2]! } : {};
}

/**
 * The decision as a statement that anyone can check: a VSA over the release and its components. Refusals and
 * insufficient evidence are FAILED: an allowance alone would be a one-sided record. It names no person, so that it
 * can be published; people stand in the decision records it refers to.
 */
export function buildStatement(input: GateInput, result: GateResult, context: AttestationContext): Statement {
  const allowed = result.verdict === 'allow';
  return {
    _type: STATEMENT_TYPE,
    subject: subjectsOf(input),
    predicateType: VSA_TYPE,
    predicate: {
      verifier: { id: context.verifierId, version: { openaims: context.version } },
      timeVerified: result.evaluatedAt,
      resourceUri: context.resourceUri,
      policy: { uri: context.policyUri, digest: digestSet(result.policy.digest) },
      inputAttestations: inputsOf(input),
      verificationResult: allowed ? 'PASSED' : 'FAILED',
      verifiedLevels: [allowed ? LEVELS[result.basis] : 'FAILED'],
      [DECISION_DETAIL]: detailOf(input, result, context),
    },
  };
}

/** The release first, then its components in the order of the release. What has no digest cannot be a subject. */
function subjectsOf(input: GateInput): Statement['subject'] {
  const parts = linksOf(input.release, 'components')
    .map((ref) => input.components.find((c) => c.ref === ref))
    .filter((c) => c !== undefined)
    .filter((c) => Object.keys(digestSet(textOf(c, 'digest'))).length > 0);
  return [
    { name: input.release.ref, digest: digestSet(input.releaseDigest) },
    ...parts.map((c) => ({ name: c.ref, digest: digestSet(textOf(c, 'digest')) })),
  ];
}

/** All evidence files. The specification allows the list only when it is complete. */
function inputsOf(input: GateInput): { uri: string; digest: DigestSet }[] {
  return [...input.evidence]
    .filter((e) => textOf(e, 'file') !== undefined)
    .sort((a, b) => (a.ref < b.ref ? -1 : 1))
    .map((e) => ({ uri: `urn:openaims:evidence:${e.ref}`, digest: digestSet(textOf(e, 'file')) }));
}

function detailOf(
  input: GateInput,
  result: GateResult,
  context: AttestationContext,
): Record<string, unknown> {
  const approvals = weigh(input, input.release, 'approve');
  return {
    decision: { verdict: result.verdict, at: result.evaluatedAt, gateVersion: context.version },
    release: {
      ref: result.release,
      version: textOf(input.release, 'releaseVersion') ?? null,
      digest: result.subject,
    },
    system: {
      ref: result.system.ref,
      riskClass: result.riskClass,
      isoRoles: input.system.values.isoRoles ?? [],
    },
    basis: result.basis,
    policy: result.policy,
    // Ids and references only: the sentences name people.
    checks: result.checks.map((c) => ({
      id: c.id,
      status: c.status,
      records: recordsOf(c),
      messages: [...new Set(c.reasons.map((r) => r.message))].sort(),
    })),
    notChecked: result.notChecked.map((n) => n.id),
    tests: [...input.runs].map((r) => ({
      ref: r.ref,
      evidence: linksOf(r, 'evidence'),
      figures: digestOf(r.values),
      ...(isWithdrawn(input, r) ? { withdrawn: true } : {}),
    })),
    approvals: approvals.counted.map((d) => ({
      decision: d.ref,
      role: d.values.role ?? null,
      method: d.values.method ?? null,
    })),
    risks: input.risks.map((r) => r.ref),
    withoutDigest: input.components
      .filter((c) => Object.keys(digestSet(textOf(c, 'digest'))).length === 0)
      .map((c) => c.ref),
    log: context.checkpoint,
  };
}

const recordsOf = (check: GateResult['checks'][number]): string[] =>
  [...new Set(check.reasons.flatMap((r) => r.records))].filter((r) => !r.startsWith('PSN-')).sort();
