import { createHash } from 'node:crypto';
import type { Random } from '../base/random.ts';
import { TAG, writeDer } from './der.ts';

const SHA256 = Buffer.from('608648016503040201', 'hex');

/** Media types of RFC 3161 3.4. */
export const QUERY_TYPE = 'application/timestamp-query';
export const REPLY_TYPE = 'application/timestamp-reply';

/** SHA-256 of what is stamped. */
export const imprintOf = (body: string | Uint8Array): Buffer => createHash('sha256').update(body).digest();

/** A nonce: 64 bits, positive and of full length, since some services take no longer one. */
export function stampNonce(random: Random): Buffer {
  const nonce = Buffer.from(random.bytes(8));
  nonce[0] = (nonce[0]! & 0x3f) | 0x40;
  return nonce;
}

/**
 * A TimeStampReq (RFC 3161 2.4.1) in DER for the SHA-256 of `body`. It asks for the signer's certificate, so that the answer
 * can be checked with the root alone; only the hash leaves the house.
 */
export function stampRequest(body: string | Uint8Array, nonce: Buffer): Buffer {
  const algorithm = writeDer(TAG.sequence, writeDer(TAG.oid, SHA256), writeDer(TAG.null));
  return writeDer(
    TAG.sequence,
    writeDer(TAG.integer, Buffer.from([1])),
    writeDer(TAG.sequence, algorithm, writeDer(TAG.octets, imprintOf(body))),
    writeDer(TAG.integer, nonce),
    writeDer(TAG.boolean, Buffer.from([0xff])),
  );
}
