import type { EntryView, LogView } from '../../answers/log.ts';
import { Failure } from '../../base/failure.ts';
import {
  type Disclosure,
  decodeEntry,
  entryDigest,
  formatProof,
  GROUPS,
  inclusionProof,
  makeDisclosure,
  TILE_WIDTH,
  tilesForInclusion,
} from '../../ledger/index.ts';
import { type Register, refOf } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { contentsOf } from '../../register/values.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { tileStore, tilesStatement } from '../../store/ledger/tile-rows.ts';
import {
  leafOfVersion,
  logBundle,
  logEntries,
  logPending,
  logWitnessed,
  partsOfVersion,
} from '../../store/log/log.ts';
import { readStatement, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { allSeen } from '../read/hidden.ts';
import { demandRead } from '../write/access.ts';
import { checkpointOver, logHead, logHeads, logPath, signingKey } from './log-heads.ts';

/** Head of a log and its newest entries below `before`; the open log unless another one is named. */
export async function readLog(
  app: App,
  organisation: Organisation,
  before: number,
  limit: number,
  number?: number,
): Promise<LogView> {
  const heads = await logHeads(app, organisation.id);
  const head = await logHead(app, organisation, number);
  const [pending, leaves, witnesses] = await app.db.run(organisation.id, [
    logPending,
    logEntries(before, limit, head.number),
    logWitnessed(head.number),
  ]);
  const entries = leaves!.map((l) => entryView(app, cell.number(l.index), cell.bytes(l.entry)));
  const last = entries.at(-1)?.index ?? 0;
  return {
    origin: head.origin,
    number: head.number,
    path: logPath(organisation.slug, head.number),
    open: head.open,
    size: head.size,
    root: head.root.toString('base64'),
    vkey: signingKey(head),
    keys: head.keys,
    checkpoint: head.checkpoint,
    pending: head.open ? cell.number(pending![0]!.n) : 0,
    public: organisation.logPublic,
    witnessed: witnesses!.length > 0,
    witnesses: witnesses!.map((w) => ({
      name: String(w.vkey).split('+')[0]!,
      vkey: cell.text(w.vkey),
      size: cell.number(w.size),
      at: cell.moment(w.at).toISOString(),
    })),
    others: heads
      .filter((h) => h.number !== head.number)
      .map((h) => ({ number: h.number, origin: h.origin, size: h.size, open: h.open })),
    entries,
    next: last > 0 ? last : null,
  };
}

function entryView(app: App, index: number, bytes: Buffer): EntryView {
  const e = decodeEntry(bytes);
  const digest = entryDigest(bytes);
  if (e.type === 'log')
    return { index, at: e.at, act: e.act, ...(e.about ? { about: e.about } : {}), digest };
  const register = app.registry.find(e.register);
  return {
    index,
    at: e.at,
    act: e.act,
    register: e.register,
    ref: register ? refOf(register, e.number) : `${e.register} ${e.number}`,
    version: e.version,
    ...(e.transition ? { transition: e.transition } : {}),
    state: e.state,
    digest,
  };
}

/**
 * The file with which anyone can check, offline, that a version of a record stands in the log and says what it says.
 * Waits until the version's entry has its place.
 */
export async function discloseVersion(
  app: App,
  ask: Asking,
  organisation: Organisation,
  register: Register,
  ref: string,
  version?: number,
): Promise<Disclosure> {
  demandRead(ask, register);
  await app.sequencer.settle(organisation.id);
  const [own] = await app.db.run(organisation.id, [readStatement(register, ref)]);
  if (!own![0]) throw notThere(register, ref);
  const record = toStored(own![0]);
  const wanted = version ?? record.version;
  const [leaves, parts] = await app.db.run(organisation.id, [
    leafOfVersion(record.id, wanted),
    partsOfVersion(record.id, wanted),
  ]);
  const leaf = leaves![0];
  if (!leaf)
    throw new Failure('NOT_FOUND', `${ref} has no version ${wanted}; its newest is ${record.version}.`);
  const index = cell.number(leaf.index);
  const head = await logHead(app, organisation, cell.number(leaf.log));
  const { size, note } = await checkpointOver(app, organisation.id, head, index);
  const [tiles] = await app.db.run(organisation.id, [
    tilesStatement(tilesForInclusion(index, size), head.number),
  ]);
  const proof = formatProof({
    index,
    hashes: inclusionProof(index, size, tileStore(tiles!)),
    checkpoint: note,
  });
  const shown = await partsSeen(app, ask, register, parts!);
  const disclosed: Parameters<typeof makeDisclosure>[0]['disclosed'] = Object.fromEntries(
    shown.map((p) => [cell.oneOf(GROUPS)(p.part), { salt: cell.bytes(p.salt), value: p.value }]),
  );
  return makeDisclosure({
    vkey: signingKey(head),
    origin: head.origin,
    entry: cell.bytes(leaf.entry),
    disclosed,
    proof,
  });
}

/**
 * The links of a version are committed to as one: where whoever asks does not see all of them, the part is left out, as what was erased is. The file is
 * valid without it.
 */
async function partsSeen(app: App, ask: Asking, register: Register, parts: readonly Row[]): Promise<Row[]> {
  const { links } = contentsOf(Object.fromEntries(parts.map((p) => [cell.text(p.part), p.value])));
  const [seen] = await allSeen(app, ask, register, [{ links }]);
  return parts.filter((p) => p.part !== 'links' || seen!.links === links);
}

/** A hash tile of exactly `width` hashes; undefined when the log is not that large yet. */
export async function readTile(
  app: App,
  organisation: number,
  log: number,
  level: number,
  index: number,
  width: number,
): Promise<Buffer | undefined> {
  const [rows] = await app.db.run(organisation, [tilesStatement([{ level, index }], log)]);
  const hashes = cell.maybe(cell.bytes)(rows![0]?.hashes);
  return hashes && hashes.length >= width * 32 ? hashes.subarray(0, width * 32) : undefined;
}

/** The entries of bundle `index`, exactly `width` of them; undefined when the log is not that large yet. */
export async function readBundle(
  app: App,
  organisation: number,
  log: number,
  index: number,
  width: number,
): Promise<Buffer[] | undefined> {
  const [rows] = await app.db.run(organisation, [logBundle(index * TILE_WIDTH, width, log)]);
  return rows!.length === width ? rows!.map((r) => cell.bytes(r.entry)) : undefined;
}
