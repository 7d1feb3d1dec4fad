import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type pg from 'pg';
import { inject } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { type Instance, openInstance } from '../../src/instance.ts';
import { registry } from '../../src/registers/index.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import { type Connection, testDatabase, testPool } from './postgres.ts';
import { ROOT } from './root.ts';

export const OLD = join(ROOT, 'test/fixtures/0.1.0');
/** Password of everybody in it. */
export const OLD_PASSWORD = 'openaims-demo';
/** The moment after the newest entry in it. */
export const OLD_NOW = new Date('2026-11-30T12:30:00Z');

/** Migrations that 0.1.0 had; they were released and never change. */
const RELEASED = [
  '0001-records.sql',
  '0002-identity.sql',
  '0003-ledger.sql',
  '0004-standing.sql',
  '0006-govern.sql',
  '0007-work.sql',
  '0009-organisation-size.sql',
  '0011-links-that-mean-an-order.sql',
];

/** The database and the data folder as 0.1.0 left them; nothing of the present version has touched them. */
export async function oldData(): Promise<{
  connection: Connection;
  dataDir: string;
  drop(): Promise<void>;
}> {
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'aims-old-'));
  for (const [path, text] of Object.entries(
    JSON.parse(gunzipSync(readFileSync(join(OLD, 'folder.json.gz'))).toString()) as Record<string, string>,
  )) {
    mkdirSync(dirname(join(dataDir, path)), { recursive: true });
    writeFileSync(join(dataDir, path), Buffer.from(text, 'base64'), { mode: 0o600 });
  }
  await fill(database.connection);
  return {
    connection: database.connection,
    dataDir,
    drop: async () => {
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The present version, opened on what 0.1.0 left; `drop` closes it and removes both. */
export async function oldInstance(
  clock: Clock,
  log: (line: string) => void = () => {},
): Promise<{ instance: Instance; drop(): Promise<void> }> {
  const data = await oldData();
  const instance = await openInstance({
    connection: data.connection,
    dataDir: data.dataDir,
    migrations: join(ROOT, 'migrations'),
    registry,
    baseUrl: 'http://127.0.0.1:42001',
    intakeScript: inject('intakeScript'),
    version: 'test',
    clock,
    log,
  }).catch(async (error: unknown) => {
    await data.drop();
    throw error;
  });
  return {
    instance,
    drop: async () => {
      await instance.close();
      await data.drop();
    },
  };
}

async function fill(connection: Connection): Promise<void> {
  const migrations = mkdtempSync(join(tmpdir(), 'aims-released-'));
  const pool = testPool(connection);
  try {
    for (const name of RELEASED) copyFileSync(join(ROOT, 'migrations', name), join(migrations, name));
    await migrate(pool, migrations);
    const client = await pool.connect();
    try {
      // Rows come back as they were: no trigger looks at them, no foreign key asks for an order.
      await client.query(`begin; set local session_replication_role = replica`);
      await insertRows(client);
      await client.query('commit');
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
    rmSync(migrations, { recursive: true, force: true });
  }
}

interface Table {
  table: string;
  columns: string[];
  rows: number;
}
interface Sequences {
  sequences: { seq: string; last: string | null }[];
}

async function insertRows(client: pg.PoolClient): Promise<void> {
  const lines = gunzipSync(readFileSync(join(OLD, 'database.jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  for (let at = 0; at < lines.length; ) {
    const head = JSON.parse(lines[at]!) as Table | Sequences;
    if ('sequences' in head) {
      for (const s of head.sequences)
        if (s.last !== null) await client.query('select setval($1, $2)', [s.seq, s.last]);
      at += 1;
      continue;
    }
    const columns = head.columns.map((c) => `"${c}"`).join(', ');
    const rows = lines.slice(at + 1, at + 1 + head.rows);
    await client.query(`delete from "${head.table}"`);
    await client.query(
      `insert into "${head.table}" (${columns}) overriding system value
       select ${columns} from json_populate_recordset(null::public."${head.table}", $1)`,
      [`[${rows.join(',')}]`],
    );
    at += 1 + head.rows;
  }
}

/** Time goes on from where 0.1.0 ended. */
export const oldClock = (): Clock => {
  const began = Date.now();
  return { now: () => new Date(OLD_NOW.getTime() + Date.now() - began) };
};
