import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { decodeBase64 } from './base64.ts';
import { isKeyName, keyIdHex } from './keys.ts';
import { isSize } from './merkle.ts';
import { parseNote } from './note.ts';

/** Signature type byte of time-stamped Ed25519 cosignatures (C2SP tlog-cosignature v1). */
const COSIGNATURE = 0x04;
const KEY_BYTES = 32;
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

// DER of an Ed25519 public key up to the 32 raw bytes, RFC 8410 section 4.
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Says that at a time a checkpoint's tree was the largest consistent one its holder saw of that log. */
export interface Cosigner {
  readonly name: string;
  /** First four bytes of SHA-256(name || 0x0A || 0x04 || public key), as an unsigned 32-bit number. */
  readonly keyId: number;
  readonly vkey: string;
  /** The signature line, with its newline, for the text of a checkpoint at `unixSeconds`. */
  cosign(text: string, unixSeconds: number): string;
}

/** The public half: recognises what one witness cosigned. */
export interface WitnessKey {
  readonly name: string;
  readonly keyId: number;
  /** Unix seconds the witness put under the text; undefined when this is not its signature over it. */
  open(text: string, signature: Buffer): number | undefined;
}

/** Who cosigned, and when by their own clock (unix seconds). */
export interface Cosignature {
  name: string;
  keyId: number;
  at: number;
}

/** Cosigner with an Ed25519 private key. Fails INVALID when the name or the kind of key does not fit. */
export function cosignerFromKey(name: string, privateKey: KeyObject): Cosigner {
  if (!isKeyName(name))
    throw bad(
      `"${name.slice(0, 100)}" cannot name a witness: it must not be empty nor contain spaces or "+"`,
    );
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519')
    throw bad(`the key of the witness "${name}" must be a private Ed25519 key`);
  const raw = Buffer.from(privateKey.export({ format: 'jwk' }).x!, 'base64url');
  const keyId = keyIdOf(name, raw);
  return {
    name,
    keyId,
    vkey: `${name}+${keyIdHex(keyId)}+${typed(raw).toString('base64')}`,
    cosign: (text, unixSeconds) => {
      if (!isSize(unixSeconds))
        throw new RangeError(`a cosignature's time is whole seconds since 1970, got ${unixSeconds}`);
      const head = Buffer.alloc(4 + TIME_BYTES);
      head.writeUInt32BE(keyId);
      head.writeBigUInt64BE(BigInt(unixSeconds), 4);
      const signature = sign(null, signedMessage(text, unixSeconds), privateKey);
      return `— ${name} ${Buffer.concat([head, signature]).toString('base64')}\n`;
    },
  };
}

/**
 * Key of a witness from `<name>+<key id, 8 hex>+<base64 of 0x04 and the 32 public bytes>`. Fails INVALID when it is malformed, of another
 * type (a log's key has type 0x01: it must never pass for a witness), or its key id does not fit its key.
 */
export function witnessFromVkey(vkey: string): WitnessKey {
  // Split at the first two `+` only: the base64 that follows may contain more of them.
  const parts = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(vkey);
  const name = parts?.[1] ?? '';
  if (parts === null || !isKeyName(name))
    throw bad("a witness's verifier key reads name+8 hex digits+base64; this text does not");
  const bytes = decodeBase64(parts[3]!);
  if (bytes === undefined) throw bad(`the verifier key of the witness "${name}" is not valid base64`);
  if (bytes[0] !== COSIGNATURE || bytes.length !== 1 + KEY_BYTES)
    throw bad(`the verifier key of the witness "${name}" must be of type 0x04 and hold 32 more bytes`);
  const raw = bytes.subarray(1);
  const keyId = keyIdOf(name, raw);
  if (keyIdHex(keyId) !== parts[2])
    throw bad(`the verifier key of the witness "${name}" is damaged: its key id does not fit its key`);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return {
    name,
    keyId,
    open: (text, signature) => {
      if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
      const at = Number(signature.readBigUInt64BE(0));
      if (!isSize(at)) return undefined;
      return verify(null, signedMessage(text, at), key, signature.subarray(TIME_BYTES)) ? at : undefined;
    },
  };
}

/**
 * Who of `witnesses` cosigned a signed checkpoint, in the order of its lines and once each. Lines of others say nothing. Fails INVALID
 * when a trusted witness's line does not hold. Says nothing of the log's own signature: open that first.
 */
export function cosignaturesOf(note: string, witnesses: readonly WitnessKey[]): Cosignature[] {
  const { text, signatures } = parseNote(note);
  const found: Cosignature[] = [];
  for (const line of signatures) {
    const witness = witnesses.find((w) => w.name === line.name && w.keyId === line.keyId);
    if (witness === undefined) continue;
    const at = witness.open(text, line.signature);
    if (at === undefined)
      throw bad(
        `the cosignature of "${witness.name}" (key ${keyIdHex(witness.keyId)}) does not fit the checkpoint: one of them was changed`,
      );
    if (!found.some((c) => c.name === witness.name && c.keyId === witness.keyId))
      found.push({ name: witness.name, keyId: witness.keyId, at });
  }
  return found;
}

/** Appends signature lines to a signed note. Fails INVALID, naming the line, when what comes out is no signed note. */
export function cosignedNote(note: string, lines: readonly string[]): string {
  const whole = `${note}${lines.join('')}`;
  const before = parseNote(note);
  const after = parseNote(whole);
  if (after.text !== before.text || after.signatures.length !== before.signatures.length + lines.length)
    throw bad('each cosignature is one line that ends with a newline');
  return whole;
}

function signedMessage(text: string, unixSeconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${unixSeconds}\n${text}`);
}

function typed(raw: Buffer): Buffer {
  return Buffer.concat([Buffer.of(COSIGNATURE), raw]);
}

function keyIdOf(name: string, raw: Buffer): number {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed(raw)]), 'buffer').readUInt32BE(0);
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
