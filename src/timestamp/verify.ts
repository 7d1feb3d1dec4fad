import { createHash, type KeyObject, verify } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { HASH_OF_SIGNATURE, RSA } from './algorithms.ts';
import { type Certificate, nameOf, readChain } from './certificate.ts';
import { type Der, expect, Malformed, oidOf, readDer, TAG, within } from './der.ts';
import { anchorsOf, follow, keyProblem, signerProblem } from './path.ts';
import { imprintOf } from './request.ts';
import { algorithmOf, readResponse, type StampToken } from './response.ts';

/** Longest answer of an authority that is read, in bytes. */
export const MAX_STAMP_BYTES = 65_536;

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SUBJECT_KEY_ID = '2.5.29.14';

export interface StampCheck {
  /** A TimeStampResp in DER, as the authority sent it. */
  tsr: Uint8Array;
  /** What is said to be stamped. */
  body: string | Uint8Array;
  /** Certificates whose word is taken, in PEM: the authority's root, and what lies between it and the authority. */
  chainPem: string;
  /** The nonce of the request; left out when the stamp is checked later. */
  nonce?: Buffer;
  /** Certificates that may stand in between, but are not trusted, in PEM. */
  morePem?: string;
}

/** What a check of a stamp found. `at` is there exactly when `ok`. */
export interface StampVerdict {
  ok: boolean;
  /** When the authority saw the hash of the body. */
  at?: Date;
  /** Whose certificate signed. */
  by?: string;
  /** The trusted certificate it leads to; `sha256` in hex with colons, as `openssl x509 -fingerprint` shows it. */
  anchor?: { name: string; sha256: string };
  /** A sentence that says what is wrong. */
  problem?: string;
}

/**
 * Checks a time stamp (RFC 3161): it was given, is over the SHA-256 of `body`, answers this nonce, is signed by a certificate for
 * time stamping that leads to a trusted one, and all of them were valid at its time. Never throws, whatever the bytes. Whether a
 * certificate was revoked is not looked up.
 */
export function verifyStamp(check: StampCheck): StampVerdict {
  try {
    if (check.tsr.length > MAX_STAMP_BYTES)
      return no(`a time stamp has at most ${MAX_STAMP_BYTES} bytes, got ${check.tsr.length}`);
    const answer = readResponse(check.tsr);
    if ('refused' in answer) return no(`the time-stamping authority ${answer.refused}`);
    return verifyToken(answer.token, check);
  } catch (error) {
    if (error instanceof Malformed) return no(`the time stamp ${error.message}`);
    if (error instanceof Failure) return no(error.message);
    return no('the time stamp cannot be read');
  }
}

function verifyToken(token: StampToken, check: StampCheck): StampVerdict {
  const { info } = token;
  if (info.hash !== 'sha256' || !info.imprint.equals(imprintOf(check.body)))
    return no('the time stamp is over something else: its imprint is not the SHA-256 of this text');
  if (check.nonce && !info.nonce?.equals(check.nonce))
    return no('the time stamp does not answer this request: its nonce is another one');
  const trusted = readChain(check.chainPem);
  const more = check.morePem === undefined ? [] : readChain(check.morePem);
  const signer = signerOf(token, [...trusted, ...more, ...token.certificates]);
  if (signer === undefined)
    return no('the certificate that signed the time stamp is neither in it nor among those given');
  const problem = signerProblem(signer) ?? signatureProblem(token, signer);
  if (problem !== undefined) return no(problem);
  const found = follow(signer, info.at, anchorsOf(trusted), [...trusted, ...more, ...token.certificates]);
  if ('problem' in found) return no(found.problem);
  const { anchor } = found;
  return {
    ok: true,
    at: info.at,
    by: nameOf(signer),
    anchor: { name: nameOf(anchor), sha256: anchor.x509.fingerprint256 },
  };
}

/** The certificate the signer names, and which the signature itself names by its hash (RFC 5035). */
function signerOf(token: StampToken, all: readonly Certificate[]): Certificate | undefined {
  const { issuer, serial, keyId } = token.signer;
  return all.find((c) => {
    const named = keyId
      ? keyIdOf(c)?.equals(keyId)
      : issuer && serial && c.issuer.equals(issuer) && c.serial.equals(serial);
    return named === true && isSigningCertificate(token, c);
  });
}

/** Without this attribute a certificate could be put in the place of another one with the same key. */
function isSigningCertificate(token: StampToken, c: Certificate): boolean {
  const { attribute } = token.signer;
  const v2 = attribute.get(SIGNING_CERTIFICATE_V2);
  const v1 = attribute.get(SIGNING_CERTIFICATE);
  const fits = (value: Der) => {
    const [list] = within(value, TAG.sequence, 'a signing certificate');
    const [first] = within(list, TAG.sequence, 'signing certificates');
    const parts = within(first, TAG.sequence, 'a signing certificate');
    const named = parts[0]?.tag === TAG.sequence;
    const hash = value === v1 ? 'sha1' : named ? algorithmOf(parts[0]) : 'sha256';
    const digest = expect(parts[named ? 1 : 0], TAG.octets, 'the hash of a certificate').value;
    return createHash(hash).update(c.der).digest().equals(digest);
  };
  if (v1 === undefined && v2 === undefined)
    throw new Malformed('does not name the certificate it was signed with (RFC 3161 asks for it)');
  return (v2 === undefined || fits(v2)) && (v1 === undefined || fits(v1));
}

function signatureProblem(token: StampToken, c: Certificate): string | undefined {
  const { signer, content } = token;
  const type = signer.attribute.get(CONTENT_TYPE);
  const digest = expect(signer.attribute.get(MESSAGE_DIGEST), TAG.octets, 'a digest of its content').value;
  if (oidOf(type, 'a type of content') !== TST_INFO)
    return 'the time stamp signs something other than a time';
  if (!createHash(signer.digest).update(content).digest().equals(digest))
    return 'the signed time was changed: its digest is not the one that was signed';
  const hash =
    HASH_OF_SIGNATURE.get(signer.algorithm) ?? (signer.algorithm === RSA ? signer.digest : undefined);
  if (hash === undefined)
    return `the time stamp is signed in a way that is not taken here (${signer.algorithm})`;
  const key = c.x509.publicKey;
  const weak = keyProblem(key);
  if (weak !== undefined) return `the certificate of ${nameOf(c)} ${weak}`;
  // What is signed is the set itself; in the token its tag is the one of its place (RFC 5652 5.4).
  const signed = Buffer.from(signer.attributes.bytes);
  signed[0] = TAG.set;
  const holds = sameKind(signer.algorithm, key) && verify(hash, signed, key, signer.signature);
  return holds ? undefined : `the signature of ${nameOf(c)} does not fit the time stamp: it was changed`;
}

const sameKind = (algorithm: string, key: KeyObject): boolean =>
  algorithm.startsWith('1.2.840.113549.1.1.') === (key.asymmetricKeyType === 'rsa');

function keyIdOf(c: Certificate): Buffer | undefined {
  const e = c.extensions.get(SUBJECT_KEY_ID);
  return e && expect(readDer(e.value), TAG.octets, 'the identifier of a key').value;
}

const no = (problem: string): StampVerdict => ({ ok: false, problem: `${problem}.` });
