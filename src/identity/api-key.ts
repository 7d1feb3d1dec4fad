import { sha256Hex } from '../base/canonical.ts';
import { type Random, secretToken } from '../base/random.ts';
import type { Statement } from './connections.ts';

/** `aims_` and 32 random bytes. The beginning lets secret scanners and people recognise a key. */
const FORM = /^aims_[A-Za-z0-9_-]{43}$/;

/** What a key's secret is stored as, or undefined when the text cannot be a key. */
export function apiKeyHash(secret: string): string | undefined {
  return FORM.test(secret) ? sha256Hex(secret) : undefined;
}

/**
 * A new key for the record `keyRef`. `secret` is shown once; the statement stores only its SHA-256. The caller runs
 * it as `aims_app` in the transaction that writes the record; without the record in state `active` the key is void.
 */
export function issueApiKey(
  random: Random,
  o: { organisation: number; keyRef: string },
): { secret: string; statement: Statement } {
  const secret = `aims_${secretToken(random)}`;
  return {
    secret,
    statement: {
      text: 'insert into api_key (organisation, key_ref, key_hash) values ($1, $2, $3)',
      values: [o.organisation, o.keyRef, sha256Hex(secret)],
    },
  };
}

/** The credential of `Authorization: Bearer <credential>` (RFC 6750 2.1), or undefined for anything else. */
export function bearer(header: string): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header.trim())?.[1];
}
