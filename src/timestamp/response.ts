import { HASHES } from './algorithms.ts';
import { type Certificate, MAX_CERTIFICATES, readCertificate } from './certificate.ts';
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

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';

/** What the authority signed (RFC 3161 2.4.2, TSTInfo). */
export interface StampInfo {
  /** Object identifier of the hash, and the hash of what was stamped. */
  hash: string;
  imprint: Buffer;
  at: Date;
  /** Bytes of the integer. */
  nonce?: Buffer;
  policy: string;
}

/** A time-stamp token (CMS signed data, RFC 5652) taken apart; nothing in it is verified. */
export interface StampToken {
  info: StampInfo;
  /** TSTInfo as it was signed. */
  content: Buffer;
  certificates: Certificate[];
  signer: {
    /** Who signed: issuer and serial number, or the identifier of the key. */
    issuer?: Buffer;
    serial?: Buffer;
    keyId?: Buffer;
    digest: string;
    /** The signed attributes as they stand, and each by its object identifier. */
    attributes: Der;
    attribute: ReadonlyMap<string, Der>;
    algorithm: string;
    signature: Buffer;
  };
}

/** What an authority answered: a token, or the end of a sentence why not. */
export type StampAnswer = { token: StampToken } | { refused: string };

const STATUS = ['granted', 'granted with changes', 'rejected', 'waiting', 'revocation warning', 'revocation'];
const FAILURES: Readonly<Record<number, string>> = {
  0: 'it does not know the hash function',
  2: 'it does not take this request',
  5: 'it cannot read the request',
  14: 'its clock is not available',
  15: 'it does not know the policy',
  16: 'it does not know an extension',
  17: 'it cannot give the extra information asked for',
  25: 'it has a fault of its own',
};

/** Takes a TimeStampResp (RFC 3161 2.4.2) in DER apart. Throws Malformed. */
export function readResponse(tsr: Uint8Array): StampAnswer {
  const [info, token, ...more] = within(readDer(tsr), TAG.sequence, 'an answer');
  const [status, ...rest] = within(info, TAG.sequence, 'a status');
  const code = smallOf(status, 'a status');
  if (code > 1) {
    const bits = rest.find((r) => r.tag === TAG.bits)?.value ?? Buffer.alloc(0);
    const why = Object.entries(FAILURES).find(([bit]) => isSet(bits, Number(bit)))?.[1];
    return { refused: `answers "${STATUS[code] ?? `status ${code}`}"${why ? `: ${why}` : ''}` };
  }
  if (token === undefined) throw new Malformed('says that a stamp was given, and holds none');
  if (more.length > 0) throw new Malformed('holds more than a status and a stamp');
  return { token: readToken(token) };
}

function readToken(token: Der): StampToken {
  const [type, wrapped] = within(token, TAG.sequence, 'a stamp');
  if (oidOf(type, 'a type of content') !== SIGNED_DATA) throw new Malformed('holds no signed data');
  const [data] = within(wrapped, context(0), 'signed data');
  const parts = within(data, TAG.sequence, 'signed data');
  const [, , encapsulated] = parts;
  const [contentType, explicit] = within(encapsulated, TAG.sequence, 'signed content');
  if (oidOf(contentType, 'a type of content') !== TST_INFO)
    throw new Malformed('signs something other than a time');
  const content = expect(
    within(explicit, context(0), 'signed content')[0],
    TAG.octets,
    'signed content',
  ).value;
  const given = parts.slice(3).find((p) => p.tag === context(0));
  const signers = within(parts.at(-1), TAG.set, 'signers');
  if (signers.length !== 1) throw new Malformed(`is signed by ${signers.length} signers, not by one`);
  return {
    info: readInfo(content),
    content,
    certificates: certificatesOf(given),
    signer: readSigner(signers[0]!),
  };
}

function readInfo(content: Buffer): StampInfo {
  const [version, policy, imprint, serial, at, ...rest] = within(readDer(content), TAG.sequence, 'a time');
  if (smallOf(version, 'a version') !== 1) throw new Malformed('is of a version other than 1');
  integerOf(serial, 'a serial number');
  const [algorithm, hashed, ...more] = within(imprint, TAG.sequence, 'an imprint');
  if (more.length > 0) throw new Malformed('holds more in its imprint than a hash');
  const nonce = rest.find((r) => r.tag === TAG.integer);
  for (const extension of criticalIn(rest.find((r) => r.tag === context(1))))
    throw new Malformed(`has a critical extension that is not understood here (${extension})`);
  return {
    hash: algorithmOf(algorithm),
    imprint: expect(hashed, TAG.octets, 'a hash').value,
    at: timeOf(expect(at, TAG.time, 'a time'), 'a time'),
    ...(nonce ? { nonce: integerOf(nonce, 'a nonce') } : {}),
    policy: oidOf(policy, 'a policy'),
  };
}

function readSigner(signer: Der): StampToken['signer'] {
  const parts = within(signer, TAG.sequence, 'a signer');
  const [, id, digest, attributes, algorithm, signature] = parts;
  const list = within(attributes, context(0), 'signed attributes');
  const attribute = new Map<string, Der>();
  for (const one of list) {
    const [type, values] = within(one, TAG.sequence, 'an attribute');
    const oid = oidOf(type, 'an attribute');
    const [value, ...more] = within(values, TAG.set, 'values of an attribute');
    // Which of two would count? Readers differ, and a stamp could say two things.
    if (attribute.has(oid) || value === undefined || more.length > 0)
      throw new Malformed(`does not have exactly one value of the signed attribute ${oid}`);
    attribute.set(oid, value);
  }
  return {
    ...idOf(id),
    digest: algorithmOf(digest),
    attributes: attributes!,
    attribute,
    algorithm: oidOf(within(algorithm, TAG.sequence, 'an algorithm')[0], 'an algorithm'),
    signature: expect(signature, TAG.octets, 'a signature').value,
  };
}

function idOf(id: Der | undefined): { issuer?: Buffer; serial?: Buffer; keyId?: Buffer } {
  if (id?.tag === 0x80) return { keyId: id.value };
  const [issuer, serial] = within(id, TAG.sequence, 'the name of a signer');
  return {
    issuer: expect(issuer, TAG.sequence, 'an issuer').bytes,
    serial: integerOf(serial, 'a serial number'),
  };
}

/** The hash an AlgorithmIdentifier names, as node:crypto calls it. */
export function algorithmOf(element: Der | undefined): string {
  const oid = oidOf(within(element, TAG.sequence, 'an algorithm')[0], 'an algorithm');
  const hash = HASHES.get(oid);
  if (hash === undefined) throw new Malformed(`uses a hash function that is not taken here (${oid})`);
  return hash;
}

/** Certificates that came along; other forms than X.509 are passed over. */
function certificatesOf(given: Der | undefined): Certificate[] {
  if (given === undefined) return [];
  const all = within(given, context(0), 'certificates').filter((c) => c.tag === TAG.sequence);
  if (all.length > MAX_CERTIFICATES)
    throw new Malformed(`carries ${all.length} certificates; at most ${MAX_CERTIFICATES} are read`);
  return all.map((c) => readCertificate(c.bytes));
}

function criticalIn(extensions: Der | undefined): string[] {
  if (extensions === undefined) return [];
  return within(extensions, context(1), 'extensions')
    .map((e) => within(e, TAG.sequence, 'an extension'))
    .filter((parts) => parts[1]?.tag === TAG.boolean && parts[1].value[0] !== 0)
    .map((parts) => oidOf(parts[0], 'an extension'));
}

const isSet = (bits: Buffer, bit: number): boolean =>
  ((bits[1 + Math.floor(bit / 8)] ?? 0) & (0x80 >> (bit % 8))) !== 0;
