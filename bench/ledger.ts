import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { createOrganisation, type Organisation } from '../src/app/people/organisations.ts';
import { appendLeaves, inclusionProof, leafHash, tilesForInclusion } from '../src/ledger/index.ts';
import { verifyPack } from '../src/pack/index.ts';
import { tileStore, tilesStatement } from '../src/store/ledger/tile-rows.ts';
import type { Change } from '../src/store/records/write.ts';
import { insertBare } from './creates.ts';
import { judged, type Row } from './report.ts';
import { percentile } from './sampling.ts';
import type { Running } from './server.ts';
import type { Inside } from './world.ts';

const GROUP = 'The ledger';
const CLIENTS = 10;
const APPENDS = 1_500;
const BULK = 40_000;
const RATE = 200;
const LEAVES = 1_000_000;
/** Number of the log that holds them: never the open one, whose tiles the sequencer grows. */
const LARGE_LOG = 2;

const ms = (since: number): number => performance.now() - since;

/** What the ledger costs beside the same rows without it; measured inside the process that sequences. */
export async function ledgerRows(inside: Inside, o: Organisation, ready: Change[]): Promise<Row[]> {
  return [
    await appendsRow(inside, o, ready),
    await bulkRow(inside, o),
    await latencyRow(inside, o, ready),
    ...(await proofRows(inside)),
  ];
}

/** Takes `count` prepared records, ten clients at a time. */
async function insertAll(
  inside: Inside,
  o: Organisation,
  ready: Change[],
  count: number,
  ledger: boolean,
): Promise<void> {
  const mine = ready.splice(-count);
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let c = mine.pop(); c; c = mine.pop()) {
        await insertBare(inside.app.db.pool, o, c, ledger);
        if (ledger) inside.app.sequencer.wake(o.id);
      }
    }),
  );
}

async function appendsRow(inside: Inside, o: Organisation, ready: Change[]): Promise<Row> {
  const ours: number[] = [];
  const without: number[] = [];
  for (let round = 0; round < 3; round++) {
    let at = performance.now();
    await insertAll(inside, o, ready, APPENDS, false);
    without.push(ms(at));
    at = performance.now();
    await insertAll(inside, o, ready, APPENDS, true);
    // Until the last entry is under a published checkpoint.
    await inside.app.sequencer.settle(o.id);
    ours.push(ms(at));
  }
  return judged(
    {
      group: GROUP,
      name: `${APPENDS} appends until published, ${CLIENTS} clients, against the same inserts without a ledger`,
      unit: 'ms',
      ours: percentile(ours, 0.5),
      reference: percentile(without, 0.5),
    },
    { of: 'ratio', most: 1.5 },
  );
}

async function bulkRow(inside: Inside, o: Organisation): Promise<Row> {
  const { sequencer } = inside.app;
  await sequencer.settle(o.id);
  await inside.asOwner({
    text: `insert into outbox (organisation, entry, record_id, version) select $1, e.entry, gen_random_uuid(), 1 from generate_series(1, $2) n,
      (select entry from leaf where organisation = $1 and record_id is not null limit 1) e`,
    values: [o.id, BULK],
  });
  let at = performance.now();
  await sequencer.settle(o.id);
  const ours = (ms(at) * 10_000) / BULK;
  await inside.asOwner({
    text: 'create table bench_bare (index bigint primary key, entry bytea, hash bytea)',
  });
  const entry = Buffer.alloc(350, 7);
  at = performance.now();
  for (let i = 0; i < BULK; i += 2_000)
    await inside.asOwner({
      text: 'insert into bench_bare select * from unnest($1::bigint[], $2::bytea[], $3::bytea[])',
      values: [
        Array.from({ length: 2_000 }, (_, n) => i + n),
        Array.from({ length: 2_000 }, () => entry),
        Array.from({ length: 2_000 }, () => entry.subarray(0, 32)),
      ],
    });
  const reference = (ms(at) * 10_000) / BULK;
  await inside.asOwner({ text: 'drop table bench_bare' });
  return judged(
    {
      group: GROUP,
      name: '10,000 leaves sequenced in batches, against bare inserts of rows of that size',
      unit: 'ms',
      ours,
      reference,
    },
    { of: 'ours', most: 1_000 },
  );
}

/** From the answered commit to the checkpoint outside, at a steady rate of writes. */
async function latencyRow(inside: Inside, o: Organisation, ready: Change[]): Promise<Row> {
  const { db, sequencer } = inside.app;
  await sequencer.settle(o.id);
  const committed = new Map<string, number>();
  const waited: number[] = [];
  const [log] = await inside.asOwner({
    text: 'select size from log where organisation = $1',
    values: [o.id],
  });
  let seen = log!.size as number;
  let looking = Promise.resolve();
  let on = true;
  sequencer.onPublished((organisation) => {
    if (organisation !== o.id || !on) return;
    const now = performance.now();
    looking = looking.then(async () => {
      const rows = await inside.asOwner({
        text: 'select index, record_id from leaf where organisation = $1 and index >= $2 order by index',
        values: [o.id, seen],
      });
      for (const r of rows) {
        const at = committed.get(r.record_id as string);
        if (at !== undefined) waited.push(now - at);
        seen = (r.index as number) + 1;
      }
    });
  });
  const writes: Promise<void>[] = [];
  const began = performance.now();
  for (const change of ready.splice(-5 * RATE)) {
    await new Promise((r) =>
      setTimeout(r, Math.max(0, began + (writes.length * 1_000) / RATE - performance.now())),
    );
    writes.push(
      insertBare(db.pool, o, change).then(() => {
        committed.set(change.id, performance.now());
        sequencer.wake(o.id);
      }),
    );
  }
  await Promise.all(writes);
  await sequencer.settle(o.id);
  await looking;
  on = false;
  const name = `commit to published checkpoint, ${RATE} writes/s for 5 s`;
  return judged(
    { group: GROUP, name, unit: 'ms', ours: percentile(waited, 0.5), oursP95: percentile(waited, 0.95) },
    { of: 'oursP95', most: 1_000 },
  );
}

/**
 * Proofs in a large log: from tiles at hand, and as the application makes them, its tiles read in one statement. Judged by the median: a
 * proof is all computing, and what few calls wait for is another process on the same core.
 */
async function proofRows(inside: Inside): Promise<Row[]> {
  const tiles = new Map<string, Buffer>();
  const store = { get: (level: number, index: number) => tiles.get(`${level}/${index}`) };
  for (let size = 0; size < LEAVES; size += 2_000) {
    const hashes = Array.from({ length: 2_000 }, (_, i) => leafHash(Buffer.from(String(size + i))));
    for (const t of appendLeaves(size, store, hashes).tiles) tiles.set(`${t.level}/${t.index}`, t.data);
  }
  const { db } = inside.app;
  const { id } = await createOrganisation(inside.app, {
    name: 'Large log',
    slug: 'large-log',
    logPublic: false,
    demo: false,
  });
  const rows = [...tiles].map(([place, hashes]) => [...place.split('/').map(Number), hashes] as const);
  await inside.asOwner({
    text: `insert into tile (organisation, log, level, index, hashes)
      select $1, $2, x.* from unnest($3::int[], $4::bigint[], $5::bytea[]) x`,
    values: [id, LARGE_LOG, rows.map((r) => r[0]), rows.map((r) => r[1]), rows.map((r) => r[2])],
  });
  await inside.asOwner({ text: 'analyze tile' });
  const alone: number[] = [];
  const read: number[] = [];
  for (let i = 0; i < 500; i++) {
    const index = (i * 7_919) % LEAVES;
    let at = performance.now();
    const proof = inclusionProof(index, LEAVES, store);
    alone.push(ms(at));
    at = performance.now();
    const [found] = await db.run(id, [tilesStatement(tilesForInclusion(index, LEAVES), LARGE_LOG)]);
    const same = inclusionProof(index, LEAVES, tileStore(found!));
    read.push(ms(at));
    if (!Buffer.concat(same).equals(Buffer.concat(proof))) throw new Error(`another proof of leaf ${index}`);
  }
  const of = `inclusion proof in a log of ${LEAVES.toLocaleString('en')} leaves`;
  const row = (name: string, times: number[], reference?: number[]) =>
    judged(
      {
        group: GROUP,
        name,
        unit: 'ms',
        ours: percentile(times, 0.5),
        oursP95: percentile(times, 0.95),
        ...(reference
          ? { reference: percentile(reference, 0.5), referenceP95: percentile(reference, 0.95) }
          : {}),
      },
      { of: 'ours', most: 2 },
    );
  return [row(`${of}, tiles at hand`, alone), row(`${of}, tiles read, against tiles at hand`, read, alone)];
}

/** A pack of everything an organisation holds, fetched and verified; the reference only unpacks it. */
export async function packRows(server: Running, o: Organisation, folder: string): Promise<Row[]> {
  let at = performance.now();
  const reply = await server.client.ask('GET', `/api/v1/${o.slug}/audit-pack`);
  const made = ms(at);
  if (reply.status !== 200) throw new Error(`audit pack: ${reply.status} ${reply.body}`);
  const file = join(folder, 'pack.zip');
  writeFileSync(file, reply.body);
  const verified: number[] = [];
  const unpacked: number[] = [];
  let records = 0;
  for (let i = 0; i < 3; i++) {
    at = performance.now();
    const verdict = await verifyPack(file);
    verified.push(ms(at));
    if (!verdict.ok) throw new Error(`the pack does not hold: ${JSON.stringify(verdict.problems[0])}`);
    records = verdict.facts.records;
    at = performance.now();
    unzipSync(reply.body);
    unpacked.push(ms(at));
  }
  const of = `${records.toLocaleString('en')} records`;
  return [
    { group: GROUP, name: `audit pack of ${of} made and fetched`, unit: 'ms', ours: made },
    judged(
      {
        group: GROUP,
        name: `audit pack of ${of} verified, against unpacking it`,
        unit: 'ms',
        ours: percentile(verified, 0.5),
        reference: percentile(unpacked, 0.5),
      },
      { of: 'ours', most: 3_000 },
    ),
  ];
}
