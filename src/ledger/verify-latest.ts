import { decodeBase64 } from './base64.ts';
import {
  attempt,
  type DisclosureCheck,
  parseFaithfully,
  readHead,
  readKeys,
  readProof,
  refused,
  type TrustedKeys,
} from './checks.ts';
import { decodeEntry, type LogEntry } from './entry.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { type LatestFile, type LatestRow, latestProblem, requireSnapshot } from './snapshot.ts';
import { rowBytes, type SnapshotRow, SnapshotTree } from './snapshot-tree.ts';

/** Longest latest-version file that is read, in characters. */
const MAX_LATEST_CHARS = 2_000_000;

/** Verdict over a latest-version file. */
export interface LatestVerdict {
  /** True when every check holds. */
  ok: boolean;
  checks: DisclosureCheck[];
  /** Where the key came from: `file` proves only that the file agrees with itself. */
  keyFrom: 'caller' | 'file';
  /** The snapshot's entry, when it could be read; believe it only when `ok`. */
  entry?: LogEntry;
  /** The newest version, null when the record did not exist; there only when `ok`. */
  latest?: SnapshotRow | null;
}

/**
 * Verifies a latest-version file offline: shape, key, snapshot entry, signed checkpoint, inclusion, the rows in the
 * snapshot, and that they say what `row` claims. `file` is its text or the parsed JSON; prefer the text.
 * `trusted` is the log's vkey, or all of them when it was rotated.
 *
 * Never throws. A check that could not be made because an earlier one failed counts as failed and says so.
 */
export function verifyLatest(file: unknown, trusted?: TrustedKeys): LatestVerdict {
  const keyFrom = trusted === undefined ? 'file' : 'caller';
  const checks: DisclosureCheck[] = [];
  let entry: LogEntry | undefined;
  let row: LatestRow | null = null;
  try {
    const latest = attempt(checks, 'file', () => readFile(file));
    if (latest !== undefined) {
      row = latest.row;
      entry = verifyParts(latest, trusted, checks);
    }
  } catch {
    checks.push({
      name: 'file',
      ok: false,
      detail: 'The file could not be read to its end; it is no latest-version file.',
    });
  }
  const ok = checks.length > 0 && checks.every((check) => check.ok);
  const read = entry === undefined ? {} : { entry };
  return ok ? { ok, checks, keyFrom, ...read, latest: row && asRow(row) } : { ok, checks, keyFrom, ...read };
}

function verifyParts(f: LatestFile, trusted: TrustedKeys | undefined, checks: DisclosureCheck[]) {
  const keys = attempt(checks, 'key', () => readKeys(f, trusted));
  const bytes = decodeBase64(f.entry);
  const entry = attempt(checks, 'entry', () => readEntry(f, bytes));
  const proof = attempt(checks, 'proof', () => readProof(f));
  const head = attempt(checks, 'checkpoint', () => readHead(f.origin, proof, keys));
  attempt(checks, 'inclusion', () => {
    if (bytes === undefined || proof === undefined || head === undefined) {
      throw refused('not checked, because the entry, the proof or the checkpoint could not be trusted');
    }
    if (!verifyInclusion(f.index, head.size, leafHash(bytes), proof.hashes, head.root)) {
      throw refused(
        `the snapshot is not at place ${f.index} of the ${head.size} entries the checkpoint signs`,
      );
    }
    return [true, `the snapshot is at place ${f.index} of the ${head.size} entries the checkpoint signs`];
  });
  const placed = attempt(checks, 'rows', () => checkPlaces(f, entry));
  attempt(checks, 'latest', () => {
    if (entry === undefined || placed === undefined)
      throw refused('not checked, because the snapshot or its rows could not be trusted');
    return checkClaim(f, entry.snapshot.records);
  });
  return entry;
}

function readFile(file: unknown): [LatestFile, string] {
  const value = typeof file === 'string' ? parseFaithfully(file, MAX_LATEST_CHARS, 5) : file;
  const problem = latestProblem(value);
  if (problem !== undefined) throw refused(problem);
  return [value as LatestFile, 'the file is of the known format'];
}

function readEntry(f: LatestFile, bytes: Buffer | undefined) {
  if (bytes === undefined) throw refused('"entry" is not valid base64');
  const entry = requireSnapshot(decodeEntry(bytes));
  if (entry.origin !== f.origin) throw refused('the snapshot is of another log than the file');
  const detail = `the snapshot of ${entry.at} holds ${entry.snapshot.records} records`;
  return [entry, detail] as [typeof entry, string];
}

/** Every row stands where the file says, in the tree the snapshot names. */
function checkPlaces(f: LatestFile, entry: ReturnType<typeof requireSnapshot> | undefined): [true, string] {
  if (entry === undefined) throw refused('not checked, because the snapshot could not be read');
  const { records, root: rootText } = entry.snapshot;
  const root = Buffer.from(rootText, 'base64');
  for (const { index, row, hashes } of f.places) {
    const proof = hashes.map((h) => Buffer.from(h, 'base64'));
    if (!verifyInclusion(index, records, leafHash(rowBytes(asRow(row))), proof, root)) {
      throw refused(`the row of record ${row[0]} is not at place ${index} of the ${records} in the snapshot`);
    }
  }
  // Without rows there is nothing to include: then the snapshot itself must be the one of nothing.
  if (f.places.length === 0 && (records !== 0 || !root.equals(new SnapshotTree().root()))) {
    throw refused(`no row is shown, and the snapshot with ${records} records is not the empty one`);
  }
  return [true, f.places.length === 0 ? 'the snapshot is empty' : 'the rows shown stand in the snapshot'];
}

/** The rows, which stand in the snapshot, say what the file claims of the record. */
function checkClaim(f: LatestFile, records: number): [true, string] {
  const [first, second] = f.places;
  const when = `before entry ${f.index} was made`;
  if (f.row !== null) {
    if (f.row[0] !== f.record) throw refused('"row" is of another record than the file is about');
    if (first === undefined || second !== undefined || !sameRow(f.row, first.row)) {
      throw refused('"places" must hold the place of "row" and no other');
    }
    return [true, `version ${f.row[1]} was the newest of record ${f.record} ${when}`];
  }
  if (!leavesNoRoom(f, records)) {
    throw refused(
      `the rows shown leave room for record ${f.record}: this does not prove that it did not exist`,
    );
  }
  return [true, `record ${f.record} did not exist ${when}`];
}

function leavesNoRoom({ places, record }: LatestFile, records: number): boolean {
  const [first, second] = places;
  if (first === undefined) return records === 0;
  if (second !== undefined) {
    return second.index === first.index + 1 && first.row[0] < record && record < second.row[0];
  }
  const isFirst = first.index === 0 && record < first.row[0];
  const isLast = first.index === records - 1 && first.row[0] < record;
  return isFirst || isLast;
}

function sameRow(a: LatestRow, b: LatestRow): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

function asRow([id, version, digest]: LatestRow): SnapshotRow {
  return { id, version, digest };
}
