import { canonicalJson, isCanonical, sha256Hex } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { commit, type Group } from './commitment.ts';
import { logEntryProblem, type RECORD_ACTS, recordEntryProblem } from './entry-shape.ts';
import { MAX_ENTRY_BYTES } from './tiles.ts';

/** What was done to a record. */
export type RecordAct = (typeof RECORD_ACTS)[number];

/** Commitments by group, each 64 lower-case hex digits (see `commit`; the label is the group's name). */
export type Commitments = { readonly [group in Group]?: string };

/**
 * The leaf written for one new version of one record. Holds no personal data and no free text: names of
 * registers, states and transitions, numbers, times, and commitments to the rest.
 */
export interface RecordEntry {
  readonly v: 1;
  readonly type: 'record';
  /** When, ISO 8601 in UTC with milliseconds. */
  readonly at: string;
  readonly register: string;
  /** UUID of the record, lower case. */
  readonly id: string;
  /** Number of the record in its register, from 1. */
  readonly number: number;
  /** Version this entry made, from 1 without gaps. */
  readonly version: number;
  readonly act: RecordAct;
  /** Name of the transition; present exactly when `act` is `transition`. */
  readonly transition?: string;
  /** State of the record after it. */
  readonly state: string;
  /** Digest of the entry of the version before (`entryDigest`); absent exactly for version 1. */
  readonly prev?: string;
  readonly c: Commitments;
}

/** A leaf about the log itself: its opening, an erasure, a change of key. Holds no personal data either. */
export interface LogEntry {
  readonly v: 1;
  readonly type: 'log';
  readonly at: string;
  readonly act: 'open' | 'note';
  /** Origin of this log. */
  readonly origin: string;
  /**
   * What a note is about: `erasure`, `key.rotate`, `snapshot`, `witness.add`, `witness.remove`, `log.public`, `log.private`, `key.lost`,
   * `rows.entered`. The last stands in the first entry of logs that 0.1.0 did not begin (decision 0029).
   */
  readonly about?: string;
  /** Key the log is signed with from here on, or the witness spoken of; about `key.lost`, the key of the log before. */
  readonly vkey?: string;
  /**
   * Last head of the log this one continues; `root` in base64. `left`: how many of its entries are there, which is fewer after a loss, and the root
   * over them, so that nobody can take some away, add to them or change them. Logs that 0.1.0 began do not say it.
   */
  readonly previous?: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly left?: { readonly size: number; readonly root: string };
  };
  /** Indexes of the leaves it speaks of, for example those whose groups were erased. */
  readonly entries?: readonly number[];
  /** Origin of the earlier log that `entries` are indexes of; absent when it is this one. */
  readonly of?: string;
  /** Legal basis of an erasure, one of `ERASURE_BASES`. */
  readonly basis?: string;
  /** The newest version of every record in all entries before this one (see `snapshotRoot`); `root` in base64. */
  readonly snapshot?: { readonly records: number; readonly root: string };
  /** Groups it speaks of. */
  readonly groups?: readonly Group[];
  readonly c?: Commitments;
}

/** What a leaf of the ledger says. */
export type LedgerEntry = RecordEntry | LogEntry;

/**
 * Bytes of a leaf: canonical JSON (RFC 8785) as UTF-8. Fails INVALID, naming the field, on a shape the ledger
 * does not know, and when it is longer than the 65,535 bytes an entry bundle can hold.
 */
export function encodeEntry(entry: LedgerEntry): Buffer {
  requireShape(entry);
  const bytes = Buffer.from(canonicalJson(entry));
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw bad(`a ledger entry has at most 65,535 bytes, this one has ${bytes.length}: split it`);
  }
  return bytes;
}

/**
 * Reads a leaf. Strict: fails INVALID, naming the field, on unknown or missing fields and on bytes that are not
 * the one canonical spelling, so that one entry cannot have two digests.
 */
export function decodeEntry(bytes: Uint8Array): LedgerEntry {
  if (bytes.length > MAX_ENTRY_BYTES)
    throw bad(`a ledger entry has at most 65,535 bytes, got ${bytes.length}`);
  const text = decodeUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('this ledger entry is not JSON');
  }
  requireShape(value);
  if (!isCanonical(text, value)) throw bad('this ledger entry is not written as canonical JSON (RFC 8785)');
  return value;
}

/** `sha256:<hex>` over the bytes of an entry: what the next version of the record names as `prev`. */
export function entryDigest(bytes: Uint8Array): string {
  return `sha256:${sha256Hex(bytes)}`;
}

/**
 * True when the entry committed to exactly this value for the group. False as well when the entry has no such
 * group, or the salt or value could never have been committed to.
 */
export function openGroup(entry: LedgerEntry, group: Group, value: unknown, salt: Uint8Array): boolean {
  const expected = entry.c !== undefined && Object.hasOwn(entry.c, group) ? entry.c[group] : undefined;
  if (expected === undefined) return false;
  try {
    return commit(group, value, salt) === expected;
  } catch {
    return false;
  }
}

function requireShape(value: unknown): asserts value is LedgerEntry {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (type !== 'record' && type !== 'log')
    throw bad('the "type" of a ledger entry must be "record" or "log"');
  const problem = type === 'record' ? recordEntryProblem(value) : logEntryProblem(value);
  if (problem !== undefined) throw bad(problem);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw bad('this ledger entry is not UTF-8');
  }
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
