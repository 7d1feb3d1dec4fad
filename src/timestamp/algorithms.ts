/** Hash functions that are taken, by object identifier (RFC 5754). SHA-1 and MD5 can be made to collide. */
export const HASHES: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** Signature algorithms that name their hash: RSA (PKCS #1 v1.5) and ECDSA. */
export const HASH_OF_SIGNATURE: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
]);

/** `rsaEncryption`: the hash is then the one that the signer names beside it. */
export const RSA = '1.2.840.113549.1.1.1';
