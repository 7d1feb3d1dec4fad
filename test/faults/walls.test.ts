import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identityPool } from '../../src/identity/connections.ts';
import { type Logins, loginAs, settleLogins } from '../../src/store/db/logins.ts';
import { Owner } from '../../src/store/db/owner.ts';
import { demandWalls } from '../../src/store/db/walls.ts';
import { given, ROOT, type TestInstance, testInstance } from '../support/instance.ts';
import { testLogins } from '../support/postgres.ts';

let t: TestInstance;
let other: number;
let pools: Record<'app' | 'identity', pg.Pool>;
let logins: Logins;
beforeAll(async () => {
  t = await testInstance();
  logins = testLogins(t.connection);
  const beta = await t.newOrganisation('beta');
  other = beta.id;
  await given({ ...t, organisation: beta }, 'person', { name: 'Theirs' });
  await given(t, 'person', { name: 'Ours' });
  pools = { app: t.app.db.pool, identity: identityPool(logins.identity) };
});
afterAll(async () => {
  await pools.identity.end();
  await t.close();
});

/** Ways out of the role that a request works as. */
const ESCAPES = [
  `select set_config('role', 'none', true)`,
  `select set_config('role', 'none', false)`,
  'set role none',
  'set local role none',
  'reset role',
  'reset all',
  'set session authorization default',
  'reset session authorization',
];

/** What nobody may do who came in by a request, whatever role they have got themselves. */
const FORBIDDEN = (own: string, others: string[]) => [
  ...others.flatMap((role) => [`set role ${role}`, `set session authorization ${role}`]),
  `select set_config('role', '${others[0]}', true)`,
  'select rolpassword from pg_authid',
  `select pg_read_file('postgresql.conf')`,
  `select pg_ls_dir('.')`,
  `select lo_import('/etc/passwd')`,
  `copy (select 1) to program 'true'`,
  `copy (select 1) to '/tmp/out'`,
  `create temp table x (l text); copy x from '/etc/passwd'`,
  `set session_replication_role = 'replica'`,
  'alter table record disable trigger all',
  'alter table version disable trigger append_only',
  'alter table record disable row level security',
  'drop policy own on record',
  'drop table leaf',
  'truncate version cascade',
  'create table public.mine (x int)',
  `create function public.present_organisation() returns integer language sql as 'select 2'`,
  `create or replace function present_organisation() returns integer language sql stable as 'select 2'`,
  'create extension dblink',
  'create role mallory superuser',
  `alter role ${own} superuser`,
  `grant ${others[0]} to ${own}`,
  'select pg_reload_conf()',
  'select * from migration',
  'select * from pg_ls_logdir()',
];

/** Runs in a transaction of the pool that is rolled back; answers its last rows, or the error. */
async function tried(pool: pg.Pool, ...statements: string[]): Promise<pg.QueryResultRow[] | Error> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    let rows: pg.QueryResultRow[] = [];
    for (const s of statements) rows = (await client.query(s)).rows;
    return rows;
  } catch (error) {
    return error as Error;
  } finally {
    await client.query('rollback');
    // What an escape left behind stays with this connection.
    client.release(true);
  }
}

const refused = /permission denied|must be (owner|superuser)|only roles with|not permitted|must have/i;

describe.each(['app', 'identity'] as const)(
  'whoever sends statements of their own through the pool of %s',
  (half) => {
    const others = () => ['app', 'identity'].filter((h) => h !== half).map((h) => `aims_${h}`);

    test('is never a superuser or the owner, whatever way out of the role they take', async () => {
      for (const way of ['select 1', ...ESCAPES]) {
        const rows = await tried(
          pools[half],
          way,
          `select r.rolsuper or r.rolbypassrls or r.rolcreaterole as strong, current_user <> all (array['aims_${half}', session_user]) as foreign,
          exists (select from pg_class c where c.relowner = r.oid) as owns from pg_roles r where r.rolname = current_user`,
        );
        expect(rows, way).toEqual([{ strong: false, foreign: false, owns: false }]);
      }
    });

    test('reads no table at all once they have left the role', async () => {
      const tables = await t.app.db.asOwner({
        text: `select tablename as name from pg_tables where schemaname = 'public'`,
      });
      expect(tables.length).toBeGreaterThan(20);
      for (const { name } of tables)
        expect(
          String(await tried(pools[half], 'set role none', `select * from "${name}"`)),
          String(name),
        ).toMatch(/permission denied/);
    });

    test('becomes nobody else, and does nothing that takes an owner or a superuser, before or after', async () => {
      const attempts = FORBIDDEN(`aims_${half}`, [
        ...others(),
        t.connection.user,
        'pg_read_all_data',
        'pg_execute_server_program',
      ]);
      for (const way of ['select 1', 'set role none'])
        for (const attempt of attempts)
          expect(String(await tried(pools[half], way, attempt)), `${way}; ${attempt}`).toMatch(refused);
    });
  },
);

test('a request of one organisation sees no row of another, and what works between organisations shows names only', async () => {
  const [seen] = await t.app.db.run(t.organisation.id, [
    { text: 'select distinct organisation from record' },
  ]);
  expect(seen).toEqual([{ organisation: t.organisation.id }]);
  const text = (name: string) => `insert into ${name} (organisation) values (${other})`;
  for (const name of ['counter', 'idempotency', 'outbox', 'saved_filter'])
    await expect(t.app.db.run(t.organisation.id, [{ text: text(name) }]), name).rejects.toThrow(
      /row-level security|null value/,
    );
  // Outside an organisation there is none.
  expect(String(await tried(pools.app, 'select * from record'))).toMatch(
    /app\.organisation|invalid input syntax/,
  );
  const columns = Object.keys((await t.app.db.organisationsWith('log', new Date()))[0]!);
  expect(columns).toEqual(['id', 'slug']);
});

test('nothing but the start holds the owner of the tables', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.test.ts') && !f.includes('testing/'),
  );
  expect(sources.length).toBeGreaterThan(300);
  const holding = (word: RegExp) =>
    sources.filter((f) => word.test(readFileSync(join(ROOT, 'src', f), 'utf8'))).sort();
  expect(holding(/new (Owner|Housekeeping)\(/)).toEqual(['instance.ts']);
  expect(holding(/asOwner|ownerPool/)).toEqual([]);
  // Every other connection of the server is made in these, from the logins.
  expect(holding(/new pg\.(Pool|Client)\(/)).toEqual([
    'identity/connections.ts',
    'store/db/database.ts',
    'store/db/logins.ts',
    'store/db/owner.ts',
    'store/db/reachable.ts',
    'store/db/walls.ts',
    'store/embedded/trial.fixture.ts',
  ]);
});

describe('the start refuses', () => {
  /** A role for one test; gone afterwards, with what it may. */
  async function asRole(sql: string, work: (login: pg.PoolConfig) => Promise<void>): Promise<void> {
    const owner = (text: string) => t.app.db.asOwner({ text });
    await owner(`create role test_wrong login noinherit password 'x'`);
    try {
      for (const one of sql.split(';')) await owner(one);
      await work(loginAs(t.connection, 'test_wrong', 'x'));
    } finally {
      await owner('reassign owned by test_wrong to current_user');
      await owner('drop owned by test_wrong');
      await owner('drop role test_wrong');
    }
  }

  test('a login that owns the tables or is a superuser', async () => {
    for (const half of ['app', 'identity'])
      await expect(demandWalls({ ...logins, [half]: t.connection }), half).rejects.toThrow(
        /requests log in to the database as openaims, and openaims is a superuser.*own-postgresql/,
      );
  });

  test.each([
    [
      'is a member of both halves',
      'grant aims_app, aims_identity to test_wrong',
      /may also become aims_identity/,
    ],
    ['may become nobody', 'select 1', /not a member of aims_app/],
    [
      'reads everything',
      'grant aims_app, pg_read_all_data to test_wrong',
      /may also become pg_read_all_data/,
    ],
    ['may become the owner', 'grant aims_app, openaims to test_wrong', /superuser|may also become/],
    [
      'passes by the policies',
      'grant aims_app to test_wrong; alter role test_wrong bypassrls',
      /passes by row-level security/,
    ],
    ['makes roles', 'grant aims_app to test_wrong; alter role test_wrong createrole', /may make roles/],
    [
      'owns a table',
      'grant aims_app to test_wrong; create table owned (); alter table owned owner to test_wrong',
      /test_wrong owns/,
    ],
    [
      'may make functions',
      'grant aims_app to test_wrong; grant create on schema public to test_wrong',
      /may make tables and functions/,
    ],
  ])('a login that %s', async (_name, sql, sentence) => {
    await asRole(sql, async (app) => {
      await expect(demandWalls({ ...logins, app })).rejects.toThrow(sentence);
    });
  });

  test('nothing when each login may become its own role alone', async () => {
    await demandWalls(logins);
  });
});

describe('the logins', () => {
  const name = 'test0001';
  afterAll(async () => {
    for (const half of ['app', 'identity'])
      await t.app.db.asOwner({ text: `drop role if exists aims_${half}_${name}` });
  });

  test('are made where they are not there, found again, given their password back, and hold the walls', async () => {
    const owner = new Owner(t.connection);
    const { host, port, user, password, database } = t.connection;
    const url = `postgres://${user}:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(host)}&port=${port}&user=${user}`;
    try {
      const made = await settleLogins(owner, t.connection, { name, secret: 'one' });
      await demandWalls(made);
      const { rows } = await owner.pool.query(
        `select oid, rolpassword from pg_authid where rolname = 'aims_app_${name}'`,
      );
      expect(rows[0].rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
      // Another process on the same folder: nothing is changed under those that run.
      expect(await settleLogins(owner, t.connection, { name, secret: 'one' })).toEqual(made);
      expect(
        (await owner.pool.query(`select oid, rolpassword from pg_authid where rolname = 'aims_app_${name}'`))
          .rows,
      ).toEqual(rows);
      // Another secret: the keys were lost. By address, as DATABASE_URL gives it.
      await demandWalls(await settleLogins(owner, { connectionString: url }, { name, secret: 'two' }));
      await expect(demandWalls(made)).rejects.toThrow(/password authentication failed/);
    } finally {
      await owner.close();
    }
  });

  test('cannot be made by an owner who may not make roles, and the start says what to do', async () => {
    await t.app.db.asOwner({ text: `create role test_weak login password 'x'` });
    const owner = new Owner(loginAs(t.connection, 'test_weak', 'x'));
    try {
      await expect(settleLogins(owner, t.connection, { name: 'test0002', secret: 'x' })).rejects.toThrow(
        /may not make the role aims_app_test0002.*CREATEROLE.*own-postgresql/,
      );
    } finally {
      await owner.close();
      await t.app.db.asOwner({ text: 'drop role test_weak' });
    }
  });
});
