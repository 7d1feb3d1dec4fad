import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { decodeBase64 } from './base64.ts';

/** Signature type byte of plain Ed25519 note signatures (C2SP signed-note). */
const ED25519 = 0x01;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

// DER of an Ed25519 key up to the 32 raw bytes, RFC 8410 sections 4 and 7.
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs note texts. Held by a file, a key store or a device; the ledger never sees the private key. */
export interface Signer {
  /** Key name; for a log's own key it equals the origin. */
  readonly name: string;
  /** First four bytes of SHA-256(name || 0x0A || 0x01 || public key), as an unsigned 32-bit number. */
  readonly keyId: number;
  /** Signature over the UTF-8 bytes of a note text, without the key id. */
  sign(text: Uint8Array): Buffer;
}

/** Verifies signatures of one key that the caller decided to trust. */
export interface Verifier {
  readonly name: string;
  readonly keyId: number;
  /** True when `signature` (without the key id) is this key's over the UTF-8 bytes of a note text. */
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/** A key name may not be empty, nor contain Unicode spaces, `+` or control characters. */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  return name.length > 0 && name.length <= 1024 && !/[\s+\u0000-\u001f\u007f\u0085\u180e\p{Cs}]/u.test(name);
}

/** A key id as it is written in keys: 8 lower-case hex digits. */
export function keyIdHex(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}

/**
 * Verifier key of an Ed25519 key, `<name>+<key id, 8 hex>+<base64 of 0x01 and the 32 public bytes>`: what is
 * published and handed to whoever verifies. Takes the public or the private key object.
 * Fails INVALID when the name or the kind of key does not fit.
 */
export function vkeyFromKey(name: string, key: KeyObject): string {
  const raw = rawPublicKey(name, key);
  return `${name}+${keyIdHex(keyIdOf(name, raw))}+${typed(raw).toString('base64')}`;
}

/** A pack asks for the same few keys at every checkpoint and line, and reading one costs more than checking a signature with it. */
const known = new Map<string, Verifier>();
const MOST_KNOWN = 64;
/** Signatures that are remembered for each of them, and the longest text. */
const MOST_HELD = 16;
const MOST_HELD_BYTES = 2048;

/** Verifier for a vkey. Fails INVALID when it is malformed, of another type, or its key id does not fit its key. */
export function verifierFromVkey(vkey: string): Verifier {
  const found = known.get(vkey);
  if (found !== undefined) return found;
  const made = readVkey(vkey);
  // Somebody who sends ever new keys must not fill the memory.
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(vkey, made);
  return made;
}

function readVkey(vkey: string): Verifier {
  const { name, keyId, material } = splitKey(vkey, 'verifier key');
  if (keyIdOf(name, material) !== keyId) {
    throw new Failure('INVALID', `the verifier key of "${name}" is damaged: its key id does not fit its key`);
  }
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, material]), format: 'der', type: 'spki' });
  const held = new LastHeld();
  return Object.freeze({
    name,
    keyId,
    verify: (text: Uint8Array, signature: Uint8Array) => {
      if (signature.length !== SIGNATURE_BYTES) return false;
      if (held.has(text, signature)) return true;
      const holds = verify(null, text, key, signature);
      if (holds) held.add(text, signature);
      return holds;
    },
  });
}

/**
 * The last few short texts with a signature that held: a pack asks about the same checkpoint for the chain of keys, for its root and for its
 * lines. Byte for byte the same text and signature hold again; of anything else nothing is remembered.
 */
class LastHeld {
  readonly #pairs: Buffer[] = [];

  has(text: Uint8Array, signature: Uint8Array): boolean {
    return this.#pairs.some(
      (pair) =>
        pair.length === SIGNATURE_BYTES + text.length &&
        pair.compare(signature, 0, SIGNATURE_BYTES, 0, SIGNATURE_BYTES) === 0 &&
        pair.compare(text, 0, text.length, SIGNATURE_BYTES) === 0,
    );
  }

  add(text: Uint8Array, signature: Uint8Array): void {
    if (text.length > MOST_HELD_BYTES) return;
    // A copy: what is given may be written over.
    this.#pairs.push(Buffer.concat([signature, text]));
    if (this.#pairs.length > MOST_HELD) this.#pairs.shift();
  }
}

/** Signer with an Ed25519 private key object. Fails INVALID when the name or the kind of key does not fit. */
export function signerFromKey(name: string, privateKey: KeyObject): Signer {
  if (privateKey.type !== 'private')
    throw new Failure('INVALID', `a signer needs a private key, got ${privateKey.type}`);
  const keyId = keyIdOf(name, rawPublicKey(name, privateKey));
  return { name, keyId, sign: (text) => sign(null, text, privateKey) };
}

/**
 * Private key as text, `PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 and the 32-byte seed>`, the form Go's note
 * package reads. A secret: write it only to a file that its owner alone can read.
 */
export function skeyFromKey(name: string, privateKey: KeyObject): string {
  const keyId = keyIdHex(keyIdOf(name, rawPublicKey(name, privateKey)));
  const { d } = privateKey.export({ format: 'jwk' });
  if (d === undefined)
    throw new Failure('INVALID', `the key "${name}" must be a private key, got a public one`);
  return `PRIVATE+KEY+${name}+${keyId}+${typed(Buffer.from(d, 'base64url')).toString('base64')}`;
}

/** Signer from a private key as text. Fails INVALID; the message never repeats the key. */
export function signerFromSkey(skey: string): Signer {
  const { name, key } = keyFromSkey(skey);
  return signerFromKey(name, key);
}

/** Name and private key object of a private key as text. Fails INVALID; the message never repeats the key. */
export function keyFromSkey(skey: string): { name: string; key: KeyObject } {
  const start = 'PRIVATE+KEY+';
  if (!skey.startsWith(start)) throw new Failure('INVALID', 'a private key begins with "PRIVATE+KEY+"');
  const { name, keyId, material } = splitKey(skey.slice(start.length), 'private key');
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, material]),
    format: 'der',
    type: 'pkcs8',
  });
  if (keyIdOf(name, rawPublicKey(name, key)) !== keyId) {
    throw new Failure('INVALID', `the private key of "${name}" is damaged: its key id does not fit its key`);
  }
  return { name, key };
}

/** Splits at the first two `+` only: the base64 that follows may contain more of them. */
function splitKey(text: string, what: string): { name: string; keyId: number; material: Buffer } {
  const first = text.indexOf('+');
  const second = first < 0 ? -1 : text.indexOf('+', first + 1);
  const name = text.slice(0, Math.max(first, 0));
  const id = text.slice(first + 1, second);
  if (second < 0 || !isKeyName(name) || !/^[0-9a-f]{8}$/.test(id)) {
    throw new Failure('INVALID', `a ${what} reads name+8 hex digits+base64; this text does not`);
  }
  const bytes = decodeBase64(text.slice(second + 1));
  if (bytes === undefined) throw new Failure('INVALID', `the ${what} of "${name}" is not valid base64`);
  if (bytes[0] !== ED25519 || bytes.length !== 1 + KEY_BYTES) {
    throw new Failure('INVALID', `the ${what} of "${name}" must be Ed25519 (type 0x01 and 32 bytes)`);
  }
  return { name, keyId: Number.parseInt(id, 16), material: bytes.subarray(1) };
}

function rawPublicKey(name: string, key: KeyObject): Buffer {
  if (!isKeyName(name)) {
    throw new Failure(
      'INVALID',
      `"${name}" cannot name a key: it must not be empty nor contain spaces or "+"`,
    );
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Failure(
      'INVALID',
      `the key "${name}" must be Ed25519, got ${key.asymmetricKeyType ?? 'a secret'}`,
    );
  }
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url');
}

function typed(raw: Buffer): Buffer {
  return Buffer.concat([Buffer.of(ED25519), raw]);
}

function keyIdOf(name: string, raw: Buffer): number {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed(raw)]), 'buffer').readUInt32BE(0);
}
