import { createHash } from 'node:crypto';
import type { Random } from '../../base/random.ts';

// Crockford's alphabet: no I, L, O, U; what is written down by hand can be read again.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code of 130 bits in groups of five, such as `7QK2M-…`: told once, kept as a digest only. */
export function newCode(random: Random): string {
  const letters = [...random.bytes(26)].map((b) => ALPHABET[b & 31]!).join('');
  return letters.match(/.{1,5}/g)!.join('-');
}

/** Digest of a code as somebody typed it: small letters, spaces, O for 0 and I for 1 are forgiven. Undefined when it is none. */
export function codeHash(typed: string): string | undefined {
  const plain = typed
    .toUpperCase()
    .replace(/[\s-]+/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(plain)) return undefined;
  return createHash('sha256').update(`concern ${plain}`).digest('hex');
}
