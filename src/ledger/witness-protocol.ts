import { Failure } from '../base/failure.ts';
import { decodeDecimal, decodeHash } from './base64.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { Verifier } from './keys.ts';
import { HASH_BYTES, isSize, verifyConsistency } from './merkle.ts';
import { openNote, parseNote } from './note.ts';

/** Most hashes of a consistency proof that a witness takes (C2SP tlog-witness). */
export const MAX_PROOF_HASHES = 63;

/** Media type of the one number a witness answers with when it knows another size. */
export const SIZE_TYPE = 'text/x.tlog.size';

/** What a log asks a witness: to cosign `note`, whose first `old` entries the witness has cosigned before. */
export interface AddCheckpoint {
  /** Size the witness cosigned last, as far as the log knows; 0 when it never did. */
  old: number;
  /** Consistency proof from `old` to the size of the checkpoint. */
  proof: readonly Buffer[];
  /** Signed checkpoint. */
  note: string;
}

/** A request taken apart, nothing verified yet. */
export interface ParsedAddCheckpoint extends AddCheckpoint {
  /** Text of the note: what is cosigned. */
  text: string;
  checkpoint: Checkpoint;
}

/** What a witness knows of one log. */
export interface KnownLog {
  origin: string;
  /** Keys it was told to trust for this origin; more than one after the log's key was changed. */
  keys: readonly Verifier[];
  /** Size and root it cosigned last; 0 and nothing when it never did. */
  size: number;
  root: Buffer | undefined;
}

/** What a witness answers. With status 200 it first stores `next`, then cosigns. */
export interface Judgement {
  status: 200 | 400 | 403 | 404 | 409 | 422;
  /** For every status but 200, where it is the cosignature. */
  body?: string;
  contentType?: string;
  next?: { size: number; root: Buffer };
}

/**
 * Reads the body of `POST add-checkpoint` (C2SP tlog-witness v1.0.0). Fails BAD_INPUT, naming the line, on anything that is not the one
 * spelling of a request.
 */
export function parseAddCheckpoint(body: string): ParsedAddCheckpoint {
  const split = body.indexOf('\n\n');
  if (split < 0) throw bad('an empty line must stand between the consistency proof and the checkpoint');
  const [first, ...hashes] = body.slice(0, split).split('\n');
  const old = first!.startsWith('old ') ? decodeDecimal(first!.slice(4)) : undefined;
  if (old === undefined) throw bad('line 1 must read "old" and a decimal tree size below 2^53');
  if (hashes.length > MAX_PROOF_HASHES)
    throw bad(`a consistency proof has at most ${MAX_PROOF_HASHES} lines, got ${hashes.length}`);
  const proof = hashes.map((line, i) => {
    const hash = decodeHash(line);
    if (hash === undefined) throw bad(`line ${i + 2} must be the base64 of a 32-byte hash`);
    return hash;
  });
  const note = body.slice(split + 2);
  try {
    const { text } = parseNote(note);
    return { old, proof, note, text, checkpoint: parseCheckpoint(text) };
  } catch (error) {
    if (error instanceof Failure) throw bad(error.message);
    throw error;
  }
}

/** Writes the body of `POST add-checkpoint`. Throws RangeError on a request that no witness would read. */
export function formatAddCheckpoint({ old, proof, note }: AddCheckpoint): string {
  if (!isSize(old)) throw new RangeError(`an old size is a whole number from 0 to 2^53 - 1, got ${old}`);
  if (proof.length > MAX_PROOF_HASHES || proof.some((h) => h.length !== HASH_BYTES))
    throw new RangeError(`a consistency proof has at most ${MAX_PROOF_HASHES} hashes of 32 bytes`);
  return `old ${old}\n${proof.map((h) => `${h.toString('base64')}\n`).join('')}\n${note}`;
}

/**
 * What a witness that knows `known` answers to a request; undefined for a log it does not watch. Pure: the caller holds the log's lock
 * from reading `known` until `next` is stored, or two requests could both move the same size.
 *
 * Never tells more than the status needs: the request may come from anybody.
 */
export function judge(request: ParsedAddCheckpoint, known: KnownLog | undefined): Judgement {
  const { old, proof, note, checkpoint } = request;
  if (known === undefined || known.origin !== checkpoint.origin)
    return refuse(404, 'this witness does not watch the log that the checkpoint names');
  try {
    openNote(note, known.keys);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return refuse(403, 'no key that this witness trusts for the log signed the checkpoint');
  }
  if (old > checkpoint.size) return refuse(400, 'the old size is larger than the size of the checkpoint');
  const conflict: Judgement = { status: 409, body: `${known.size}\n`, contentType: SIZE_TYPE };
  if (old !== known.size) return conflict;
  // The same size with another root: the log said two things of one size.
  if (old === checkpoint.size && known.root !== undefined && !known.root.equals(checkpoint.root))
    return conflict;
  if (!extendsKnown(known, checkpoint, proof))
    return refuse(422, 'the proof does not show that the checkpoint continues what this witness cosigned');
  return { status: 200, next: { size: checkpoint.size, root: checkpoint.root } };
}

/** Everything continues the empty tree, and a proof of that would be one of nothing: it must be empty. */
function extendsKnown(known: KnownLog, checkpoint: Checkpoint, proof: readonly Buffer[]): boolean {
  if (known.size === 0) return proof.length === 0;
  // A size without its root would be trust in whatever comes next.
  if (known.root === undefined) return false;
  return verifyConsistency(known.size, checkpoint.size, proof, known.root, checkpoint.root);
}

function refuse(status: 400 | 403 | 404 | 422, sentence: string): Judgement {
  return { status, body: `${sentence}\n`, contentType: 'text/plain; charset=utf-8' };
}

function bad(message: string): Failure {
  return new Failure('BAD_INPUT', message);
}
