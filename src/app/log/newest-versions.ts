import { failures } from '../../base/refusals.ts';
import {
  decodeEntry,
  formatProof,
  inclusionProof,
  type LatestFile,
  makeLatest,
  type SnapshotRow,
  tilesForInclusion,
} from '../../ledger/index.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import * as cell from '../../store/db/cells.ts';
import { tileStore, tilesStatement } from '../../store/ledger/tile-rows.ts';
import { snapshotsBelow, versionsBelow } from '../../store/log/newest-versions.ts';
import { readStatement, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { demandRead } from '../write/access.ts';
import { checkpointOver, logHead, signingKey } from './log-heads.ts';

const no = failures('snapshot', {
  none: ['NOT_FOUND', 'No snapshot has been taken yet: one is taken each day on which the log has grown.'],
  noneBelow: [
    'NOT_FOUND',
    'No snapshot has been taken in the first {below} entries: one is taken each day on which the log has grown.',
  ],
});

/**
 * The file with which anyone can check, offline, which version of a record was the newest when the log held that many entries: its row in
 * the newest daily snapshot below `below`. Throws NOT_FOUND when no snapshot was taken yet.
 */
export async function proveLatest(
  app: App,
  ask: Asking,
  organisation: Organisation,
  register: Register,
  ref: string,
  below = Number.MAX_SAFE_INTEGER,
): Promise<LatestFile> {
  demandRead(ask, register);
  await app.sequencer.settle(organisation.id);
  const [own] = await app.db.run(organisation.id, [readStatement(register, ref)]);
  if (!own![0]) throw notThere(register, ref);
  const head = await logHead(app, organisation);
  const found = await newestSnapshot(app, organisation.id, head.number, below);
  if (!found) throw below < head.size ? no('noneBelow', { below }) : no('none');
  const { index, entry } = found;
  const { size, note } = await checkpointOver(app, organisation.id, head, index);
  const [tiles, rows] = await app.db.run(organisation.id, [
    tilesStatement(tilesForInclusion(index, size), head.number),
    versionsBelow(head.number, index),
  ]);
  const proof = formatProof({
    index,
    hashes: inclusionProof(index, size, tileStore(tiles!)),
    checkpoint: note,
  });
  return makeLatest({
    vkey: signingKey(head),
    origin: head.origin,
    entry,
    proof,
    rows: rows!.map(SNAPSHOT_ROW),
    record: toStored(own![0]).id,
  });
}

const SNAPSHOT_ROW: cell.Cell<SnapshotRow> = cell.members({
  id: cell.text,
  version: cell.number,
  digest: cell.text,
});

async function newestSnapshot(
  app: App,
  organisation: number,
  log: number,
  below: number,
): Promise<{ index: number; entry: Buffer } | undefined> {
  const [rows] = await app.db.run(organisation, [snapshotsBelow(log, below)]);
  // The bytes only narrow the search; what an entry is, its reader says.
  const row = rows!.find((r) => {
    const entry = decodeEntry(cell.bytes(r.entry));
    return entry.type === 'log' && entry.about === 'snapshot';
  });
  return row && { index: cell.number(row.index), entry: cell.bytes(row.entry) };
}
