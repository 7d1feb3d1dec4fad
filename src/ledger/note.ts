import { Failure } from '../base/failure.ts';
import { decodeBase64 } from './base64.ts';
import { isKeyName, keyIdHex, type Signer, type Verifier, verifierFromVkey } from './keys.ts';

/** Most signature lines a note may have; the standard asks for at least 16. */
export const MAX_SIGNATURES = 100;

/** Longest note that is read, in UTF-8 bytes. */
export const MAX_NOTE_BYTES = 1_000_000;

/** One signature line: `— <name> <base64 of the key id and the signature>`. */
export interface NoteSignature {
  name: string;
  keyId: number;
  signature: Buffer;
}

/** A note taken apart, nothing verified yet. `text` ends with a newline. */
export interface ParsedNote {
  text: string;
  signatures: NoteSignature[];
}

/** A note of which at least one trusted key's signature holds and none fails. */
export interface VerifiedNote {
  text: string;
  /** Signatures of trusted keys, one per key, in the order of the note. */
  verified: NoteSignature[];
  /** Signatures of keys that are not trusted here: they say nothing. */
  ignored: NoteSignature[];
}

/**
 * Takes a signed note apart (C2SP signed-note): a text that ends with a newline, an empty line, then signature
 * lines. Fails INVALID, naming the line, on anything the format does not allow: control characters, invalid
 * Unicode, more than one spelling of base64, too many signatures.
 */
export function parseNote(note: string): ParsedNote {
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES) throw bad(`a note has at most ${MAX_NOTE_BYTES} bytes`);
  requireNoteText(note);
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw bad('a signed note has an empty line before its signatures; there is none');
  const text = note.slice(0, split + 1);
  const block = note.slice(split + 2);
  if (block === '' || !block.endsWith('\n'))
    throw bad('a signed note ends with signature lines; there is none');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) {
    throw bad(`a note has at most ${MAX_SIGNATURES} signatures, got ${lines.length}`);
  }
  return { text, signatures: lines.map((line, i) => parseSignature(line, i + 1)) };
}

/**
 * Parses a note and verifies it against the keys the caller trusts. Signatures of other keys are ignored; a
 * trusted key whose signature does not hold rejects the whole note, and so does a note without any trusted key.
 */
export function openNote(note: string, trusted: readonly Verifier[]): VerifiedNote {
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text);
  const verified: NoteSignature[] = [];
  const ignored: NoteSignature[] = [];
  for (const signature of signatures) {
    const key = trusted.find((v) => v.name === signature.name && v.keyId === signature.keyId);
    if (key === undefined) {
      ignored.push(signature);
    } else if (!key.verify(bytes, signature.signature)) {
      throw bad(
        `the signature of "${key.name}" (key ${keyIdHex(key.keyId)}) does not fit the text: it was changed`,
      );
    } else if (!verified.some((s) => s.name === signature.name && s.keyId === signature.keyId)) {
      verified.push(signature);
    }
  }
  if (verified.length === 0) throw bad(`no signature of a trusted key: ${namesFound(signatures, trusted)}`);
  return { text, verified, ignored };
}

/**
 * Which of these verifier keys have a line under a note, in the order given. Whether their signatures hold is not looked at; a note or key that
 * cannot be read has none.
 */
export function signersOf(note: string, vkeys: readonly string[]): string[] {
  const lines = readable(() => parseNote(note).signatures) ?? [];
  return vkeys.filter((vkey) => {
    const key = readable(() => verifierFromVkey(vkey));
    return lines.some((line) => line.name === key?.name && line.keyId === key.keyId);
  });
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/**
 * Signs a text with each signer, in order. The text must end with a newline and hold no control character but
 * newlines; fails INVALID otherwise. Ed25519 is deterministic, so the same key and text give the same note.
 */
export function signNote(text: string, signers: readonly Signer[]): string {
  requireNoteText(text);
  if (!text.endsWith('\n')) throw bad('a note text ends with a newline');
  if (signers.length === 0 || signers.length > MAX_SIGNATURES) {
    throw bad(`a note is signed by 1 to ${MAX_SIGNATURES} keys, got ${signers.length}`);
  }
  const bytes = Buffer.from(text);
  return `${text}\n${signers.map((signer) => signatureLine(signer, bytes)).join('')}`;
}

/** A signer that may be somewhere else: a key store, a device, a service. */
export interface RemoteSigner {
  readonly name: string;
  readonly keyId: number;
  sign(text: Uint8Array): Buffer | Promise<Buffer>;
  /** Checks a signature of this signer. */
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * `signNote` with signers that answer later. Each signature is verified before the note is given out: one that does not hold would be
 * a checkpoint that nobody accepts. Fails UNAVAILABLE, naming the key.
 */
export async function signNoteRemotely(text: string, signers: readonly RemoteSigner[]): Promise<string> {
  const bytes = Buffer.from(text);
  const signatures = await Promise.all(signers.map((signer) => signer.sign(bytes)));
  const strange = signers.find((signer, i) => !signer.verify(bytes, signatures[i]!));
  if (strange)
    throw new Failure(
      'UNAVAILABLE',
      `the key that signs for "${strange.name}" is not the key ${keyIdHex(strange.keyId)} that was published: put the right key in its place`,
    );
  return signNote(
    text,
    signers.map(({ name, keyId }, i) => ({ name, keyId, sign: () => signatures[i]! })),
  );
}

function signatureLine(signer: Signer, text: Buffer): string {
  if (!isKeyName(signer.name)) throw bad(`"${signer.name}" cannot name a key`);
  const id = Buffer.alloc(4);
  id.writeUInt32BE(signer.keyId);
  return `— ${signer.name} ${Buffer.concat([id, signer.sign(text)]).toString('base64')}\n`;
}

function parseSignature(line: string, number: number): NoteSignature {
  const parts = line.split(' ');
  const [dash, name, base64] = parts;
  if (parts.length !== 3 || dash !== '—' || !isKeyName(name!)) {
    throw bad(`signature line ${number} must read "— name base64"`);
  }
  const bytes = decodeBase64(base64!);
  if (bytes === undefined || bytes.length < 5) {
    throw bad(`signature line ${number} must hold the base64 of a key id and a signature`);
  }
  return { name: name!, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) };
}

function requireNoteText(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  const found = /[\u0000-\u0009\u000b-\u001f\p{Cs}]/u.exec(text);
  if (found === null) return;
  const code = found[0].codePointAt(0)!.toString(16).padStart(4, '0').toUpperCase();
  throw bad(`a note holds no control character but newlines; got U+${code} at ${found.index}`);
}

function namesFound(signatures: readonly NoteSignature[], trusted: readonly Verifier[]): string {
  const show = (keys: readonly { name: string; keyId: number }[]) =>
    keys
      .slice(0, 5)
      .map((k) => `"${k.name.slice(0, 100)}" (key ${keyIdHex(k.keyId)})`)
      .join(', ') || 'none';
  return `expected ${show(trusted)}, got ${show(signatures)}`;
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
