import pg from 'pg';
import { thrown } from '../../base/thrown.ts';
import type { Statement } from './database.ts';

/** Asked to see whether the database answers at all. */
export const ANSWERS: Statement = { text: 'select 1', name: 'health' };

/** Oldest PostgreSQL whose statements are understood, as the server counts versions. */
const OLDEST = 150_000;

const ELSEWHERE = 'look whether it runs, and at host and port';
const NEXT: Record<string, string> = {
  '28P01': 'look at user and password',
  '28000': 'look at user and password, and at pg_hba.conf of the server',
  '3D000': 'make the database first',
  ECONNREFUSED: ELSEWHERE,
  ENOTFOUND: ELSEWHERE,
  EAI_AGAIN: ELSEWHERE,
  ETIMEDOUT: ELSEWHERE,
  EHOSTUNREACH: ELSEWHERE,
  ENETUNREACH: ELSEWHERE,
};

/**
 * Demands that somebody can log in to each PostgreSQL that is named, and that it is new enough. Throws one sentence that names the setting, what
 * is wrong and what to do next; never the address, which holds a password.
 */
export async function demandReachable(named: Readonly<Record<string, string>>): Promise<void> {
  for (const [setting, connectionString] of Object.entries(named)) {
    const client = clientOf(setting, connectionString);
    try {
      await client.connect();
      const { rows } = await client.query<{ version: string; number: number }>(
        `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
      );
      const { version, number } = rows[0]!;
      if (number < OLDEST) throw new Error(`it is version ${version}, expected 15 or newer`);
    } catch (error) {
      const { code, message } = thrown(error);
      const next = NEXT[code ?? ''];
      throw new Error(
        `the PostgreSQL that ${setting} names cannot be used: ${message || code}. ${next ? `What to do: ${next} (` : 'See '}docs/guide/own-postgresql.md${next ? ')' : ''}.`,
      );
    } finally {
      await client.end().catch(() => {});
    }
  }
}

function clientOf(setting: string, connectionString: string): pg.Client {
  try {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 20_000 });
    client.on('error', () => {});
    return client;
  } catch {
    throw new Error(
      `${setting}: expected an address such as postgres://USER:PASSWORD@HOST:5432/DATABASE. In user and password these signs are written as numbers: / %2F, ? %3F, # %23, @ %40, : %3A, % %25 (docs/guide/own-postgresql.md).`,
    );
  }
}
