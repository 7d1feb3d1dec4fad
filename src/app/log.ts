import { Failure } from '../base/failure.ts';
import {
  type Disclosure,
  decodeEntry,
  entryDigest,
  formatProof,
  type Group,
  inclusionProof,
  makeDisclosure,
  TILE_WIDTH,
  tilesForInclusion,
} from '../ledger/index.ts';
import { inSentence } from '../register/describe.ts';
import { type Register, refOf } from '../register/register.ts';
import { readStatement, toStored } from '../store/records.ts';
import { tileStore, tilesStatement } from '../store/tile-rows.ts';
import type { App, Asking } from './context.ts';
import type { Organisation } from './organisations.ts';
import { demandRead } from './query.ts';

/** An entry of the log as the ledger page shows it. */
export interface EntryView {
  index: number;
  at: string;
  act: string;
  register?: string;
  ref?: string;
  version?: number;
  transition?: string;
  state?: string;
  digest: string;
}

export interface LogView {
  origin: string;
  size: number;
  root: string;
  vkey: string;
  checkpoint: string | null;
  pending: number;
  public: boolean;
  /** No witness has cosigned: whoever operates this log could still rewrite all of it. */
  witnessed: boolean;
  entries: EntryView[];
  next: number | null;
}

/** Head of the log and its newest entries below `before`. */
export async function readLog(
  app: App,
  organisation: Organisation,
  before: number,
  limit: number,
): Promise<LogView> {
  const [logs, pending, leaves] = await app.db.run(organisation.id, [
    {
      text: 'select size, root, checkpoint from log where organisation = (select present_organisation())',
      name: 'log-view',
    },
    {
      text: 'select count(*)::int as n from outbox where organisation = (select present_organisation())',
      name: 'log-pending',
    },
    {
      text: `select index, entry from leaf where organisation = (select present_organisation()) and index < $1
        order by index desc limit $2`,
      values: [before, limit],
      name: 'log-entries',
    },
  ]);
  const log = logs![0]!;
  const entries = leaves!.map((l) => entryView(app, l.index as number, l.entry as Buffer));
  const last = entries.at(-1)?.index ?? 0;
  return {
    origin: organisation.origin,
    size: log.size as number,
    root: (log.root as Buffer).toString('base64'),
    vkey: app.keys.logVkey(organisation.slug, organisation.origin),
    checkpoint: log.checkpoint as string | null,
    pending: pending![0]!.n as number,
    public: organisation.logPublic,
    witnessed: false,
    entries,
    next: last > 0 ? last : null,
  };
}

function entryView(app: App, index: number, bytes: Buffer): EntryView {
  const e = decodeEntry(bytes);
  const digest = entryDigest(bytes);
  if (e.type === 'log') return { index, at: e.at, act: e.act, digest };
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
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no ${inSentence(register.label.one)} ${ref.slice(0, 40)}.`);
  const record = toStored(own![0]);
  const wanted = version ?? record.version;
  const [leaves, parts, logs] = await app.db.run(organisation.id, [
    {
      text: `select index, entry from leaf where organisation = (select present_organisation()) and record_id = $1 and version = $2`,
      values: [record.id, wanted],
    },
    {
      text: `select c.part, c.value, s.salt from content c join secret s using (organisation, record_id, version, part)
        where c.organisation = (select present_organisation()) and c.record_id = $1 and c.version = $2`,
      values: [record.id, wanted],
    },
    {
      text: 'select size, checkpoint from log where organisation = (select present_organisation())',
      name: 'log-head-note',
    },
  ]);
  const leaf = leaves![0];
  if (!leaf)
    throw new Failure('NOT_FOUND', `${ref} has no version ${wanted}; its newest is ${record.version}.`);
  const index = leaf.index as number;
  const size = logs![0]!.size as number;
  const [tiles] = await app.db.run(organisation.id, [tilesStatement(tilesForInclusion(index, size))]);
  const proof = formatProof({
    index,
    hashes: inclusionProof(index, size, tileStore(tiles!)),
    checkpoint: logs![0]!.checkpoint as string,
  });
  const disclosed: Parameters<typeof makeDisclosure>[0]['disclosed'] = Object.fromEntries(
    parts!.map((p) => [p.part as Group, { salt: p.salt as Buffer, value: p.value }]),
  );
  return makeDisclosure({
    vkey: app.keys.logVkey(organisation.slug, organisation.origin),
    origin: organisation.origin,
    entry: leaf.entry as Buffer,
    disclosed,
    proof,
  });
}

/** A hash tile of exactly `width` hashes; undefined when the log is not that large yet. */
export async function readTile(
  app: App,
  organisation: number,
  level: number,
  index: number,
  width: number,
): Promise<Buffer | undefined> {
  const [rows] = await app.db.run(organisation, [tilesStatement([{ level, index }])]);
  const hashes = rows![0]?.hashes as Buffer | undefined;
  return hashes && hashes.length >= width * 32 ? hashes.subarray(0, width * 32) : undefined;
}

/** The entries of bundle `index`, exactly `width` of them; undefined when the log is not that large yet. */
export async function readBundle(
  app: App,
  organisation: number,
  index: number,
  width: number,
): Promise<Buffer[] | undefined> {
  const [rows] = await app.db.run(organisation, [
    {
      text: `select entry from leaf where organisation = (select present_organisation()) and index >= $1 and index < $2 order by index`,
      values: [index * TILE_WIDTH, index * TILE_WIDTH + width],
      name: 'log-bundle',
    },
  ]);
  return rows!.length === width ? rows!.map((r) => r.entry as Buffer) : undefined;
}
