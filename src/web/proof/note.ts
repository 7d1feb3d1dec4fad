import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hash } from './merkle.ts';

/** A C2SP tlog-checkpoint: what the log says it holds. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Hash;
  /** Root as written in the note, base64. */
  rootText: string;
}

/** A C2SP verifier key for Ed25519: `name+hex key id+base64(0x01, public key)`. */
export interface VerifierKey {
  name: string;
  id: Uint8Array;
  publicKey: Uint8Array;
}

/** What checking a note found; `problem` says what is wrong in a sentence. */
export type NoteCheck = { ok: true; checkpoint: Checkpoint } | { ok: false; problem: string };

const ED25519 = 1;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
export const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');

/** Decodes base64 in its one canonical spelling, else undefined: two spellings would be two notes for one tree. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : undefined;
}

/** Reads a verifier key; undefined when it is not an Ed25519 key whose id fits its name (C2SP signed-note). */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
  const key = parts && fromBase64(parts[3]!);
  if (!parts || !key || key.length !== 33 || key[0] !== ED25519) return undefined;
  const id = keyId(parts[1]!, key);
  return toHex(id) === parts[2] ? { name: parts[1]!, id, publicKey: key.slice(1) } : undefined;
}

function keyId(name: string, key: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode(`${name}\n`);
  const bytes = new Uint8Array(label.length + key.length);
  bytes.set(label);
  bytes.set(key, label.length);
  return sha256(bytes).slice(0, 4);
}

/** Reads the body of a checkpoint: origin, size and root on a line each; further lines are extensions. */
export function parseCheckpoint(body: string): Checkpoint | undefined {
  const [origin, sizeText, rootText] = body.split('\n');
  if (!origin || !sizeText || !rootText || !/^(?:0|[1-9][0-9]{0,15})$/.test(sizeText)) return undefined;
  const root = fromBase64(rootText);
  const size = Number(sizeText);
  if (root?.length !== 32 || !Number.isSafeInteger(size)) return undefined;
  return { origin, size, root, rootText };
}

/**
 * Checks a signed checkpoint with one key. Signatures by other keys are ignored, as C2SP signed-note says; a note
 * without a good signature by this key is refused, and so is one with a bad signature by it.
 */
export function openCheckpoint(note: string, key: VerifierKey): NoteCheck {
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0) return { ok: false, problem: 'the checkpoint has no signatures' };
  const body = note.slice(0, cut + 1);
  const lines = note.slice(cut + 2).split('\n');
  if (lines.pop() !== '') return { ok: false, problem: 'the checkpoint does not end with a line break' };
  let signed = false;
  for (const line of lines) {
    const parts = /^— (\S+) (\S+)$/.exec(line);
    const bytes = parts && fromBase64(parts[2]!);
    if (!parts || !bytes || bytes.length < 5)
      return { ok: false, problem: 'a signature line of the checkpoint is broken' };
    if (parts[1] !== key.name || toHex(bytes.slice(0, 4)) !== toHex(key.id)) continue;
    if (!isSignature(bytes.slice(4), body, key.publicKey))
      return { ok: false, problem: `the signature of ${key.name} does not fit the text of the checkpoint` };
    signed = true;
  }
  if (!signed) return { ok: false, problem: `the checkpoint carries no signature of the key ${key.name}` };
  const checkpoint = parseCheckpoint(body);
  if (!checkpoint)
    return { ok: false, problem: 'the checkpoint is signed, but its size or root cannot be read' };
  return { ok: true, checkpoint };
}

function isSignature(signature: Uint8Array, body: string, publicKey: Uint8Array): boolean {
  try {
    // RFC 8032 rules, as openssl has them, not the laxer ones of ZIP 215.
    return ed25519.verify(signature, new TextEncoder().encode(body), publicKey, { zip215: false });
  } catch {
    return false;
  }
}
