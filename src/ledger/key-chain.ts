import { Failure } from '../base/failure.ts';
import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { type Verifier, verifierFromVkey } from './keys.ts';
import { isSize } from './merkle.ts';
import { type NoteSignature, parseNote } from './note.ts';

/** Root over the first `size` entries that were read; undefined when fewer were. */
export type RebuiltRoot = (size: number) => Buffer | undefined;

/** A key of the log, and why it is trusted. */
export interface ChainedKey {
  vkey: string;
  /** Index of the entry that named it; absent for a key the caller trusts by itself. */
  rotatedAt?: number;
}

/** Whether the newest checkpoint can be believed, and through which keys. */
export interface KeyVerdict {
  ok: boolean;
  /** Entries of the newest checkpoint that was given. */
  size?: number;
  /** Trusted keys that signed it. */
  signedBy: string[];
  problem?: string;
}

interface Rotation {
  index: number;
  vkey: string;
}

interface Held {
  note: string;
  signatures: readonly NoteSignature[];
  size: number;
  /** What the entries give for that size. */
  root: Buffer | undefined;
  /** Opened with the keys trusted so far. */
  head?: OpenedCheckpoint;
}

/**
 * Follows a log's key from the one the verifier trusts to the one that signs today. A log keeps its origin when its
 * key changes: an entry about `key.rotate` names the next key while the one before still signs. The next key is
 * trusted once a checkpoint that a trusted key signed covers that entry, and has the root that the entries give.
 *
 * Rotations and checkpoints may come in any order. Nothing here throws for what a rotation or checkpoint holds;
 * that is the verdict. What it cannot see: a stolen key that was rotated away can sign a log of its own until the
 * verifier trusts a later key; so hand out the newest.
 */
export class KeyChain {
  readonly #keys: (ChainedKey & { verifier: Verifier })[] = [];
  /** Not yet covered by a checkpoint that is believed. */
  #rotations: Rotation[] = [];
  /** Not yet signed by a trusted key. */
  #waiting: Held[] = [];
  readonly #opened: Held[] = [];
  #covered = 0;
  #problem: string | undefined;

  /** Trusts a key. Fails INVALID when it is malformed or of another log than the keys before. */
  trust(vkey: string): void {
    const verifier = verifierFromVkey(vkey);
    const origin = this.#origin;
    if (origin !== undefined && verifier.name !== origin) {
      throw bad(
        `the key of "${verifier.name.slice(0, 200)}" is not one of the log "${origin.slice(0, 200)}"`,
      );
    }
    if (this.#keys.some((key) => key.vkey === vkey)) return;
    this.#keys.push({ vkey, verifier });
    this.#settle();
  }

  /** The entry at `index` of the entries that were read names `vkey` as the next key. */
  sawRotation(index: number, vkey: string): void {
    if (!isSize(index)) throw new RangeError(`an entry's index is a whole number, got ${index}`);
    this.#rotations.push({ index, vkey });
    this.#settle();
  }

  /**
   * Takes a signed checkpoint. `rebuiltRootAt` is asked at most once, for its size. Returns whether it is believed
   * by now; a later rotation or checkpoint can still change that.
   */
  acceptCheckpoint(note: string, rebuiltRootAt: RebuiltRoot): boolean {
    try {
      const { text, signatures } = parseNote(note);
      const { size } = parseCheckpoint(text);
      const held: Held = { note, signatures, size, root: rebuiltRootAt(size) };
      this.#waiting.push(held);
      this.#settle();
      return this.#problem === undefined && held.head !== undefined;
    } catch (error) {
      this.#note(error);
      return false;
    }
  }

  /** The keys trusted so far, in the order they came to be. */
  get trusted(): ChainedKey[] {
    return this.#keys.map(({ vkey, rotatedAt }) =>
      rotatedAt === undefined ? { vkey } : { vkey, rotatedAt },
    );
  }

  /**
   * The verdict. Not ok when the newest checkpoint is signed by no trusted key, and when any checkpoint that a
   * trusted key signed contradicts the entries: then the log showed somebody else another history.
   */
  verdict(): KeyVerdict {
    const newest = newestOf([...this.#opened, ...this.#waiting]);
    const problem = this.#problem ?? this.#newestProblem(newest) ?? this.#lineProblem();
    const size = newest === undefined ? {} : { size: newest.size };
    if (problem !== undefined) return { ok: false, ...size, signedBy: [], problem };
    return { ok: true, ...size, signedBy: this.#signers(newest!.size) };
  }

  get #origin(): string | undefined {
    return this.#keys[0]?.verifier.name;
  }

  get #verifiers(): Verifier[] {
    return this.#keys.map((key) => key.verifier);
  }

  /** Every key that becomes trusted can open further checkpoints, and those can make further keys trusted. */
  #settle(): void {
    while (this.#openHeld() || this.#followRotations()) {
      if (this.#problem !== undefined) return;
    }
  }

  /** Opens what the present keys can open; true when there was something. */
  #openHeld(): boolean {
    const origin = this.#origin;
    if (origin === undefined) return false;
    const openable = this.#waiting.filter(({ signatures }) =>
      signatures.some((line) => this.#keyOf(line) !== undefined),
    );
    if (openable.length === 0) return false;
    const taken = new Set(openable);
    this.#waiting = this.#waiting.filter((held) => !taken.has(held));
    for (const held of openable) {
      try {
        const head = openCheckpoint(held.note, this.#verifiers, origin);
        if (held.root === undefined) throw bad(beyond(head));
        if (!held.root.equals(head.root)) throw bad(contradicts(head));
        held.head = head;
        this.#covered = Math.max(this.#covered, head.size);
      } catch (error) {
        this.#note(error);
      }
      this.#opened.push(held);
    }
    return true;
  }

  #followRotations(): boolean {
    const covered = this.#rotations.filter(({ index }) => index < this.#covered);
    if (covered.length === 0) return false;
    this.#rotations = this.#rotations.filter(({ index }) => index >= this.#covered);
    for (const { index, vkey } of covered) {
      try {
        const verifier = verifierFromVkey(vkey);
        if (verifier.name !== this.#origin) throw bad('it is not named after the log');
        if (!this.#keys.some((key) => key.vkey === vkey))
          this.#keys.push({ vkey, verifier, rotatedAt: index });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.#problem ??= `entry ${index} names a next key that cannot be one of this log: ${error.message}`;
      }
    }
    return true;
  }

  #newestProblem(newest: Held | undefined): string | undefined {
    if (this.#origin === undefined) return 'no key is trusted';
    if (newest === undefined) return 'there is no checkpoint';
    // Of two checkpoints of the newest size one may be by a stranger: it says nothing against the other.
    if (this.#opened.some((held) => held.size === newest.size)) return undefined;
    const { size } = newest;
    const [waiting] = this.#rotations;
    const next =
      waiting === undefined
        ? 'no further entry names a key'
        : `entry ${waiting.index} names another key, but no checkpoint that a trusted key signed covers it: ` +
          'add the last checkpoint of the key you trust';
    return `the newest checkpoint, of ${size} entries, is signed by no trusted key; ${next}`;
  }

  /** A checkpoint that made a key trusted was opened before it: what it says under that key must hold as well. */
  #lineProblem(): string | undefined {
    const keys = this.#verifiers;
    try {
      for (const { head, note, signatures } of this.#opened) {
        const known = signatures.filter((line) => this.#keyOf(line) !== undefined).length;
        if (head !== undefined && known > head.verified.length) openCheckpoint(note, keys, head.origin);
      }
      return undefined;
    } catch (error) {
      if (error instanceof Failure) return error.message;
      throw error;
    }
  }

  #signers(size: number): string[] {
    const lines = this.#opened.filter((held) => held.size === size).flatMap((held) => held.signatures);
    return [...new Set(lines.flatMap((line) => this.#keyOf(line)?.vkey ?? []))];
  }

  #keyOf(line: { name: string; keyId: number }) {
    return this.#keys.find(({ verifier }) => verifier.name === line.name && verifier.keyId === line.keyId);
  }

  #note(error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    this.#problem ??= error.message;
  }
}

/** The last of the largest size. */
function newestOf(held: readonly Held[]): Held | undefined {
  return held.reduce<Held | undefined>((best, one) => (best && best.size > one.size ? best : one), undefined);
}

function beyond({ size }: OpenedCheckpoint): string {
  return `a trusted key signed ${size} entries, more than were found: entries are missing`;
}

function contradicts({ size, root }: OpenedCheckpoint): string {
  return (
    `a trusted key signed another history: the first ${size} entries do not give the root it signed ` +
    `(${root.toString('base64')})`
  );
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
