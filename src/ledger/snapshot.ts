import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { decodeHash } from './base64.ts';
import { decodeEntry, type LedgerEntry, type LogEntry } from './entry.ts';
import { HASH_BYTES, isSize } from './merkle.ts';
import { parseProof } from './proof.ts';
import {
  isRecordId,
  rowProblem,
  type SnapshotPlace,
  type SnapshotRow,
  SnapshotTree,
} from './snapshot-tree.ts';

/** First field of a latest-version file. */
export const LATEST_FORMAT = 'openaims.latest/1';

/** A tree of fewer than 2^53 rows has no longer inclusion proof. */
const MAX_HASHES = 53;

/** The newest version of a record, or that there is none, and what proves it. */
export interface LatestProof {
  row: SnapshotRow | null;
  places: SnapshotPlace[];
}

/**
 * The file that shows somebody outside which version of a record was the newest, or that the record did not exist,
 * when the log held `index` entries. Verified offline with `verifyLatest`.
 *
 * Written as canonical JSON (RFC 8785) and a newline. A verifier, in any language:
 * 1. base64-decodes `entry`; it must be a log entry with `about` "snapshot", naming a number of records and a root;
 * 2. proves that entry in the log, as for a disclosure: signature of the checkpoint in `proof`, inclusion at `index`;
 * 3. for each of `places`: leaf hash = SHA-256(0x00 || canonical JSON of `row`), inclusion at its `index` in a tree
 *    of that many records with that root (RFC 9162 section 2.1.3.2);
 * 4. when `row` is given: it is the row of `record` and the one place. Otherwise the places leave no room for it
 *    between them: rows are sorted by UUID, so they are neighbours around it, or the first or last row beside it.
 *
 * What it rests on: that the log sorted the rows of its snapshot and left none out. Whoever reads all entries sees
 * whether it did (`LogAuditor` with `histories`), and the snapshot is signed: a false one stays proof against the log.
 */
export interface LatestFile {
  format: typeof LATEST_FORMAT;
  /** The log's verifier key, for information: a verifier trusts a key it got elsewhere. */
  vkey: string;
  origin: string;
  /** The leaf of the snapshot, base64. */
  entry: string;
  /** Its place in the log; the snapshot is of the entries before it, and of those of the logs this one continues. */
  index: number;
  /** The `.tlog-proof` text of the snapshot's leaf. */
  proof: string;
  /** UUID of the record. */
  record: string;
  row: LatestRow | null;
  places: { index: number; row: LatestRow; hashes: string[] }[];
}

/** Record, version, digest of the entry. */
export type LatestRow = [id: string, version: number, digest: string];

/**
 * Number of records and root of a snapshot. Rows in any order, one for each record; fails INVALID on a row that is
 * malformed or given twice.
 */
export function snapshotRoot(rows: Iterable<SnapshotRow>): { records: number; root: Buffer } {
  const tree = new SnapshotTree(rows);
  return { records: tree.records, root: tree.root() };
}

/**
 * The newest version of a record in a snapshot with the inclusion of its row; when there is no such record, the
 * inclusions of its neighbours. `rows` are all rows, or the tree over them for whoever asks more than once.
 */
export function latestProof(rows: Iterable<SnapshotRow> | SnapshotTree, id: string): LatestProof {
  if (!isRecordId(id)) throw bad('a record is named by its lower-case UUID');
  const tree = rows instanceof SnapshotTree ? rows : new SnapshotTree(rows);
  const places = tree.places(id);
  const found = places[0];
  return places.length === 1 && found!.row.id === id ? { row: found!.row, places } : { row: null, places };
}

/**
 * Makes the file. Fails INVALID when the rows are not those the entry was made of: a file that cannot verify is
 * never handed out.
 */
export function makeLatest(from: {
  vkey: string;
  origin: string;
  /** The leaf of the snapshot. */
  entry: Buffer;
  /** The `.tlog-proof` text of that leaf. */
  proof: string;
  rows: Iterable<SnapshotRow> | SnapshotTree;
  record: string;
}): LatestFile {
  const { vkey, origin, entry, proof, record } = from;
  const { index, extra } = parseProof(proof);
  if (extra !== undefined) throw bad('a latest-version file carries a proof without extra data');
  const { snapshot } = requireSnapshot(decodeEntry(entry));
  const tree = from.rows instanceof SnapshotTree ? from.rows : new SnapshotTree(from.rows);
  if (tree.records !== snapshot.records || tree.root().toString('base64') !== snapshot.root) {
    throw bad(
      `the rows are not those of the snapshot in entry ${index}: it has ${snapshot.records} records, ` +
        `got ${tree.records}; take the newest versions in the entries before it`,
    );
  }
  const { row, places } = latestProof(tree, record);
  return {
    format: LATEST_FORMAT,
    vkey,
    origin,
    entry: entry.toString('base64'),
    index,
    proof,
    record,
    row: row === null ? null : asList(row),
    places: places.map((p) => ({
      index: p.index,
      row: asList(p.row),
      hashes: p.hashes.map((h) => h.toString('base64')),
    })),
  };
}

/** Text of the file: canonical JSON and a newline. */
export function formatLatest(file: LatestFile): string {
  return `${canonicalJson(file)}\n`;
}

/** What a snapshot entry says; fails INVALID when it is another entry. */
export function requireSnapshot(
  entry: LedgerEntry,
): LogEntry & { snapshot: NonNullable<LogEntry['snapshot']> } {
  if (entry.type !== 'log' || entry.about !== 'snapshot' || entry.snapshot === undefined) {
    throw bad('the entry is no snapshot: it must be a log entry with "about" "snapshot"');
  }
  return { ...entry, snapshot: entry.snapshot };
}

/** What is wrong with the shape of a latest-version file, as a sentence, or undefined. */
export function latestProblem(file: unknown): string | undefined {
  if (!isObject(file)) return 'a latest-version file must be a JSON object';
  if (file.format !== LATEST_FORMAT) return `"format" must be "${LATEST_FORMAT}"`;
  const known = ['format', 'vkey', 'origin', 'entry', 'index', 'proof', 'record', 'row', 'places'];
  const unknown = Object.keys(file).find((field) => !known.includes(field));
  if (unknown !== undefined)
    return `a latest-version file has no field ${JSON.stringify(unknown.slice(0, 40))}`;
  for (const field of ['vkey', 'origin', 'entry', 'proof']) {
    if (typeof file[field] !== 'string' || file[field] === '') return `"${field}" must be a non-empty string`;
  }
  if (!isIndex(file.index)) return '"index" must be a whole number from 0 to 2^53 - 1';
  if (!isRecordId(file.record)) return '"record" must be a lower-case UUID';
  if (file.row !== null && !isRow(file.row))
    return '"row" must be null or a list of UUID, version and digest';
  const { places } = file;
  if (!Array.isArray(places) || places.length > 2) return '"places" must be a list of at most two places';
  return places.every(isPlace)
    ? undefined
    : `each of "places" must hold "index", "row" and "hashes", at most ${MAX_HASHES} of 32 bytes, and no more`;
}

function isPlace(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).sort().join() !== 'hashes,index,row') return false;
  const { hashes } = value;
  return (
    isIndex(value.index) &&
    isRow(value.row) &&
    Array.isArray(hashes) &&
    hashes.length <= MAX_HASHES &&
    hashes.every((h) => typeof h === 'string' && decodeHash(h)?.length === HASH_BYTES)
  );
}

function isRow(value: unknown): value is LatestRow {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [id, version, digest] = value;
  return typeof digest === 'string' && rowProblem({ id, version, digest }) === undefined;
}

function isIndex(value: unknown): boolean {
  return isSize(value) && !Object.is(value, -0);
}

function asList({ id, version, digest }: SnapshotRow): LatestRow {
  return [id, version, digest];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
