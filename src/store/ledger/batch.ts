import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import {
  appendLeaves,
  edgeTiles,
  encodeEntry,
  formatCheckpoint,
  leafHash,
  parseCheckpoint,
  parseNote,
  type RemoteSigner,
  ROWS_ENTERED,
  signersOf,
  signNoteRemotely,
  snapshotRoot,
} from '../../ledger/index.ts';
import type { Row, Statement } from '../db/database.ts';
import { rotates, settledIn } from './late-notes.ts';
import { tileStore, tilesStatement } from './tile-rows.ts';

/** Entries sequenced in one transaction at most: it bounds memory and how long the lock is held. */
export const BATCH = 2_000;

/** A key that signs the present log: the row of `log_key`, without its times. */
export interface LogKey {
  vkey: string;
  /** File of the private key. */
  name: string;
}

/** The row of the open log. */
export interface LogRow {
  /** Which log of the organisation, from 1. */
  number: number;
  origin: string;
  size: number;
  root: Buffer;
  /** The note over this size; undefined before the first one. */
  checkpoint?: string;
  snapshotDay: string | null;
  snapshotSize: number;
  /** The newest moment that an entry of it speaks of; null before the first one. */
  newest: Date | null;
  /** Of a demo organisation, whose history has a clock of its own. */
  staged: boolean;
}

export type Query = (s: Statement) => Promise<Row[]>;

/**
 * What a batch came to. `busy`: another process holds the log; nothing was done. `note` is the newest checkpoint, also when nothing was
 * placed: it may be one whose process ended before it could publish it.
 */
export type Placed = { busy: true } | { busy: false; placed: number; note?: string };

/** The open log of the present organisation; locked until the end of the transaction when `locked`. */
export async function readLogRow(query: Query, locked: boolean): Promise<LogRow | undefined> {
  const [log] = await query({
    text: `select number, origin, size, root, checkpoint, snapshot_day, snapshot_size, newest,
        (select o.demo from organisation o where o.id = log.organisation) as staged from log
      where organisation = (select present_organisation())${locked ? ' for update' : ''}`,
  });
  return (
    log && {
      number: log.number as number,
      origin: log.origin as string,
      size: log.size as number,
      root: log.root as Buffer,
      checkpoint: (log.checkpoint as string | null) ?? undefined,
      snapshotDay: log.snapshot_day as string | null,
      snapshotSize: log.snapshot_size as number,
      newest: log.newest as Date | null,
      staged: log.staged as boolean,
    }
  );
}

/**
 * Gives what waits in the outbox its place, within the caller's transaction: leaves, tiles, the new size (compared and swapped) and the
 * checkpoint over it. On the first batch of a day a snapshot entry comes first. Nothing is signed when there is nothing to place.
 */
export async function placeBatch(
  query: Query,
  o: {
    organisation: number;
    clock: Clock;
    signerOf: (key: LogKey, origin: string) => Promise<RemoteSigner>;
    guard: (log: LogRow) => Promise<void>;
    /** Logs, by origin, that are known to say that their rows are `exact`; what is found is added. */
    exact: Set<string>;
  },
): Promise<Placed> {
  const [lock] = await query({
    text: 'select pg_try_advisory_xact_lock(42001, $1) as got',
    values: [o.organisation],
  });
  if (!lock!.got) return { busy: true };
  const log = await readLogRow(query, true);
  if (!log) return { busy: false, placed: 0 };
  await o.guard(log);
  const taken = await query(TAKE);
  taken.sort((a, b) => (a.id as number) - (b.id as number));
  const rows = taken.flatMap((row): Row[] => {
    const settled = settledIn(row, log.origin);
    return settled ? [settled] : [];
  });
  // Never before the newest entry, though the clock may be: what was accepted gets its place, and time does not run backwards in the log.
  const written = newestOf([log.newest, ...taken.map((r) => r.at as Date | null)]);
  const now = newestOf([o.clock.now(), written])!;
  const day = now.toISOString().slice(0, 10);
  // A log that continues another opens before anything else, and then says what every record was when it began.
  const opens = log.size === 0 && log.snapshotDay === '' && rows.length > 0 ? 1 : 0;
  // It stands before what waits, and so is dated no later; nor later than a staged history that still goes on.
  const before = newestOf([earliestOf(rows) ?? (log.staged ? undefined : now), log.newest]) ?? now;
  const snapshot = opens || snapshotDue(log, day) ? await snapshotRow(query, log, before) : undefined;
  if (rows.length === 0 && !snapshot) return { busy: false, placed: taken.length, note: noteOf(log) };
  const all = [...(snapshot ? rows.toSpliced(opens, 0, snapshot) : rows)];
  // Behind what waited: that could still come from 0.1.0.
  if (taken.length < BATCH && (await lacksExact(query, o.exact, log, rows)))
    all.push(exactRow(log, written ?? now));
  const edge = await query(tilesStatement(edgeTiles(log.size), log.number));
  const hashes = all.map((r) => leafHash(r.entry as Buffer));
  const grown = appendLeaves(log.size, tileStore(edge), hashes);
  const head = { size: grown.size, root: grown.root };
  const note = await sign(query, o, log, now, head, rows.some(rotates));
  await query(insertLeaves(log, all, hashes));
  await query(upsertTiles(log, grown.tiles));
  const swapped = await query({
    text: `update log set size = $1, root = $2, checkpoint = $3, snapshot_day = $6, snapshot_size = $7, newest = $8
      where organisation = (select present_organisation()) and size = $4 and number = $5 returning size`,
    values: [
      grown.size,
      grown.root,
      note,
      log.size,
      log.number,
      snapshot || log.snapshotDay === null ? day : log.snapshotDay,
      snapshot ? log.size + opens + 1 : log.snapshotSize,
      newestOf([snapshot && before, written]),
    ],
  });
  if (swapped.length !== 1) throw new Error('the log grew elsewhere meanwhile; this batch is given up');
  // Times of checkpoints never go back, though the clock may: what is asked for as of a time finds the newest one signed by then.
  await query({
    text: `insert into checkpoint (organisation, log, size, note, at) values ((select present_organisation()), $1, $2, $3, greatest($4,
      (select max(at) from checkpoint where organisation = (select present_organisation()))))`,
    values: [log.number, grown.size, note, now],
  });
  return { busy: false, placed: taken.length, note };
}

const newestOf = (times: readonly (Date | null | undefined)[]): Date | undefined =>
  times.reduce<Date | undefined>((a, b) => (b && (!a || b > a) ? b : a), undefined);

const earliestOf = (rows: readonly Row[]): Date | undefined =>
  rows.reduce<Date | undefined>((a, r) => {
    const at = r.at as Date | null;
    return at && (!a || at < a) ? at : a;
  }, undefined);

/** A day has begun since the last snapshot, and something was entered since. */
export const snapshotDue = (log: LogRow, day: string): boolean =>
  log.snapshotDay !== null && log.size > log.snapshotSize && log.snapshotDay < day;

/** Keys of a log, oldest first; `present` are those whose time it is. */
export async function keysPresent(
  query: Query,
  log: number,
  now: Date,
): Promise<(LogKey & { present: boolean })[]> {
  const rows = await query({
    text: `select vkey, name, (until is null or until > $2) as present from log_key
      where organisation = (select present_organisation()) and log = $1 order by since, vkey`,
    values: [log, now],
  });
  return rows.map((k) => ({
    vkey: k.vkey as string,
    name: k.name as string,
    present: k.present as boolean,
  }));
}

/**
 * Signs with every key whose time it is. Under an entry that names the next key the keys of the checkpoint before sign too, also when their
 * time is over by now: the entry waited too long, and unsigned by them it would lead nobody from the old key to the new one.
 */
async function sign(
  query: Query,
  o: { signerOf: (key: LogKey, origin: string) => Promise<RemoteSigner> },
  log: LogRow,
  now: Date,
  head: { size: number; root: Buffer },
  rotating: boolean,
): Promise<string> {
  const known = await keysPresent(query, log.number, now);
  const before = rotating
    ? signersOf(
        log.checkpoint ?? '',
        known.map((k) => k.vkey),
      )
    : [];
  const keys = known.filter((k) => k.present || before.includes(k.vkey));
  if (keys.length === 0) throw new Error(`the log ${log.origin} has no key that may sign`);
  const signers = await Promise.all(keys.map(({ vkey, name }) => o.signerOf({ vkey, name }, log.origin)));
  return signNoteRemotely(formatCheckpoint({ origin: log.origin, ...head }), signers);
}

/**
 * The entry that says what the newest version of every record was before it: with it a version can be shown to have been the latest.
 * Made from the leaves, not from the versions: an auditor rebuilds it from the entries alone.
 */
async function snapshotRow(query: Query, log: LogRow, now: Date): Promise<Row> {
  const newest = await query({
    text: `select distinct on (record_id) record_id as id, version, 'sha256:' || encode(sha256(entry), 'hex') as digest from leaf
      where organisation = (select present_organisation()) and record_id is not null order by record_id, version desc`,
  });
  const { records, root } = snapshotRoot(
    newest as unknown as { id: string; version: number; digest: string }[],
  );
  const entry = encodeEntry({
    v: 1,
    type: 'log',
    at: now.toISOString(),
    act: 'note',
    origin: log.origin,
    about: 'snapshot',
    snapshot: { records, root: root.toString('base64') },
  });
  return { entry, record_id: null, version: null };
}

/** What a log says of which rows carry the time of their entries, as its entries spell it. */
const EXACT = Buffer.from(`"about":"${ROWS_ENTERED}"`);

/** True for a log that 0.1.0 began and that does not say yet that rows carry the time of their entries from here on. */
async function lacksExact(query: Query, known: Set<string>, log: LogRow, rows: Row[]): Promise<boolean> {
  if (known.has(log.origin) || rows.some((r) => Buffer.isBuffer(r.entry) && r.entry.includes(EXACT)))
    return false;
  const [found] = await query({
    text: `select exists (select from leaf where organisation = (select present_organisation()) and log = $1 and record_id is null
      and position($2::bytea in entry) > 0) as said`,
    values: [log.number, EXACT],
  });
  // Remembered once it is committed: what this batch says may come to nothing.
  if (found!.said === true) known.add(log.origin);
  return found!.said !== true;
}

function exactRow(log: LogRow, at: Date): Row {
  const entry = encodeEntry({
    v: 1,
    type: 'log',
    at: at.toISOString(),
    act: 'note',
    origin: log.origin,
    about: ROWS_ENTERED,
  });
  return { entry, record_id: null, version: null };
}

/** The newest checkpoint as the row has it, when it is over the log's own head: what somebody wrote over it is not published. */
function noteOf(log: LogRow): string | undefined {
  try {
    const head = log.checkpoint === undefined ? undefined : parseCheckpoint(parseNote(log.checkpoint).text);
    return head?.origin === log.origin && head.size === log.size && head.root.equals(log.root)
      ? log.checkpoint
      : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** Taken by deleting, never by `id > last`: ids become visible out of order. */
const TAKE: Statement = {
  text: `delete from outbox where organisation = (select present_organisation()) and id in (
      select id from outbox where organisation = (select present_organisation()) order by id limit ${BATCH})
    returning id, entry, record_id, version, at`,
};

function insertLeaves(log: LogRow, rows: Row[], hashes: Buffer[]): Statement {
  return {
    text: `insert into leaf (organisation, log, index, entry, hash, record_id, version)
      select (select present_organisation()), $1, x.* from unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::uuid[], $6::int[]) as x`,
    values: [
      log.number,
      rows.map((_, i) => log.size + i),
      rows.map((r) => r.entry),
      hashes,
      rows.map((r) => r.record_id),
      rows.map((r) => r.version),
    ],
  };
}

function upsertTiles(log: LogRow, tiles: { level: number; index: number; data: Buffer }[]): Statement {
  return {
    text: `insert into tile (organisation, log, level, index, hashes)
      select (select present_organisation()), $1, x.* from unnest($2::int[], $3::bigint[], $4::bytea[]) as x
      on conflict (organisation, log, level, index) do update set hashes = excluded.hashes`,
    values: [log.number, tiles.map((t) => t.level), tiles.map((t) => t.index), tiles.map((t) => t.data)],
  };
}
