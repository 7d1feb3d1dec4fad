import { Failure } from '../base/failure.ts';
import { decodeDecimal, decodeHash } from './base64.ts';
import type { Signer, Verifier } from './keys.ts';
import { emptyRoot, HASH_BYTES, isSize } from './merkle.ts';
import { type NoteSignature, openNote, signNote } from './note.ts';

/** Head of a log: what it promises never to contradict. */
export interface Checkpoint {
  /** Unique name of the log, for example `aims.example.com/acme/log1`. */
  origin: string;
  /** Leaves in the tree. */
  size: number;
  /** Root hash of the tree, 32 bytes. */
  root: Buffer;
  /** Opaque extra lines; discouraged by the standard, and never written by us. */
  extensions?: string[];
}

/** A checkpoint signed by a trusted key. */
export interface OpenedCheckpoint extends Checkpoint {
  verified: NoteSignature[];
  ignored: NoteSignature[];
}

/**
 * Note text of a checkpoint (C2SP tlog-checkpoint): `origin LF size LF base64(root) LF`, then extension lines.
 * Fails INVALID on an empty or multi-line origin or extension, or a root that is not 32 bytes.
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  if (!isSize(size)) throw bad(`a checkpoint's size is a whole number from 0 to 2^53 - 1, got ${size}`);
  if (root.length !== HASH_BYTES) throw bad(`a checkpoint's root has 32 bytes, got ${root.length}`);
  for (const line of [origin, ...extensions]) {
    if (line === '' || line.includes('\n'))
      throw bad('the origin and extension lines of a checkpoint are single lines');
  }
  return `${[origin, String(size), root.toString('base64'), ...extensions].join('\n')}\n`;
}

/** Reads the note text of a checkpoint; fails INVALID, naming the line, when it is malformed. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw bad('a checkpoint ends with a newline');
  const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split('\n');
  if (!origin) throw bad('line 1 of a checkpoint must be the origin of the log; it is empty');
  const size = decodeDecimal(sizeLine ?? '');
  if (size === undefined) throw bad('line 2 of a checkpoint must be the tree size, a decimal below 2^53');
  const root = decodeHash(rootLine ?? '');
  if (root === undefined) throw bad('line 3 of a checkpoint must be the base64 of a 32-byte root hash');
  if (extensions.includes('')) throw bad('extension lines of a checkpoint must not be empty');
  if (size === 0 && !root.equals(emptyRoot()))
    throw bad('a checkpoint of size 0 must carry the hash of nothing');
  return extensions.length > 0 ? { origin, size, root, extensions } : { origin, size, root };
}

/**
 * Signs a checkpoint. The caller guarantees that it is consistent with every checkpoint signed before: signing
 * happens inside the transaction that moves the size, and the note is published only after its commit.
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[]): string {
  return signNote(formatCheckpoint(checkpoint), signers);
}

/**
 * Opens a signed checkpoint of the log `origin`: verifies its signature, then reads it. Fails INVALID when the
 * signature does not hold, no trusted key signed it, it is malformed, or it belongs to another log.
 */
export function openCheckpoint(
  note: string,
  trusted: Verifier | readonly Verifier[],
  origin: string,
): OpenedCheckpoint {
  const keys: readonly Verifier[] = 'verify' in trusted ? [trusted] : trusted;
  const { text, verified, ignored } = openNote(note, keys);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) {
    throw bad(`the checkpoint is of the log "${checkpoint.origin}", expected "${origin}"`);
  }
  return { ...checkpoint, verified, ignored };
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
