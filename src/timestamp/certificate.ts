import { X509Certificate } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import {
  context,
  type Der,
  expect,
  integerOf,
  Malformed,
  oidOf,
  readDer,
  smallOf,
  TAG,
  timeOf,
  within,
} from './der.ts';

/** Most certificates in one file or stamp; each costs a signature check. */
export const MAX_CERTIFICATES = 20;
/** Longest file of certificates that is read, in characters. */
export const MAX_CHAIN = 65_536;

/** Extensions of RFC 5280 that are understood here; any other one that is critical makes a certificate unusable. */
export const EXTENSION = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** A certificate (RFC 5280) with the parts that name it, as they are written. */
export interface Certificate {
  x509: X509Certificate;
  der: Buffer;
  serial: Buffer;
  issuer: Buffer;
  subject: Buffer;
  /** First and last moment of its validity. */
  from: Date;
  until: Date;
  /** Object identifier of the algorithm it was signed with. */
  algorithm: string;
  extensions: ReadonlyMap<string, { critical: boolean; value: Buffer }>;
}

/** Reads one certificate in DER. Throws Malformed. */
export function readCertificate(der: Uint8Array): Certificate {
  const whole = readDer(der);
  const [tbs, algorithm] = within(whole, TAG.sequence, 'a certificate');
  const fields = within(tbs, TAG.sequence, 'the body of a certificate');
  if (fields[0]?.tag === context(0)) fields.shift();
  const [serial, , issuer, validity, subject] = fields;
  const [from, until] = within(validity, TAG.sequence, 'the validity of a certificate');
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(whole.bytes);
  } catch {
    throw new Malformed('holds a certificate that cannot be read');
  }
  return {
    x509,
    der: whole.bytes,
    serial: integerOf(serial, 'a serial number'),
    issuer: expect(issuer, TAG.sequence, 'an issuer').bytes,
    subject: expect(subject, TAG.sequence, 'a subject').bytes,
    from: timeOf(from, 'the begin of a validity'),
    until: timeOf(until, 'the end of a validity'),
    algorithm: oidOf(within(algorithm, TAG.sequence, 'an algorithm')[0], 'an algorithm'),
    extensions: extensionsOf(fields.find((f) => f.tag === context(3))),
  };
}

/** Purposes of the extended key usage, or undefined when the certificate does not restrict them. */
export function purposesOf(c: Certificate): string[] | undefined {
  const e = c.extensions.get(EXTENSION.extendedKeyUsage);
  if (e === undefined) return undefined;
  return within(readDer(e.value), TAG.sequence, 'an extended key usage').map((p) => oidOf(p, 'a purpose'));
}

/** Is this bit of the key usage (RFC 5280 4.2.1.3, counted from 0) set? Undefined when it does not restrict its use. */
export function keyUsageOf(c: Certificate): ((bit: number) => boolean) | undefined {
  const e = c.extensions.get(EXTENSION.keyUsage);
  if (e === undefined) return undefined;
  const { value } = expect(readDer(e.value), TAG.bits, 'a key usage');
  return (bit) => ((value[1 + Math.floor(bit / 8)] ?? 0) & (0x80 >> (bit % 8))) !== 0;
}

/** Whether it may issue certificates, and how many more may stand below it. */
export function authorityOf(c: Certificate): { may: boolean; below: number } {
  const e = c.extensions.get(EXTENSION.basicConstraints);
  if (e === undefined) return { may: false, below: 0 };
  const [ca, below] = within(readDer(e.value), TAG.sequence, 'basic constraints');
  const may = ca?.tag === TAG.boolean && ca.value.length === 1 && ca.value[0] === 0xff;
  return { may, below: below === undefined ? Number.POSITIVE_INFINITY : smallOf(below, 'a path length') };
}

/** One line that says whose it is, for messages. */
export const nameOf = (c: Certificate): string =>
  c.x509.subject.split('\n').reverse().join(', ').slice(0, 200);

/**
 * Reads PEM certificates; text around them is passed over. Throws Failure INVALID when there is none, when one cannot be read,
 * and when a private key is among them: that belongs in no file that is handed on.
 */
export function readChain(pem: string): Certificate[] {
  const bad = (message: string) => new Failure('INVALID', message, [{ path: '/chain', message }]);
  if (pem.length > MAX_CHAIN)
    throw bad(`the certificates have ${pem.length} characters; at most ${MAX_CHAIN} are read`);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw bad('a private key stands among the certificates; take it out, and hold it to be known to others');
  const blocks = [
    ...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g),
  ];
  if (blocks.length === 0)
    throw bad('expected certificates in PEM form (-----BEGIN CERTIFICATE-----), found none');
  if (blocks.length > MAX_CERTIFICATES)
    throw bad(`at most ${MAX_CERTIFICATES} certificates are read, got ${blocks.length}`);
  return blocks.map((block, i) => {
    try {
      return readCertificate(Buffer.from(block[1]!, 'base64'));
    } catch (error) {
      if (error instanceof Malformed) throw bad(`certificate ${i + 1} ${error.message}`);
      throw error;
    }
  });
}

function extensionsOf(field: Der | undefined): Certificate['extensions'] {
  const found = new Map<string, { critical: boolean; value: Buffer }>();
  if (field === undefined) return found;
  const [list] = within(field, context(3), 'extensions');
  for (const extension of within(list, TAG.sequence, 'extensions')) {
    const parts = within(extension, TAG.sequence, 'an extension');
    const id = oidOf(parts[0], 'an extension');
    if (found.has(id)) throw new Malformed('holds a certificate with the same extension twice');
    const critical = parts.length === 3 && expect(parts[1], TAG.boolean, 'a criticality').value[0] !== 0;
    found.set(id, { critical, value: expect(parts.at(-1), TAG.octets, 'an extension').value });
  }
  return found;
}
