import { Failure } from '../base/failure.ts';
import { decodeBase64, decodeDecimal, decodeHash } from './base64.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Verifier } from './keys.ts';
import { HASH_BYTES, isSize, verifyInclusion } from './merkle.ts';
import { MAX_NOTE_BYTES, parseNote } from './note.ts';

/** First line of a proof file (C2SP tlog-proof, draft of 2026-05-22). */
const HEADER = 'c2sp.org/tlog-proof@v1';

/** A tree of fewer than 2^53 leaves has no longer inclusion proof. */
const MAX_HASHES = 53;

/** Proof that one entry is in a log, with the signed head it is proved against. */
export interface TlogProof {
  /** Place of the entry in the log, from 0. */
  index: number;
  /** Inclusion proof, from the leaf's sibling up to the root's child. */
  hashes: Buffer[];
  /** The signed checkpoint note, verbatim. */
  checkpoint: string;
  /** Opaque data. Nothing signs it: never believe it. */
  extra?: Buffer;
}

/**
 * Writes a `.tlog-proof` file:
 *
 *     c2sp.org/tlog-proof@v1
 *     [extra <base64>]
 *     index <decimal>
 *     <base64 hash>          (zero or more lines, leaf's sibling first)
 *                            (empty line)
 *     <signed checkpoint, verbatim>
 */
export function formatProof(proof: TlogProof): string {
  if (!isSize(proof.index))
    throw bad(`the index of a proof is a whole number below 2^53, got ${proof.index}`);
  if (proof.hashes.length > MAX_HASHES || proof.hashes.some((h) => h.length !== HASH_BYTES)) {
    throw bad(`a proof holds at most ${MAX_HASHES} hashes of 32 bytes`);
  }
  parseNote(proof.checkpoint);
  const extra = proof.extra === undefined ? [] : [`extra ${proof.extra.toString('base64')}`];
  const head = [HEADER, ...extra, `index ${proof.index}`, ...proof.hashes.map((h) => h.toString('base64'))];
  return `${head.join('\n')}\n\n${proof.checkpoint}`;
}

/** Reads a proof file; fails INVALID, naming the line, when it is malformed. Verifies nothing. */
export function parseProof(text: string): TlogProof {
  if (text.length > MAX_NOTE_BYTES * 2) throw bad('the proof file is too long');
  const end = text.indexOf('\n\n');
  if (end < 0) throw bad('a proof file has an empty line before its checkpoint; there is none');
  const lines = text.slice(0, end).split('\n');
  if (lines[0] !== HEADER) throw bad(`line 1 of a proof file must read "${HEADER}"`);
  const extra = lines[1]?.startsWith('extra ') ? parseExtra(lines[1]) : undefined;
  const at = extra === undefined ? 1 : 2;
  const index = lines[at]?.startsWith('index ') ? decodeDecimal(lines[at].slice('index '.length)) : undefined;
  if (index === undefined)
    throw bad(`line ${at + 1} of a proof file must read "index" and a decimal below 2^53`);
  const hashLines = lines.slice(at + 1);
  if (hashLines.length > MAX_HASHES)
    throw bad(`a proof has at most ${MAX_HASHES} hashes, got ${hashLines.length}`);
  const hashes = hashLines.map((line, i) => {
    const hash = decodeHash(line);
    if (hash === undefined)
      throw bad(`line ${at + 2 + i} of a proof file must be the base64 of a 32-byte hash`);
    return hash;
  });
  const checkpoint = text.slice(end + 2);
  parseNote(checkpoint);
  return extra === undefined ? { index, hashes, checkpoint } : { index, hashes, checkpoint, extra };
}

/**
 * Verifies a proof file for the entry with this leaf hash, offline. Returns the place of the entry and the size
 * and root it was proved against; fails INVALID, saying what does not hold.
 */
export function verifyProof(
  text: string,
  leaf: Buffer,
  trusted: Verifier | readonly Verifier[],
  origin: string,
): { index: number; size: number; root: Buffer } {
  const { index, hashes, checkpoint } = parseProof(text);
  const { size, root } = openCheckpoint(checkpoint, trusted, origin);
  if (!verifyInclusion(index, size, leaf, hashes, root)) {
    throw bad(`the proof does not lead from entry ${index} to the signed root of ${size} entries`);
  }
  return { index, size, root };
}

function parseExtra(line: string): Buffer {
  const extra = decodeBase64(line.slice('extra '.length));
  if (extra === undefined) throw bad('line 2 of a proof file must hold "extra" and valid base64');
  return extra;
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
