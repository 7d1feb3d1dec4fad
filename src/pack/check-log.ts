import { Failure } from '../base/failure.ts';
import { parseCheckpoint } from '../ledger/checkpoint.ts';
import { decodeEntry, entryDigest, type LogEntry, type RecordEntry } from '../ledger/entry.ts';
import { KEY_LOST, ROWS_ENTERED } from '../ledger/entry-shape.ts';
import { HASH_BYTES, leafHash } from '../ledger/merkle.ts';
import { parseNote } from '../ledger/note.ts';
import { SnapshotTree } from '../ledger/snapshot-tree.ts';
import { TILE_WIDTH } from '../ledger/tiles.ts';
import { compareTiles, compareUpper, LogEntries, type LogFiles, numberOf, readTiles } from './log-files.ts';
import type { Problems } from './problems.ts';
import { TreeHashes } from './tree-hashes.ts';
import type { PackZip } from './zip-read.ts';

/** What stands at a place of a log. */
export const KIND = { unreadable: 0, log: 1, record: 2 } as const;

/** A log of the pack after it was read. */
export interface CheckedLog extends LogFiles {
  origin: string;
  entries: LogEntries;
  /** What the signed note says; undefined when it cannot be read. */
  root: Buffer | undefined;
  /** Hashes of the entries, or the signed ones where these are known. */
  tree: TreeHashes;
  /** True when the entries give the root of the note. */
  sound: boolean;
  /** Per entry one of KIND. */
  kinds: Uint8Array;
  /** Per entry 1 once a version of the pack claimed it. */
  claimed: Uint8Array;
  rotations: { index: number; vkey: string }[];
  /** The key that its first entry names. */
  firstKey: string | undefined;
  /** Keys that `pack.json` says: for the first log of an organisation, whose first entry names none. */
  told: readonly string[];
  /** From this entry on rows carry the time of their entries: the log says so. Infinity when it does not. */
  exactFrom: number;
  /** What the first entry says of the log before. */
  previous: LogEntry['previous'];
  /** Time of the first entry. */
  openedAt: string | undefined;
  /** The key of the log before that was lost, as a note says. */
  lostKey: string | undefined;
  /** Versions that were recorded before this log was opened: they had waited. */
  waited: Waited;
}

/** How many, and the time of the oldest. */
export interface Waited {
  entries: number;
  since: string | null;
}

/** What all logs of an organisation say of its records, oldest log first. */
export class Histories {
  readonly newest = new Map<string, { version: number; digest: string; register: string; number: number }>();
  /** Newest version of each record in the state that the pack shows. */
  readonly shown = new Map<string, number>();
  /** `<origin> <index>` -> groups that were erased there. */
  readonly erased = new Map<string, Set<string>>();
  readonly snapshots = new SnapshotTree();
  /** Said by an entry so far: rows carry the time of their entries. */
  exact = false;
}

/**
 * Reads one log of a pack: tiles, entries, histories. The head it is compared with is only what the note says; whether that note is
 * signed is for `checkKeys`.
 */
export async function checkLog(
  zip: PackZip,
  log: LogFiles,
  origin: string,
  histories: Histories,
  problems: Problems,
): Promise<CheckedLog> {
  const note = await headOf(zip, log, origin, problems);
  const size = plausible(zip, log, note?.size ?? log.size, problems);
  const files = { ...log, size, shown: Math.min(log.shown, size) };
  const tiles = await readTiles(zip, files, problems);
  const entries = new LogEntries(zip, files);
  const byTiles = new TreeHashes(tiles.leaves);
  const root = note?.size === size ? note.root : undefined;
  const tilesSigned = root !== undefined && byTiles.root().equals(root);
  if (tilesSigned) entries.signed = byTiles;
  const checked: CheckedLog = {
    ...files,
    origin,
    entries,
    root,
    tree: byTiles,
    sound: false,
    kinds: new Uint8Array(size),
    claimed: new Uint8Array(size),
    rotations: [],
    firstKey: undefined,
    told: [],
    exactFrom: histories.exact ? 0 : Number.POSITIVE_INFINITY,
    previous: undefined,
    openedAt: undefined,
    lostKey: undefined,
    waited: { entries: 0, since: null },
  };
  const hashes = await walk(checked, tiles.expected, histories, problems);
  const own = hashes.equals(tiles.leaves) ? byTiles : new TreeHashes(hashes);
  checked.sound = root !== undefined && own.root().equals(root);
  if (!tilesSigned) checked.tree = own;
  if (checked.sound) compareTiles(tiles, own, files, problems);
  else if (tilesSigned) compareUpper(tiles, byTiles, files, problems);
  else if (root !== undefined) {
    problems.add(
      'log',
      { file: `${log.folder}checkpoint`, ...numberOf(log) },
      `the ${size} entries do not give the root of the checkpoint: an entry was changed, removed, added or moved ` +
        `(rebuilt ${own.root().toString('base64')}, signed ${root.toString('base64')})`,
    );
    compareTiles(tiles, own, files, problems);
  }
  for (const name of zip.names)
    if (name.startsWith(`${log.folder}tile/`) && !tiles.expected.has(name))
      problems.add('log', { file: name, ...numberOf(log) }, `a tree of ${size} entries has no such tile`);
  return checked;
}

async function headOf(zip: PackZip, log: LogFiles, origin: string, problems: Problems) {
  const place = { file: `${log.folder}checkpoint`, ...numberOf(log) };
  try {
    const head = parseCheckpoint(parseNote((await zip.bytes(place.file)).toString('utf8')).text);
    if (head.origin !== origin)
      problems.add(
        'checkpoint',
        place,
        `the checkpoint is of the log ${show(head.origin)}, expected ${show(origin)}`,
      );
    if (head.size !== log.size)
      problems.add(
        'checkpoint',
        place,
        `the checkpoint is of ${head.size} entries, pack.json says ${log.size}`,
      );
    if (head.size === 0) problems.add('checkpoint', place, 'the log is empty: nothing can be verified');
    return head;
  } catch (error) {
    problems.add('checkpoint', place, error instanceof Error ? error.message : 'cannot be read');
    return undefined;
  }
}

/** A size far beyond the files of the pack would be walked for ever. */
function plausible(zip: PackZip, log: LogFiles, size: number, problems: Problems): number {
  let bundles = 0;
  for (const name of zip.names) if (name.startsWith(`${log.folder}tile/entries/`)) bundles += 1;
  const most = (bundles + 1000) * TILE_WIDTH;
  if (size <= most) return size;
  problems.add(
    'log',
    { file: `${log.folder}checkpoint`, ...numberOf(log) },
    `the checkpoint signs ${size} entries; the pack has room for at most ${bundles * TILE_WIDTH}: entries are missing`,
  );
  return bundles * TILE_WIDTH;
}

/** Reads every entry in order; answers their hashes, zeros where there is none. */
async function walk(
  log: CheckedLog,
  expected: Set<string>,
  histories: Histories,
  problems: Problems,
): Promise<Buffer> {
  const hashes = Buffer.alloc(log.size * HASH_BYTES);
  const signed = log.entries.signed;
  for (let bundle = 0; bundle < log.entries.bundles; bundle++) {
    const file = log.entries.path(bundle);
    expected.add(file);
    const { slots, fault, missing, asSigned } = await log.entries.load(bundle);
    const first = bundle * TILE_WIDTH;
    if (fault !== undefined)
      problems.add(
        'log',
        { file, ...numberOf(log), ...(missing ? { entry: first } : {}) },
        missing ? `the entries from ${first} on: the file ${fault}` : fault,
      );
    for (let i = 0; first + i < Math.min(log.size, first + TILE_WIDTH); i++) {
      const index = first + i;
      const bytes = slots[i];
      const place = { file, ...numberOf(log), entry: index };
      if (bytes === undefined) {
        if (!missing) problems.add('log', place, `entry ${index} is missing`);
        continue;
      }
      const hash = asSigned && signed ? signed.node(0, index) : leafHash(bytes);
      hash.copy(hashes, index * HASH_BYTES);
      if (signed && !asSigned && !hash.equals(signed.node(0, index)))
        problems.add(
          'log',
          place,
          `entry ${index} is not the one that was signed: it was changed or put there since`,
        );
      readEntry(log, bytes, index, histories, (message) => problems.add('histories', place, message));
    }
  }
  return hashes;
}

function readEntry(
  log: CheckedLog,
  bytes: Buffer,
  index: number,
  histories: Histories,
  problem: (message: string) => void,
): void {
  try {
    const entry = decodeEntry(bytes);
    log.kinds[index] = entry.type === 'record' ? KIND.record : KIND.log;
    if (entry.type === 'record') readRecordEntry(entry, bytes, index, histories, problem);
    if (entry.type === 'record' && log.openedAt !== undefined && entry.at < log.openedAt)
      log.waited = { entries: log.waited.entries + 1, since: earlier(log.waited.since, entry.at) };
    if (entry.type === 'record' && index < log.shown) histories.shown.set(entry.id, entry.version);
    if (entry.type === 'log') readLogEntry(log, entry, index, histories, problem);
    if (index === 0 && !(entry.type === 'log' && entry.act === 'open'))
      problem('entry 0 does not open the log: its first entry is missing or was changed');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problem(`entry ${index} cannot be read: ${error.message}`);
  }
}

const earlier = (a: string | null, b: string): string => (a === null || b < a ? b : a);

function readRecordEntry(
  entry: RecordEntry,
  bytes: Buffer,
  index: number,
  { newest, snapshots }: Histories,
  problem: (message: string) => void,
): void {
  const before = newest.get(entry.id);
  const expected = (before?.version ?? 0) + 1;
  const what = `entry ${index} (${entry.register} number ${entry.number})`;
  if (entry.version !== expected)
    problem(`${what} is version ${entry.version} of its record, expected version ${expected}`);
  else if (entry.prev !== before?.digest)
    problem(`${what} does not name the entry of version ${expected - 1}: its history was rewritten`);
  if (before && (before.register !== entry.register || before.number !== entry.number))
    problem(
      `${what} continues ${before.register} number ${before.number}: a record does not change its number`,
    );
  const digest = entryDigest(bytes);
  newest.set(entry.id, { version: entry.version, digest, register: entry.register, number: entry.number });
  snapshots.set({ id: entry.id, version: entry.version, digest });
}

function readLogEntry(
  log: CheckedLog,
  entry: LogEntry,
  index: number,
  histories: Histories,
  problem: (message: string) => void,
): void {
  if (entry.origin !== log.origin)
    problem(`entry ${index} speaks of the log ${show(entry.origin)}, not of ${show(log.origin)}`);
  if (entry.act === 'open') {
    if (index > 0) problem(`entry ${index} opens the log, which entry 0 did`);
    else {
      log.previous = entry.previous;
      log.firstKey = entry.vkey;
      log.openedAt = entry.at;
    }
  }
  if (entry.about === ROWS_ENTERED) {
    log.exactFrom = Math.min(log.exactFrom, index);
    histories.exact = true;
  }
  if (entry.about === 'key.rotate' && entry.vkey !== undefined)
    log.rotations.push({ index, vkey: entry.vkey });
  if (entry.about === KEY_LOST) log.lostKey ??= entry.vkey;
  if (entry.about === 'erasure')
    for (const erased of entry.entries ?? []) {
      const key = `${entry.of ?? log.origin} ${erased}`;
      const groups = histories.erased.get(key) ?? new Set();
      for (const group of entry.groups ?? []) groups.add(group);
      histories.erased.set(key, groups);
    }
  if (entry.snapshot !== undefined) {
    const { records } = histories.snapshots;
    const root = histories.snapshots.root().toString('base64');
    if (records !== entry.snapshot.records || root !== entry.snapshot.root)
      problem(
        `entry ${index} is a snapshot of ${entry.snapshot.records} records with another root than the entries before it give ` +
          `(${records} records, ${root})`,
      );
  }
}

const show = (text: string) => JSON.stringify(text.slice(0, 200));
