import type { KeyObject } from 'node:crypto';
import { HASH_OF_SIGNATURE } from './algorithms.ts';
import { authorityOf, type Certificate, EXTENSION, keyUsageOf, nameOf, purposesOf } from './certificate.ts';

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const ANY_PURPOSE = '2.5.29.37.0';
const DIGITAL_SIGNATURE = 0;
const NON_REPUDIATION = 1;
const KEY_CERT_SIGN = 5;
const BITS_OF_KEY_USAGE = 9;

/** Longest path that is followed, and links that are tried at most: certificates may be made to cross-sign at will. */
const LONGEST = 8;
const MOST_LINKS = 200;

/**
 * The certificates that may end a path. A self-signed one in what is trusted makes the others steps towards it: a forged signer's
 * certificate slipped in among them must not stand by itself. Without one, those whose issuer is not there.
 */
export function anchorsOf(trusted: readonly Certificate[]): Certificate[] {
  const roots = trusted.filter((c) => c.issuer.equals(c.subject));
  if (roots.length > 0) return roots;
  return trusted.filter((c) => !trusted.some((other) => other !== c && other.subject.equals(c.issuer)));
}

/**
 * Follows a signer's certificate to an anchor, through others that are at hand. Every certificate on the way, the anchor too, must
 * have been valid at `at`. Answers the anchor, or the end of a sentence that says what is wrong with the nearest path.
 */
export function follow(
  signer: Certificate,
  at: Date,
  anchors: readonly Certificate[],
  others: readonly Certificate[],
): { anchor: Certificate } | { problem: string } {
  const pool = unique([...anchors, ...others]);
  let links = 0;
  let problem: string | undefined;
  const step = (path: Certificate[]): Certificate | undefined => {
    const last = path.at(-1)!;
    const unusable = unusableAt(last, at);
    if (unusable !== undefined) {
      problem = unusable;
      return undefined;
    }
    if (anchors.some((a) => a.der.equals(last.der))) return last;
    if (path.length === LONGEST) return undefined;
    for (const issuer of pool) {
      if (path.some((c) => c.der.equals(issuer.der)) || !issuer.subject.equals(last.issuer)) continue;
      if (++links > MOST_LINKS) return undefined;
      const broken = linkProblem(last, issuer, path.length - 1);
      if (broken !== undefined) problem = broken;
      else {
        const found = step([...path, issuer]);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  const anchor = step([signer]);
  if (anchor !== undefined) return { anchor };
  return { problem: problem ?? `the certificate of ${nameOf(signer)} does not lead to one that is trusted` };
}

/** What speaks against this certificate as that of a time-stamping authority (RFC 3161 2.3), or undefined. */
export function signerProblem(c: Certificate): string | undefined {
  const purposes = purposesOf(c);
  const critical = c.extensions.get(EXTENSION.extendedKeyUsage)?.critical === true;
  if (purposes?.length !== 1 || purposes[0] !== TIME_STAMPING || !critical)
    return `the certificate of ${nameOf(c)} is not one for time stamping: its extended key usage must be timeStamping alone, and critical`;
  const usage = keyUsageOf(c);
  if (usage === undefined) return undefined;
  const set = Array.from({ length: BITS_OF_KEY_USAGE }, (_, bit) => bit).filter(usage);
  const signs = set.length > 0 && set.every((bit) => bit === DIGITAL_SIGNATURE || bit === NON_REPUDIATION);
  return signs ? undefined : `the key usage of ${nameOf(c)} is not that of a time-stamping authority`;
}

/** Keys and curves that are too short today prove nothing: whoever breaks one can date anything back. */
export function keyProblem(key: KeyObject): string | undefined {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && bits >= 2048) return undefined;
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  if (key.asymmetricKeyType === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(curve))
    return undefined;
  return 'has a key that is not taken here: RSA of at least 2048 bits, or P-256, P-384 or P-521';
}

function unusableAt(c: Certificate, at: Date): string | undefined {
  if (at < c.from || at > c.until)
    return `the certificate of ${nameOf(c)} was valid from ${c.from.toISOString()} to ${c.until.toISOString()}, not at the time of the stamp`;
  const known: readonly string[] = Object.values(EXTENSION);
  for (const [id, e] of c.extensions)
    if (e.critical && !known.includes(id))
      return `the certificate of ${nameOf(c)} has a critical extension that is not understood here (${id})`;
  const weak = keyProblem(c.x509.publicKey);
  return weak && `the certificate of ${nameOf(c)} ${weak}`;
}

/** `between` certificates stand below the issued one's issuer on this path, the signer's own not counted. */
function linkProblem(issued: Certificate, issuer: Certificate, between: number): string | undefined {
  const authority = authorityOf(issuer);
  const mayIssue = authority.may && (keyUsageOf(issuer)?.(KEY_CERT_SIGN) ?? true);
  if (!mayIssue) return `${nameOf(issuer)} may not issue certificates`;
  if (between > authority.below) return `more certificates stand below ${nameOf(issuer)} than it allows`;
  const purposes = purposesOf(issuer);
  if (purposes && !purposes.includes(TIME_STAMPING) && !purposes.includes(ANY_PURPOSE))
    return `${nameOf(issuer)} may not issue certificates for time stamping`;
  if (!HASH_OF_SIGNATURE.has(issued.algorithm))
    return `the certificate of ${nameOf(issued)} is signed in a way that is not taken here (${issued.algorithm})`;
  const holds = issued.x509.checkIssued(issuer.x509) && issued.x509.verify(issuer.x509.publicKey);
  return holds ? undefined : `${nameOf(issuer)} did not sign the certificate of ${nameOf(issued)}`;
}

const unique = (all: Certificate[]): Certificate[] =>
  all.filter((c, i) => all.findIndex((other) => other.der.equals(c.der)) === i);
