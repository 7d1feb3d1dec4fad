import { Failure } from '../base/failure.ts';
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts';
import type { TrustedKeys } from './checks.ts';
import { Histories } from './histories.ts';
import { verifierFromVkey } from './keys.ts';
import { GrowingRoot, leafHash } from './merkle.ts';
import { MAX_ENTRY_BYTES } from './tiles.ts';

/** Verdict over a whole log. `root` is the one rebuilt from the entries that were read. */
export interface AuditResult {
  ok: boolean;
  /** Entries read. */
  size: number;
  root: Buffer;
  /** The first thing that is wrong; `index` is the place of the entry where one entry is to blame. */
  problem?: { index?: number; message: string };
}

export interface AuditOptions {
  /** The signed checkpoint note. */
  checkpoint: string;
  /** The log's key, from somewhere else than the log itself; or all of them when it was rotated. */
  vkey: TrustedKeys;
  /** Origin of the log; the name of the key unless told. */
  origin?: string;
  /**
   * Reads each entry too: it must be well formed and of this log, the first must open the log, the versions of each
   * record must follow one another without a gap, each naming the digest of the one before, and each snapshot must
   * be of the newest versions so far. Costs memory per record. In a log that continues another one, records may
   * begin at a later version, and its snapshots cannot be rebuilt without the other log: they are not checked.
   */
  histories?: boolean;
}

/**
 * Audits a log: rebuilds the root from every entry, in order, and compares it with the signed checkpoint.
 * Never throws for what it finds in checkpoint, key or entries; that is the verdict.
 */
export function auditLog(options: AuditOptions & { entries: Iterable<Buffer> }): AuditResult {
  const auditor = new LogAuditor(options);
  for (const entry of options.entries) if (!auditor.add(entry)) break;
  return auditor.finish();
}

/** The same audit for a caller that reads the entries itself, for example page by page from a database. */
export class LogAuditor {
  readonly #growing = new GrowingRoot();
  readonly #histories: Histories | undefined;
  #head: OpenedCheckpoint | undefined;
  #problem: { index?: number; message: string } | undefined;

  constructor({ checkpoint, vkey, origin, histories }: AuditOptions) {
    try {
      const keys = (typeof vkey === 'string' ? [vkey] : vkey).map(verifierFromVkey);
      const name = origin ?? keys[0]?.name ?? '';
      const own = keys.filter((key) => key.name === name || keys.length === 1);
      this.#head = openCheckpoint(checkpoint, own, name);
      this.#histories = histories ? new Histories(name) : undefined;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#problem = { message: error.message };
    }
  }

  /** Takes the next entry. False when a problem is known already and reading on is of no use. */
  add(entry: Uint8Array): boolean {
    if (this.#problem !== undefined || this.#head === undefined) return false;
    const index = this.#growing.size;
    if (index === this.#head.size) {
      this.#problem = { index, message: `there are more entries than the ${index} the checkpoint signs` };
      return false;
    }
    if (entry.length > MAX_ENTRY_BYTES) {
      this.#problem = {
        index,
        message: `entry ${index} has ${entry.length} bytes, more than the 65,535 an entry can have`,
      };
      return false;
    }
    this.#growing.push(leafHash(entry));
    const message = this.#histories?.problem(entry, index);
    if (message !== undefined) this.#problem = { index, message };
    return message === undefined;
  }

  /** The verdict, after the last entry. */
  finish(): AuditResult {
    const size = this.#growing.size;
    const root = this.#growing.root();
    const problem = this.#problem ?? this.#rootProblem(size, root);
    return problem === undefined ? { ok: true, size, root } : { ok: false, size, root, problem };
  }

  #rootProblem(size: number, root: Buffer): { message: string } | undefined {
    const head = this.#head!;
    if (size !== head.size) {
      return {
        message: `the checkpoint signs ${head.size} entries, only ${size} were found: entries are missing`,
      };
    }
    if (root.equals(head.root)) return undefined;
    return {
      message:
        `the ${size} entries do not give the signed root: an entry was changed, removed, added or moved ` +
        `(rebuilt ${root.toString('base64')}, signed ${head.root.toString('base64')})`,
    };
  }
}
