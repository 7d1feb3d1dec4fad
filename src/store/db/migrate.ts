import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { codeOf, messageOf } from '../../base/thrown.ts';

/**
 * Applies the migrations that are missing, in order, each in a transaction, under an advisory lock, so that any number of processes
 * may start at once. Refuses when a file that was applied before has changed since: history is only added to.
 */
export async function migrate(pool: pg.Pool, folder: string): Promise<string[]> {
  const files = readdirSync(folder)
    .filter((f) => /^\d{4}-.*\.sql$/.test(f))
    .sort();
  const client = await pool.connect();
  const applied: string[] = [];
  try {
    await client.query('select pg_advisory_lock(420012023)');
    await client.query(
      `create table if not exists migration (name text primary key, sha256 text not null, at timestamptz not null default now())`,
    );
    const done = new Map(
      (await client.query<{ name: string; sha256: string }>('select name, sha256 from migration')).rows.map(
        (r) => [r.name, r.sha256],
      ),
    );
    const unknown = [...done.keys()].filter((name) => !files.includes(name));
    if (unknown.length > 0)
      throw new Error(
        `the database was made by a newer version: it has migration ${unknown[0]}, which this version does not know. Start the newer version.`,
      );
    for (const name of files) {
      const sql = readFileSync(join(folder, name), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      const before = done.get(name);
      if (before === sha256) continue;
      if (before)
        throw new Error(
          `migration ${name} was applied with other contents; restore the file that was released.`,
        );
      await client.query('begin');
      try {
        await client.query(sql);
        await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
      applied.push(name);
    }
  } catch (error) {
    throw codeOf(error) === '42501' ? mayNot(error) : error;
  } finally {
    await client.query('select pg_advisory_unlock(420012023)').catch(() => {});
    client.release();
  }
  return applied;
}

/** Roles belong to the server: where another installation made them, or none may be made here, an administrator grants them. */
const mayNot = (error: unknown) =>
  new Error(
    `the database user may not bring the database up to date (${messageOf(error)}): it has to own the database, and to have the roles aims_app and aims_identity with admin option or, where they are not there yet, CREATEROLE. What an administrator does about it: docs/guide/own-postgresql.md`,
  );
