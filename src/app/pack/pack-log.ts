import { Failure } from '../../base/failure.ts';
import {
  bundlePath,
  decodeEntry,
  encodeBundle,
  leafHash,
  MAX_ENTRY_BYTES,
  parseCheckpoint,
  parseNote,
  signersOf,
  TILE_WIDTH,
  tilePath,
  tileWidth,
} from '../../ledger/index.ts';
import { formerPath, PACK_FILES, type PackWriter, TreeHashes } from '../../pack/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  checkpointsStatement,
  coveringStatement,
  lastLeafStatement,
  leavesStatement,
  logsStatement,
  notesAfterStatement,
  packPointStatement,
  stampRowsStatement,
  tileRowsStatement,
  wholeOf,
} from '../../store/pack/pack-rows.ts';
import type { Query } from '../read/as-of.ts';

const HASH = 32;
/** Checkpoints beside the newest one. */
const CHECKPOINTS = 1_000;
const TILES_AT_ONCE = 64;

/** A log as its rows say, and as far as it goes into the pack. */
export interface PackedLog {
  number: number;
  origin: string;
  /** What the row says. */
  size: number;
  root: string;
  vkeys: string[];
  checkpoint: string;
  folder: string;
  /** Entries to look for: those the checkpoint signs, as far as there are any. */
  end: number;
  /** Hashes that proofs are made from; those that give the signed root, if any do. */
  tree: TreeHashes;
}

/** A checkpoint: which log, how much of it, when, and the note with its cosignatures. */
export interface PackPoint {
  log: number;
  size: number;
  at: string;
  note: string;
}

/** The newest checkpoint at or before a time, or that of exactly a size of the open log; undefined with the sizes beside it when there is none. */
export async function packPoint(
  query: Query,
  asked: { size: number } | { at: Date },
): Promise<{ point?: PackPoint; below: string | null; above: string | null; open: number }> {
  const [row] = await query(packPointStatement(asked));
  const near = {
    below: cell.textOrNull(row?.below),
    above: cell.textOrNull(row?.above),
    open: cell.maybe(cell.number)(row?.open) ?? 0,
  };
  return row?.log === null || row?.log === undefined ? near : { ...near, point: toPackPoint(row) };
}

const toPackPoint = (row: Row): PackPoint => ({
  log: cell.number(row.log),
  size: wholeOf(row.size),
  at: cell.text(row.at),
  note: cell.text(row.note),
});

/**
 * How far the logs go on after an earlier state in its pack: up to the checkpoint that covers the last entry about an erasure in that
 * state. The state itself when nothing of it was erased since.
 */
export async function headOver(query: Query, point: PackPoint): Promise<PackPoint> {
  const last = (await query(notesAfterStatement(point))).findLast((row) => erasesBefore(row, point));
  if (last === undefined) return point;
  const [row] = await query(coveringStatement(cell.number(last.log), wholeOf(last.index)));
  return row ? toPackPoint(row) : point;
}

/** True for an entry that says that parts of versions before the point were erased. One that cannot be read says nothing. */
function erasesBefore(row: Row, point: PackPoint): boolean {
  try {
    const entry = decodeEntry(cell.bytes(row.entry));
    if (entry.type !== 'log' || entry.about !== 'erasure') return false;
    const log = cell.byName(cell.number)(row.logs)[entry.of ?? entry.origin];
    if (log === undefined || log > point.log) return false;
    return log < point.log || (entry.entries ?? []).some((index) => index < point.size);
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Writes the files of every log up to `head`, or up to the newest; answers them, the one the pack is of last. */
export async function writeLogs(
  query: Query,
  pack: PackWriter,
  head: PackPoint | undefined,
): Promise<PackedLog[]> {
  const rows = await query(logsStatement(head?.log ?? 2 ** 31 - 1));
  const logs: PackedLog[] = [];
  for (const [i, row] of rows.entries()) {
    const last = i === rows.length - 1;
    const number = cell.number(row.number);
    const cut = last ? head : undefined;
    const checkpoint = cut?.note ?? String(row.checkpoint ?? '');
    const signed = headOf(checkpoint);
    const size = cut?.size ?? Math.max(0, wholeOf(row.size));
    const log: PackedLog = {
      number,
      origin: cell.text(row.origin),
      size,
      root: cut && signed ? signed.root : String(row.root),
      vkeys: keysOf(cell.texts(row.vkeys), checkpoint),
      checkpoint,
      folder: last ? PACK_FILES.log : formerPath(number),
      end: Math.min(signed?.size ?? size, await endOf(query, number)),
      tree: new TreeHashes(Buffer.alloc(0)),
    };
    await writeLog(query, pack, log, signed);
    logs.push(log);
  }
  return logs;
}

/** Keys of a log by then, newest first: a key that came later has signed nothing that is in the pack. */
function keysOf(vkeys: string[], checkpoint: string): string[] {
  const [newest] = signersOf(checkpoint, vkeys);
  return newest === undefined ? vkeys : vkeys.slice(vkeys.indexOf(newest));
}

function headOf(note: string): { size: number; root: string } | undefined {
  try {
    const { size, root } = parseCheckpoint(parseNote(note).text);
    return { size, root: root.toString('base64') };
  } catch {
    return undefined;
  }
}

const endOf = async (query: Query, log: number): Promise<number> =>
  Math.max(0, wholeOf((await query(lastLeafStatement(log)))[0]?.end));

async function writeLog(
  query: Query,
  pack: PackWriter,
  log: PackedLog,
  signed: { size: number; root: string } | undefined,
): Promise<void> {
  const size = signed?.size ?? log.size;
  await pack.add(`${log.folder}checkpoint`, log.checkpoint);
  const hashes = Buffer.alloc(log.end * HASH);
  for (let first = 0; first < log.end; first += TILE_WIDTH) {
    const index = first / TILE_WIDTH;
    const width = tileWidth(0, index, size);
    const rows = await query(leavesStatement(log.number, first, first + width));
    if (rows.length === 0) continue;
    // Beyond its longest an entry cannot be written; what is cut off then no longer gives its hash, and is found.
    const entries = rows.map((r) => cell.bytes(r.entry).subarray(0, MAX_ENTRY_BYTES));
    for (const [i, row] of rows.entries()) {
      const at = wholeOf(row.index);
      if (at < log.end) leafHash(entries[i]!).copy(hashes, at * HASH);
    }
    await pack.add(`${log.folder}${bundlePath(index, width)}`, encodeBundle(entries));
  }
  const tiles = Buffer.alloc(log.end * HASH);
  for (let level = 0; size / TILE_WIDTH ** level >= 1; level++)
    await writeTiles(query, pack, log, size, level, level === 0 ? tiles : undefined);
  log.tree = new TreeHashes(tiles);
  if (log.tree.root().toString('base64') === signed?.root || tiles.equals(hashes)) return;
  const byEntries = new TreeHashes(hashes);
  if (byEntries.root().toString('base64') === signed?.root) log.tree = byEntries;
}

async function writeTiles(
  query: Query,
  pack: PackWriter,
  log: PackedLog,
  size: number,
  level: number,
  leaves: Buffer | undefined,
): Promise<void> {
  for (let from = 0; tileWidth(level, from, size) > 0; ) {
    const rows: Row[] = await query(tileRowsStatement(log.number, level, from, TILES_AT_ONCE));
    for (const row of rows) {
      const index = wholeOf(row.index);
      const width = index < 0 ? 0 : tileWidth(level, index, size);
      if (width === 0) continue;
      const hashes = cell.bytes(row.hashes).subarray(0, width * HASH);
      if (leaves) hashes.copy(leaves, index * TILE_WIDTH * HASH);
      await pack.add(`${log.folder}${tilePath(level, index, width)}`, hashes);
    }
    const last = wholeOf(rows.at(-1)?.index);
    if (rows.length < TILES_AT_ONCE || last < from) return;
    from = last + 1;
  }
}

/** Earlier checkpoints and the time stamps; answers how many stamps there are. */
export async function writeCheckpoints(
  query: Query,
  pack: PackWriter,
  log: PackedLog,
  later: boolean,
): Promise<number> {
  const kept = await query(checkpointsStatement(log.number, log.size, CHECKPOINTS, later));
  await pack.add(
    PACK_FILES.checkpoints,
    kept.map(
      (row) => `${JSON.stringify({ size: wholeOf(row.size), note: row.note, at: shortInstant(row.at) })}\n`,
    ),
  );
  const chains: string[] = [];
  const stamps = await query(stampRowsStatement(log.number, log.size));
  for (const row of stamps) {
    const note = String(row.note);
    const size = wholeOf(row.size);
    await pack.add(`${PACK_FILES.stamps}${size}.body`, note.slice(0, note.lastIndexOf('\n\n') + 1));
    await pack.add(`${PACK_FILES.stamps}${size}.tsr`, cell.bytes(row.token));
    const chain = String(row.chain ?? '');
    if (chain && !chains.includes(chain)) chains.push(chain);
  }
  for (const [i, chain] of chains.entries()) await pack.add(`${PACK_FILES.stamps}chain-${i + 1}.pem`, chain);
  return stamps.length;
}

const shortInstant = (text: unknown): string => String(text).replace(/(\.\d{3})000Z$/, '$1Z');
