import { createHash, createPrivateKey, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { context, readDer, TAG, within, writeDer } from '../der.ts';
import { imprintOf } from '../request.ts';

/** What a stamp is made of; everything can be made wrong. For tests only. */
export interface Forged {
  body: string;
  at: Date | string;
  nonce?: Buffer;
  /** Certificate that is said to have signed, and the key that did. */
  signerPem: string;
  keyPem: string;
  /** Certificates put into the stamp; the signer's unless told. */
  certificates?: string[];
  hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  imprintHash?: 'sha256' | 'sha512';
  /** Identifier of the signature algorithm; the one that fits unless told. */
  algorithm?: string;
  status?: number;
  /** Leaves out or repeats a signed attribute. */
  without?: 'contentType' | 'messageDigest' | 'signingCertificate' | 'attributes';
  twice?: boolean;
  essV1?: boolean;
  bySubjectKeyId?: boolean;
  signers?: number;
  version?: number;
  criticalExtension?: boolean;
  contentType?: string;
  innerType?: string;
}

const HASH_OID = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const EC_SIGNATURE = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const TST = '1.2.840.113549.1.9.16.1.4';

export const oid = (dotted: string): Buffer => {
  const [a, b, ...rest] = dotted.split('.').map(Number);
  const bytes = [a! * 40 + b!, ...rest].flatMap((arc) => {
    const out = [arc % 128];
    for (let n = Math.floor(arc / 128); n > 0; n = Math.floor(n / 128)) out.unshift((n % 128) | 0x80);
    return out;
  });
  return writeDer(TAG.oid, Buffer.from(bytes));
};

const integer = (n: number): Buffer => writeDer(TAG.integer, Buffer.from([n]));
const sequence = (...parts: Uint8Array[]): Buffer => writeDer(TAG.sequence, ...parts);
const time = (at: Date | string): Buffer =>
  writeDer(TAG.time, Buffer.from(typeof at === 'string' ? at : at.toISOString().replace(/[-:T]|\.\d+/g, '')));

/** A TimeStampResp built from nothing, signed with the key given. */
export function forge(f: Forged): Buffer {
  const hash = f.hash ?? 'sha256';
  const x509 = new X509Certificate(f.signerPem);
  const imprintHash = f.imprintHash ?? 'sha256';
  const imprint =
    imprintHash === 'sha256' ? imprintOf(f.body) : createHash(imprintHash).update(f.body).digest();
  const content = sequence(
    integer(f.version ?? 1),
    oid('1.2.3.4.1'),
    sequence(sequence(oid(HASH_OID[imprintHash])), writeDer(TAG.octets, imprint)),
    integer(7),
    time(f.at),
    ...(f.nonce ? [writeDer(TAG.integer, f.nonce)] : []),
    ...(f.criticalExtension
      ? [
          writeDer(
            context(1),
            sequence(oid('1.2.3.4'), writeDer(TAG.boolean, Buffer.from([0xff])), writeDer(TAG.octets)),
          ),
        ]
      : []),
  );
  const attribute = (type: string, ...values: Buffer[]) => sequence(oid(type), writeDer(TAG.set, ...values));
  const certHash = (name: string) => writeDer(TAG.octets, createHash(name).update(x509.raw).digest());
  const ess = f.essV1
    ? attribute('1.2.840.113549.1.9.16.2.12', sequence(sequence(sequence(certHash('sha1')))))
    : attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(certHash('sha256')))));
  const digest = writeDer(TAG.octets, createHash(hash).update(content).digest());
  const attributes = [
    ...(f.without === 'contentType' ? [] : [attribute('1.2.840.113549.1.9.3', oid(f.innerType ?? TST))]),
    ...(f.without === 'messageDigest' ? [] : [attribute('1.2.840.113549.1.9.4', digest)]),
    ...(f.twice ? [attribute('1.2.840.113549.1.9.4', digest)] : []),
    ...(f.without === 'signingCertificate' ? [] : [ess]),
  ];
  const key = createPrivateKey(f.keyPem);
  const rsa = createPublicKey(f.keyPem).asymmetricKeyType === 'rsa';
  const signature = sign(hash, f.without === 'attributes' ? content : writeDer(TAG.set, ...attributes), key);
  const [tbs] = within(readDer(x509.raw), TAG.sequence, 'a certificate');
  const fields = within(tbs, TAG.sequence, 'a body').slice(1);
  const keyIdAt = x509.raw.indexOf(Buffer.from('0603551d0e', 'hex'));
  const id = f.bySubjectKeyId
    ? writeDer(0x80, x509.raw.subarray(keyIdAt + 9, keyIdAt + 29))
    : sequence(fields[2]!.bytes, fields[0]!.bytes);
  const signer = sequence(
    integer(1),
    id,
    sequence(oid(HASH_OID[hash])),
    ...(f.without === 'attributes' ? [] : [writeDer(context(0), ...attributes)]),
    sequence(oid(f.algorithm ?? (rsa ? '1.2.840.113549.1.1.1' : EC_SIGNATURE[hash]))),
    writeDer(TAG.octets, signature),
  );
  const data = sequence(
    integer(3),
    writeDer(TAG.set, sequence(oid(HASH_OID[hash]))),
    sequence(oid(f.contentType ?? TST), writeDer(context(0), writeDer(TAG.octets, content))),
    writeDer(context(0), ...(f.certificates ?? [f.signerPem]).map((pem) => new X509Certificate(pem).raw)),
    writeDer(TAG.set, ...Array.from({ length: f.signers ?? 1 }, () => signer)),
  );
  const token = sequence(oid('1.2.840.113549.1.7.2'), writeDer(context(0), data));
  return sequence(sequence(integer(f.status ?? 0)), token);
}
