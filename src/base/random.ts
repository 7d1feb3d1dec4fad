import { randomBytes } from 'node:crypto';

/** Source of random bytes; tests pass one that repeats. */
export interface Random {
  bytes(n: number): Buffer;
}

/** So many bytes are asked of the system at once: each request and each salt takes a few, and asking costs more than the bytes do. */
const POOL = 4096;

/** Random bytes of the system, each handed out once and kept nowhere else. */
export const systemRandom: Random = { bytes: pooled(randomBytes) };

/** The same bytes from a larger piece; what was handed out is wiped there. */
export function pooled(source: (n: number) => Buffer): (n: number) => Buffer {
  let pool: Buffer = Buffer.alloc(0);
  return (n) => {
    if (n > POOL / 4) return source(n);
    if (pool.length < n) pool = source(POOL);
    const out = Buffer.from(pool.subarray(0, n));
    pool.fill(0, 0, n);
    pool = pool.subarray(n);
    return out;
  };
}

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
