import {
  createHash,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { canonicalJson } from '../base/canonical.ts';
import { STATEMENT_TYPE, type Statement } from './statement.ts';

/**
 * DSSE envelopes (Dead Simple Signing Envelope 1.0.2) around in-toto statements, signed with ECDSA P-256 over
 * SHA-256: the one algorithm that every checking tool accepts.
 */

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export interface Envelope {
  /** Canonical JSON of the statement, base64. */
  readonly payload: string;
  readonly payloadType: string;
  /** Exactly one. `sig` is DER, base64; `keyid` the base64 SHA-256 of the public key (SPKI, DER). */
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

export type Verification =
  | { readonly valid: true; readonly statement: Statement }
  | { readonly valid: false; readonly why: string };

/**
 * Checks an envelope with OpenSSL and nothing of ours. `vsa.json` is the envelope, `gate.pem` the public key of the
 * gate. Answers `Verified OK`, or `Verification failure` and exit code 1.
 */
export const OPENSSL_CHECK = `
type=application/vnd.in-toto+json
sed 's/.*"payload":"\\([^"]*\\)".*/\\1/' vsa.json | openssl base64 -d -A > payload
sed 's/.*"sig":"\\([^"]*\\)".*/\\1/' vsa.json | openssl base64 -d -A > sig
printf 'DSSEv1 %d %s %d ' \${#type} "$type" $(wc -c < payload) | cat - payload > pae
openssl dgst -sha256 -verify gate.pem -signature sig pae
`.trim();

/** Pre-authentication encoding: what is signed. Lengths are in bytes. */
export function pae(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** Base64 SHA-256 of the public key in SPKI DER; also for the private key it belongs to. */
export function keyId(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

/** Signs a statement. Throws when the key is not an ECDSA P-256 private key. */
export function sign(statement: Statement, privateKey: KeyObject): Envelope {
  demandP256(privateKey, 'private');
  const payload = Buffer.from(canonicalJson(statement), 'utf8');
  const sig = signBytes('sha256', pae(PAYLOAD_TYPE, payload), { key: privateKey, dsaEncoding: 'der' });
  return {
    payload: payload.toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: keyId(privateKey), sig: sig.toString('base64') }],
  };
}

/** The envelope as text: one line, so that line-based tools can take it apart. */
export const envelopeText = (e: Envelope): string => canonicalJson(e);

/**
 * Whether the envelope holds a statement signed with this key. Strict on purpose: one signature, this key's id,
 * base64 in its only spelling, nothing besides; a file that differs in one bit is never valid. Never throws.
 */
export function verifyEnvelope(envelope: unknown, publicKey: KeyObject): Verification {
  const no = (why: string): Verification => ({ valid: false, why });
  if (!isEnvelope(envelope)) return no('this is not a DSSE envelope with exactly one signature');
  if (envelope.payloadType !== PAYLOAD_TYPE) return no(`the payload type is not ${PAYLOAD_TYPE}`);
  const signature = envelope.signatures[0]!;
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    return no('the key is not an ECDSA P-256 key');
  if (signature.keyid !== keyId(publicKey)) return no('it was signed with another key');
  const payload = strictBase64(envelope.payload);
  const sig = strictBase64(signature.sig);
  if (!payload || !sig) return no('the payload or the signature is not proper base64');
  if (!isSignedBy(payload, sig, publicKey))
    return no('the signature does not fit the payload: one of them was changed');
  const statement = parseStatement(payload);
  return statement ? { valid: true, statement } : no('the payload is not an in-toto statement');
}

function isSignedBy(payload: Buffer, sig: Buffer, publicKey: KeyObject): boolean {
  try {
    return verifyBytes('sha256', pae(PAYLOAD_TYPE, payload), { key: publicKey, dsaEncoding: 'der' }, sig);
  } catch {
    return false;
  }
}

function demandP256(key: KeyObject, type: 'private' | 'public'): void {
  if (
    key.type !== type ||
    key.asymmetricKeyType !== 'ec' ||
    key.asymmetricKeyDetails?.namedCurve !== 'prime256v1'
  )
    throw new TypeError(
      `expected an ECDSA P-256 ${type} key, got ${key.type} ${key.asymmetricKeyType ?? 'key'}`,
    );
}

/** Bytes of base64 text; undefined when another spelling would give the same bytes. */
function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

const hasExactly = (v: unknown, names: readonly string[]): v is Record<string, unknown> =>
  typeof v === 'object' &&
  v !== null &&
  !Array.isArray(v) &&
  Object.keys(v).sort().join() === [...names].sort().join();

function isEnvelope(v: unknown): v is Envelope {
  if (!hasExactly(v, ['payload', 'payloadType', 'signatures'])) return false;
  if (typeof v.payload !== 'string' || typeof v.payloadType !== 'string' || !Array.isArray(v.signatures))
    return false;
  const only: unknown = v.signatures[0];
  return (
    v.signatures.length === 1 &&
    hasExactly(only, ['keyid', 'sig']) &&
    typeof only.keyid === 'string' &&
    typeof only.sig === 'string'
  );
}

function parseStatement(payload: Buffer): Statement | undefined {
  try {
    const v = JSON.parse(payload.toString('utf8')) as Partial<Statement> | null;
    return v?._type === STATEMENT_TYPE && Array.isArray(v.subject) ? (v as Statement) : undefined;
  } catch {
    return undefined;
  }
}
