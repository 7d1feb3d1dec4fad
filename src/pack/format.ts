/**
 * The audit pack, format `openaims.audit-pack/1`: one ZIP that an auditor checks without the system it came from.
 * This file fixes names and spellings; `write.ts` makes packs, `verify.ts` checks them.
 */

/** First word of `pack.json`. */
export const PACK_FORMAT = 'openaims.audit-pack/1';

/** Names of the files that are always the same. */
export const PACK_FILES = {
  readme: 'README.md',
  manifest: 'pack.json',
  html: 'verify.html',
  verifiers: 'verifiers/',
  log: 'log/',
  checkpoint: 'log/checkpoint',
  vkey: 'log/vkey',
  policy: 'log/policy',
  asOf: 'log/as-of',
  checkpoints: 'log/checkpoints.jsonl',
  former: 'log/former/',
  stamps: 'stamps/',
  records: 'records/',
  evidence: 'evidence/',
  evidenceIndex: 'evidence/index.jsonl',
  decisions: 'decisions/',
  documents: 'documents/',
} as const;

/** A log that the present one continues. `root` in base64. */
export interface FormerLog {
  number: number;
  origin: string;
  size: number;
  root: string;
  /** Keys that signed it, newest first. */
  vkeys: string[];
}

/** `pack.json`. */
export interface PackManifest {
  format: typeof PACK_FORMAT;
  /** Origin of the log. */
  origin: string;
  /** Number of the log in its organisation, from 1. */
  log: number;
  /** Slug of the organisation. */
  organisation: string;
  /** Name of the organisation. */
  name: string;
  /** Entries of the log in this pack. */
  size: number;
  /** Root over them, base64. */
  root: string;
  /** The state the pack shows, when it is not the newest. */
  asOf: PackAsOf | null;
  /** The system whose records are inside; null: every record. */
  system: string | null;
  /** When the pack was made, ISO 8601 in UTC. */
  madeAt: string;
  /** Present and former keys of this log, newest first. Trusted by nobody who holds a key of their own. */
  vkeys: string[];
  /** Public key of the gate, PEM. */
  gateKey: string;
  /** Logs this one continues, oldest first. */
  former: FormerLog[];
  /** SHA-256 (64 lower-case hex) of every other file, by path. */
  files: Record<string, string>;
}

/**
 * An earlier state: size and time of the checkpoint it was signed by. Without `log` it is that of the pack, which ends there. With `log`
 * the pack's log, or one that continues it, goes on after that state, up to a checkpoint over the last entry that says that something of it
 * was erased since (decision 0008). Records then show no version entered later, and `log/as-of` holds the checkpoint of the state.
 */
export interface PackAsOf {
  /** Number of the log the state is of. */
  log?: number;
  size: number;
  at: string;
}

/** One field group of a version. */
export interface PackPart {
  /** 64 lower-case hex digits. */
  salt: string;
  /** Canonical JSON of the value: the commitment is made over these bytes as they are. */
  json: string;
}

/** One version of a record. */
export interface PackVersion {
  version: number;
  /** Number of the log its entry is in. */
  log: number;
  /** Index of its entry there. */
  index: number;
  at: string;
  act: string;
  transition: string | null;
  state: string;
  /** Reference of who did it. */
  actor: string;
  /** `sha256:<hex>` of the entry. */
  digest: string;
  /** Inclusion proof (base64 hashes) of leaf `index` in the tree of `size` entries of its log. */
  proof: string[];
  /** Field groups that are there, by name. */
  parts: Record<string, PackPart>;
  /** Groups the entry has and the pack has not. */
  erased: string[];
}

/** What the row of a record said when the pack was made. */
export interface PackPresent {
  version: number;
  state: string;
  title: string;
  values: Record<string, unknown>;
  derived: Record<string, unknown>;
  links: Record<string, string[]>;
}

/** One line of `records/<register>.jsonl`; lines ascend by number. */
export interface PackRecord {
  ref: string;
  /** Lower-case UUID. */
  id: string;
  register: string;
  number: number;
  /** null in a pack of an earlier state. */
  present: PackPresent | null;
  versions: PackVersion[];
}

/** One line of `log/checkpoints.jsonl`. */
export interface PackCheckpoint {
  size: number;
  /** The signed note, verbatim. */
  note: string;
  at: string;
}

/** One line of `evidence/index.jsonl`. */
export interface PackEvidence {
  sha256: string;
  bytes: number;
  fileName: string;
  /** The evidence record that names it. */
  ref: string;
}

/** Entries of a log that belong to the state a pack shows; those after it only say what was erased since. */
export function shownOf({ asOf }: Pick<PackManifest, 'asOf'>, log: { number: number; size: number }): number {
  if (asOf?.log === undefined || log.number < asOf.log) return log.size;
  return log.number === asOf.log ? Math.min(asOf.size, log.size) : 0;
}

/** Path of the records of a register. */
export const recordsPath = (register: string): string => `${PACK_FILES.records}${register}.jsonl`;

/** Path of a register's table for people. */
export const documentPath = (register: string): string => `${PACK_FILES.documents}${register}.csv`;

/** Path of an evidence file. */
export const evidencePath = (sha256: string): string => `${PACK_FILES.evidence}${sha256}`;

/** Path of a signed statement of the gate. */
export const decisionPath = (ref: string): string => `${PACK_FILES.decisions}${ref}.dsse.json`;

/** Folder of a former log, with the slash. */
export const formerPath = (number: number): string => `${PACK_FILES.former}${number}/`;

/** Limits of what is read; the same in every verifier. */
export const PACK_LIMITS = {
  /** Bytes of all files together, unpacked. */
  unpacked: 4 * 1024 ** 3,
  /** Files. */
  files: 1_000_000,
  /** Unpacked bytes per packed byte, once a file has given more than `free` bytes. */
  ratio: 200,
  /** Bytes of a file that may be packed however tightly: no evidence file is larger. */
  free: 64 * 1024 ** 2,
  /** Bytes of one line of a `.jsonl` file. */
  line: 256 * 1024 ** 2,
  /** Bytes of a file that is read whole: pack.json has its own, larger one. */
  small: 16 * 1024 ** 2,
  /** Bytes of `pack.json`. */
  manifest: 256 * 1024 ** 2,
  /** Problems that are listed. */
  problems: 100,
} as const;
