import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbedded } from './index.ts';
import { signal } from './processes.ts';
import { onLinux, query, Trial } from './trial.fixture.ts';

// One data directory for all tests of this file: making a new one is what takes the time.
let trial: Trial;
beforeAll(() => {
  trial = new Trial();
});
afterEach(() => trial.endAll());
afterAll(() => trial.clear());

async function start(dataDir: string, lines: string[] = []): Promise<EmbeddedPostgres> {
  return trial.keep(await startEmbedded({ dataDir, log: (line) => lines.push(line) }));
}

describe('the embedded server', () => {
  test('keeps its data over stop and start, and stop may be called twice', async () => {
    const lines: string[] = [];
    const first = await start(trial.path('data'), lines);
    expect(lines).toContain(`data directory ${trial.path('data')}`);
    await query(first.connection, 'CREATE TABLE kept (what text); INSERT INTO kept VALUES ($$still here$$)');
    const pids = first.pids();
    expect(pids.length).toBeGreaterThan(1);
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    expect(pids.filter((pid) => signal(pid, 0))).toEqual([]);
    expect(existsSync(trial.path('data', 'instance.lock'))).toBe(false);
    expect(existsSync(first.connection.host)).toBe(false);

    const second = await start(trial.path('data'));
    expect(second.connection.password).toBe(first.connection.password);
    expect(await query(second.connection, 'SELECT what FROM kept')).toEqual([{ what: 'still here' }]);
  });

  test('is durable, listens on its socket only, asks for the password and logs no values', async () => {
    const server = await start(trial.path('data'));
    const { connection } = server;
    const settings = await query(connection, `SELECT name, setting FROM pg_settings WHERE name = ANY ($1)`, [
      [
        'fsync',
        'synchronous_commit',
        'full_page_writes',
        'data_checksums',
        'listen_addresses',
        'ssl',
        'jit',
        'max_connections',
        'server_encoding',
      ],
    ]);
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      listen_addresses: process.platform === 'win32' ? '127.0.0.1' : '',
      ssl: 'off',
      jit: 'off',
      max_connections: '30',
      server_encoding: 'UTF8',
    });
    const methods = await query(connection, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules');
    expect(methods).toEqual([{ auth_method: 'scram-sha-256' }]);
    await expect(query({ ...connection, password: 'guess' }, 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
    const password = trial.path('data', 'postgres-password');
    expect(readFileSync(password, 'utf8').trim()).toBe(connection.password);
    if (process.platform !== 'win32') expect(statSync(password).mode & 0o777).toBe(0o600);

    await query(connection, 'CREATE TABLE person (email text PRIMARY KEY)');
    await query(connection, 'INSERT INTO person VALUES ($1)', ['ada@example.org']);
    await expect(query(connection, 'INSERT INTO person VALUES ($1)', ['ada@example.org'])).rejects.toThrow(
      /duplicate key/,
    );
    await expect(query(connection, 'SELECT $1::int', ['ada@example.org'])).rejects.toThrow(
      /invalid input syntax/,
    );
    await expect(query(connection, `SELECT 'ada@example.org'::int`)).rejects.toThrow(/invalid input syntax/);
    await server.stop();
    const log = readFileSync(trial.path('data', 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('ada@example.org');
  });

  test.runIf(onLinux)('gives back what a connection needed to plan a long statement', async () => {
    const { connection } = await start(trial.path('data'));
    const client = new pg.Client(connection);
    await client.connect();
    try {
      const part = (n: number) =>
        `select a.relname from pg_class a join pg_class b on b.oid = a.oid join pg_attribute c on c.attrelid = a.oid
          where a.relname = 'x${n}' and b.relname in (select d.relname from pg_class d where d.oid = a.reltype)`;
      const long = Array.from({ length: 120 }, (_, n) => part(n)).join(' union all ');
      const [{ pid }] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows as [
        { pid: number },
      ];
      for (let n = 0; n < 3; n++) await client.query(long);
      const held = /^Pss_Anon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      // 12 MB when it is given back, 20 when it is not.
      expect(Number(held![1])).toBeLessThan(16_000);
    } finally {
      await client.end();
    }
  });

  test('is started again when its postmaster is killed, with everything that was confirmed', async () => {
    const lines: string[] = [];
    const server = await start(trial.path('data'), lines);
    await query(server.connection, 'CREATE TABLE killed (n int)');
    await query(server.connection, 'INSERT INTO killed VALUES (1)');
    const [postmaster = 0] = server.pids();
    process.kill(postmaster, 'SIGKILL');
    await vi.waitFor(() => expect(lines).toContain('PostgreSQL runs again'), {
      timeout: 20_000,
      interval: 20,
    });
    expect(server.pids()[0]).not.toBe(postmaster);
    expect(await query(server.connection, 'SELECT n FROM killed')).toEqual([{ n: 1 }]);
  });

  test('can be stopped while it is being restarted', async () => {
    const lines: string[] = [];
    const server = await start(trial.path('data'), lines);
    const pids = server.pids();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(lines.join()).toContain('stopped unasked'), {
      timeout: 20_000,
      interval: 1,
    });
    await server.stop();
    expect(server.pids()).toEqual([]);
    expect(existsSync(trial.path('data', 'instance.lock'))).toBe(false);
  });

  test('makes a new password when the file with the old one was lost', async () => {
    const first = await start(trial.path('data'));
    await first.stop();
    rmSync(trial.path('data', 'postgres-password'));
    const second = await start(trial.path('data'));
    expect(second.connection.password).not.toBe(first.connection.password);
    expect(await query(second.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test.runIf(process.platform !== 'win32')(
    'finds a short socket path for a long data directory',
    async () => {
      const deep = trial.path(
        'a-folder-with-a-rather-long-name'.repeat(3),
        'and-one-more-below-it'.repeat(3),
      );
      const server = await start(deep);
      expect(Buffer.byteLength(`${server.connection.host}/.s.PGSQL.5432`)).toBeLessThanOrEqual(100);
      expect(server.connection.host.startsWith(deep)).toBe(false);
      expect(statSync(server.connection.host).mode & 0o777).toBe(0o700);
      expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await server.stop();
      expect(existsSync(server.connection.host)).toBe(false);
    },
  );

  test.runIf(process.platform !== 'win32')('never uses a socket folder it finds', async () => {
    mkdirSync(trial.path('theirs'));
    writeFileSync(trial.path('theirs', 'file'), '');
    mkdirSync(trial.path('data'), { recursive: true });
    symlinkSync(trial.path('theirs'), trial.path('data', 'run'));
    const server = await start(trial.path('data'));
    expect(server.connection.host).toBe(trial.path('data', 'run'));
    expect(lstatSync(server.connection.host).isDirectory()).toBe(true);
    expect(readdirSync(trial.path('theirs'))).toEqual(['file']);
  });

  test.runIf(onLinux)(
    'ignores a process number in postmaster.pid that belongs to something else by now',
    async () => {
      const first = await start(trial.path('data'));
      await first.stop();
      writeFileSync(
        trial.path('data', 'postgres', 'postmaster.pid'),
        `${process.ppid}\n${trial.path('data', 'postgres')}\n1\n5432\n\n\n\nready\n`,
      );
      const second = await start(trial.path('data'));
      expect(await query(second.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
  );
});
