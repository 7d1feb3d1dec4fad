import { randomBytes } from 'node:crypto';

/** Source of random bytes; tests pass one that repeats. */
export interface Random {
  bytes(n: number): Buffer;
}

export const systemRandom: Random = { bytes: (n) => randomBytes(n) };

/** UUID version 7 (RFC 9562): the first 48 bits are milliseconds, so that ids made later sort later. */
export function uuid7(now: Date, random: Random): string {
  const b = random.bytes(16);
  b.writeUIntBE(now.getTime(), 0, 6);
  b[6] = (b[6]! & 0x0f) | 0x70;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const h = b.toString('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}

/** A URL-safe secret of `n` random bytes. */
export function secretToken(random: Random, n = 32): string {
  return random.bytes(n).toString('base64url');
}
