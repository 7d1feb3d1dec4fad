import { Failure } from '../../base/failure.ts';
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
import { readStatement, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { demandRead } from '../read/query.ts';
import { checkpointOver, logHead, signingKey } from './log-heads.ts';

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
  if (!found)
    throw new Failure(
      'NOT_FOUND',
      `No snapshot has been taken ${below < head.size ? `in the first ${below} entries` : 'yet'}: one is taken each day on which the log has grown.`,
    );
  const { index, entry } = found;
  const { size, note } = await checkpointOver(app, organisation.id, head, index);
  const [tiles, rows] = await app.db.run(organisation.id, [
    tilesStatement(tilesForInclusion(index, size), head.number),
    {
      text: `select distinct on (record_id) record_id as id, version, 'sha256:' || encode(sha256(entry), 'hex') as digest from leaf
        where organisation = (select present_organisation()) and record_id is not null and (log < $1 or (log = $1 and index < $2))
        order by record_id, version desc`,
      values: [head.number, index],
    },
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
  const [rows] = await app.db.run(organisation, [
    {
      text: `select index, entry from leaf where organisation = (select present_organisation()) and log = $1 and record_id is null
        and index < $2 and position($3::bytea in entry) > 0 order by index desc limit 50`,
      values: [log, below, Buffer.from('"snapshot":{')],
    },
  ]);
  // The bytes only narrow the search; what an entry is, its reader says.
  const row = rows!.find((r) => {
    const entry = decodeEntry(cell.bytes(r.entry));
    return entry.type === 'log' && entry.about === 'snapshot';
  });
  return row && { index: cell.number(row.index), entry: cell.bytes(row.entry) };
}
