import { Failure } from '../../base/failure.ts';
import { decodeEntry, entryDigest, GROUPS, type Group, openGroup } from '../../ledger/index.ts';
import { type Registry, refOf } from '../../register/register.ts';
import { actorOf, type Contents, contentsOf, derive, titleOf } from '../../register/values.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { type EnteredRow, enteredStatement, toEntered } from '../../store/facts/entered.ts';
import { type Point, type PointAsked, pointStatement, toPoint } from '../../store/facts/point.ts';
import type { Reference, Stored } from '../../store/records/records.ts';
import type { App } from '../context.ts';

export type { Point } from '../../store/facts/point.ts';
export type Query = (s: Statement) => Promise<Row[]>;

/** A version whose every part was checked against what the log committed to. */
export interface CheckedVersion {
  id: string;
  register: string;
  number: number;
  ref: string;
  version: number;
  at: string;
  act: string;
  transition?: string;
  state: string;
  /** Reference of whoever did it. When `erased` names `actor` it is the pseudonym alone, which nothing in the log vouches for. */
  actor: string;
  as?: string;
  /** Who wrote it before it was imported. */
  madeFor?: string;
  reason?: string;
  contents: Contents;
  /** Parts that the log committed to and that are no longer there. */
  erased: Group[];
  digest: string;
  /** Which log of the organisation its entry stands in, and where. */
  log: number;
  logIndex: number;
}

/** A record as it was, from checked versions. */
export type ThenRecord = Stored & { erased: Group[] };

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$/;

/**
 * Reads a point as people write it: a size of the log in digits, a day (its end, UTC) or an RFC 3339 time. A time later than the
 * present day is refused: what it names would be another state tomorrow. Throws BAD_INPUT naming the parameter `name`.
 */
export function parsePoint(text: string, name: string, now: Date): PointAsked {
  const bad = (message: string) =>
    new Failure('BAD_INPUT', `${name}: ${message}, got ${JSON.stringify(text.slice(0, 40))}.`, [
      { path: `/${name}`, message },
    ]);
  if (/^\d+$/.test(text)) {
    const size = Number(text);
    if (text.length > 15 || size < 1) throw bad('expected a size of the log, a whole number from 1');
    return { size };
  }
  const m = MOMENT.exec(text);
  const day = m?.[1];
  const real = day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
  const at = real ? new Date(text === day ? `${day}T23:59:59.999Z` : text.replace(' ', 'T')) : undefined;
  if (!at || Number.isNaN(at.getTime()))
    throw bad('expected a time such as 2027-03-31T12:00:00Z, a day such as 2027-03-31, or a size of the log');
  if (at.toISOString().slice(0, 10) > now.toISOString().slice(0, 10))
    throw bad(`expected a time up to the present, ${now.toISOString()}`);
  return { at };
}

/**
 * The point that a text means, within a transaction; no text means the newest checkpoint. A moment that is still to come (the end of the
 * present day) moves on with the log: pages after the first stay where the first was, at `begun`.
 */
export async function pointOf(
  app: App,
  query: Query,
  text: string | undefined,
  name: string,
  begun?: { log: number; size: number },
): Promise<Point> {
  const now = app.clock.now();
  const asked = text === undefined ? undefined : parsePoint(text, name, now);
  const [row] = await query(pointStatement(asked));
  const point = toPoint(row, asked, text ?? 'now', name);
  const moves = asked !== undefined && 'at' in asked && asked.at > now;
  const earlier = begun && (begun.log < point.log || (begun.log === point.log && begun.size < point.size));
  if (!moves || !begun || !earlier) return point;
  const [first] = await query(pointStatement(begun));
  return toPoint(first, begun, String(begun.size), name);
}

/**
 * Checks a version against its entry in the log: the digest of the entry, what the entry says of the record, and every part
 * against its commitment. What is no longer there at all is named in `erased`. Throws INTERNAL, naming record, version and
 * entry, when anything does not hold: a value that cannot be trusted is never given out.
 */
export function checkVersion(registry: Registry, row: EnteredRow): CheckedVersion {
  const refuse = (why: string) =>
    new Failure(
      'INTERNAL',
      `${row.ref} version ${row.version}, entry ${row.index ?? '?'} of log ${row.log ?? '?'}: ${why}. The database was changed past the ledger; this version is not shown. Run aims verify, and compare with a backup.`,
      [{ path: row.ref, message: `version ${row.version}, entry ${row.index ?? '?'}: ${why}` }],
    );
  if (row.digest === null) throw refuse('the version is gone from the database');
  if (!row.entry) throw refuse('its entry is gone from the database');
  if (entryDigest(row.entry) !== row.digest) throw refuse('its entry has another digest than the version');
  const entry = readEntry(row.entry);
  if (entry?.type !== 'record') throw refuse('its entry cannot be read');
  const register = registry.find(entry.register);
  if (
    !register ||
    entry.register !== row.register ||
    entry.id !== row.id ||
    entry.version !== row.version ||
    entry.number !== row.number ||
    refOf(register, entry.number) !== row.ref
  )
    throw refuse('its entry speaks of another record or version');
  const parts: Record<string, unknown> = {};
  for (const [part, value] of Object.entries(row.parts)) {
    const salt = row.salts[part];
    const group = GROUPS.find((g) => g === part);
    if (!group || salt === undefined || !openGroup(entry, group, value, Buffer.from(salt, 'hex')))
      throw refuse(`its part "${part}" is not what was entered in the log`);
    parts[part] = value;
  }
  // Erasure takes value and salt together.
  for (const part of Object.keys(row.salts))
    if (!Object.hasOwn(parts, part)) throw refuse(`its part "${part}" is missing, and was not erased`);
  const actor = actorOf(parts);
  return {
    id: row.id,
    register: row.register,
    number: row.number,
    ref: row.ref,
    version: row.version,
    at: entry.at,
    act: entry.act,
    ...(entry.transition ? { transition: entry.transition } : {}),
    state: entry.state,
    actor: actor?.ref ?? row.actor,
    ...(actor?.as ? { as: actor.as } : {}),
    ...(actor?.for ? { madeFor: actor.for } : {}),
    ...(typeof parts.reason === 'string' ? { reason: parts.reason } : {}),
    contents: contentsOf(parts),
    erased: GROUPS.filter((g) => entry.c[g] !== undefined && !Object.hasOwn(parts, g)),
    digest: row.digest,
    log: row.log,
    logIndex: row.index,
  };
}

function readEntry(bytes: Buffer) {
  try {
    return decodeEntry(bytes);
  } catch {
    return undefined;
  }
}

/** The record that a version made; `first` is its first version. */
export function recordOf(registry: Registry, v: CheckedVersion, first: CheckedVersion): ThenRecord {
  const register = registry.get(v.register);
  return {
    id: v.id,
    ref: v.ref,
    register: v.register,
    number: v.number,
    version: v.version,
    state: v.state,
    title: titleOf(register, v.contents.values, v.ref),
    values: v.contents.values,
    derived: derive(register, v.contents.values),
    links: v.contents.links,
    createdAt: first.at,
    createdBy: first.actor,
    updatedAt: v.at,
    updatedBy: v.actor,
    erased: v.erased,
  };
}

/** Rows of a statement that answers newest and first versions, as records, by reference, in the order of the rows. */
export function recordsOf(registry: Registry, rows: Row[]): Map<string, ThenRecord> {
  const byRef = new Map<string, CheckedVersion[]>();
  for (const row of rows.map(toEntered)) {
    const v = checkVersion(registry, row);
    byRef.set(v.ref, [...(byRef.get(v.ref) ?? []), v]);
  }
  return new Map(
    [...byRef].map(([ref, versions]) => {
      const sorted = versions.sort((a, b) => a.version - b.version);
      return [ref, recordOf(registry, sorted.at(-1)!, sorted[0]!)];
    }),
  );
}

/** Records as they were at the point, by reference; those that were not there then are absent. */
export async function readThen(
  app: App,
  query: Query,
  refs: readonly string[],
  point: Point,
): Promise<Map<string, ThenRecord>> {
  if (refs.length === 0) return new Map();
  return recordsOf(app.registry, await query(enteredStatement([...new Set(refs)], point, true)));
}

/** Titles and states that references had at the point, for showing. */
export async function referencesThen(
  app: App,
  query: Query,
  refs: readonly string[],
  point: Point,
): Promise<Record<string, Reference>> {
  const wanted = [...new Set(refs)].filter((r) => r !== '' && r !== 'engine');
  if (wanted.length === 0) return {};
  const rows = await query(enteredStatement(wanted, point, false));
  return Object.fromEntries(
    rows.map(toEntered).map((row) => {
      const v = checkVersion(app.registry, row);
      const title = titleOf(app.registry.get(v.register), v.contents.values, v.ref);
      return [v.ref, { register: v.register, title, state: v.state }];
    }),
  );
}
