import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type Logins, loginAs } from '../../src/store/db/logins.ts';
import type {} from './global-setup.ts';

/** How to reach one database; fits `new pg.Client(connection)` and `new pg.Pool(connection)`. */
export interface Connection {
  /** Folder of the Unix socket, or 127.0.0.1 on Windows. */
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/**
 * The server of this test run, connected to its `postgres` database: for tests that need more than one database or
 * a role of their own. Throws in a test of the project `unit`, which has none: test/support/projects.ts.
 */
export function testServer(): Connection {
  const connection = inject('postgres');
  if (!connection)
    throw new Error(
      'no test server: a file that needs one imports what needs it, so that test/support/projects.ts sees it',
    );
  return { ...connection, database: 'postgres' };
}

/**
 * A fresh database for one test file (or one test), copied from `template` when it is given, else empty.
 * `drop` ends whatever is still connected to it; calling it again does no harm.
 */
export async function testDatabase(
  o: { template?: string } = {},
): Promise<{ connection: Connection; drop(): Promise<void> }> {
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const template = o.template === undefined ? 'template1' : plainName(o.template);
  // Copying files takes a quarter of what writing every page through the log takes: nothing here survives a crash anyway.
  await asAdmin((admin) =>
    admin.query(`CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY FILE_COPY`),
  );
  return {
    connection: { ...testServer(), database },
    drop: () =>
      asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)).then(
        () => undefined,
      ),
  };
}

/**
 * Makes the template database `name` once per test run, whichever test file comes first; the others wait for it.
 * A template whose migration failed is made anew by the next caller. `migrate` must not make roles
 * unconditionally: roles belong to the server, not to one database.
 */
export async function ensureTemplate(
  name: string,
  migrate: (connection: Connection) => Promise<void>,
): Promise<void> {
  const database = plainName(name);
  await asAdmin(async (admin) => {
    // Released with the connection, however this ends. One for all templates: the roles that migrations make belong to
    // the server, and two that make them at once would fail.
    await admin.query(`SELECT pg_advisory_lock(hashtext('templates'))`);
    // It becomes a template last, so a half-made one is not taken for ready.
    const ready = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate', [
      database,
    ]);
    if (ready.rowCount) return;
    await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${database}`);
    await migrate({ ...testServer(), database });
    await makeLogins(admin);
    await admin.query(`ALTER DATABASE ${database} WITH ALLOW_CONNECTIONS false`);
    // A database cannot be copied while anybody is connected to it.
    await admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [
      database,
    ]);
    await admin.query(`ALTER DATABASE ${database} WITH IS_TEMPLATE true`);
  });
}

/** Of no use to anybody: the server of a test run listens on a socket of its own. */
const LOGIN_PASSWORD = 'for tests';

/** How requests log in, as in life: roles that own nothing and may become one other role each. Made with the templates. */
export function testLogins(connection: Connection): Logins {
  return {
    app: loginAs(connection, 'test_requests', LOGIN_PASSWORD),
    identity: loginAs(connection, 'test_accounts', LOGIN_PASSWORD),
  };
}

async function makeLogins(admin: pg.Client): Promise<void> {
  for (const [login, role] of [
    ['test_requests', 'aims_app'],
    ['test_accounts', 'aims_identity'],
  ]) {
    const known = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
    if (!known.rowCount)
      await admin.query(`CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD '${LOGIN_PASSWORD}'`);
    await admin.query(`GRANT ${role} TO ${login}`);
  }
}

/**
 * A folder that is made once per test run, whichever test comes first; the others wait for it. One whose making failed is made anew by
 * the next caller.
 */
export async function sharedFolder(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(inject('shared'), plainName(name));
  const ready = `${folder}.ready`;
  await asAdmin(async (admin) => {
    // Released with the connection, however this ends.
    await admin.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    if (existsSync(ready)) return;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o711 });
    await make(folder);
    writeFileSync(ready, '');
  });
  return folder;
}

/** Names stand in statements that take no parameters. */
function plainName(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    throw new Error(`"${name}" is no plain database name (a-z, 0-9, _)`);
  return name;
}

/** A pool whose connections the server may end at any time, as it does before a template is copied or a database dropped. */
export function testPool(connection: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(connection);
  // One that has been given back may be ended before it has said goodbye; without a listener that would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client(testServer());
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
