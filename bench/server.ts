import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { DATABASE, USER } from '../src/store/embedded/cluster.ts';
import { SOCKET_PORT } from '../src/store/embedded/place.ts';
import { Client } from './sampling.ts';
import { EMAIL, PASSWORD, ROOT } from './world.ts';

/** The server as users start it, in a process of its own. */
export interface Running {
  client: Client;
  /** Milliseconds from starting the process until /healthz answered. */
  startedIn: number;
  /** Proportional set size (bytes) of the server and every process below it; undefined where the system does not tell. */
  pss(): { all: number; database: number } | undefined;
  /**
   * Connections to its database, `most` at once: as the owner of the tables, or as the application within an
   * organisation.
   */
  pool(most: number, organisation?: number): pg.Pool;
  signIn(email?: string): Promise<void>;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Ends every server at once, for when the measuring is broken off; their databases end by themselves right after. */
export function endAllServers(): void {
  for (const child of running) child.kill('SIGKILL');
}

const LONGEST_START_MS = 30_000;

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

/** Starts the built server on a data directory and returns when /healthz answers. */
export async function startServer(dataDir: string, port: number): Promise<Running> {
  const at = performance.now();
  const child = spawn(
    process.execPath,
    [join(ROOT, 'dist', 'server', 'main.mjs'), 'start', '--data', dataDir, '--port', String(port)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output = (output + part.toString()).slice(-4000);
    });
  const client = new Client(port);
  await untilHealthy(child, client, () => output).catch(async (error) => {
    await stop(child);
    throw error;
  });
  const startedIn = performance.now() - at;
  return {
    client,
    startedIn,
    pss: () => pssBelow(child.pid!),
    pool: (most, organisation) => driverPool(dataDir, most, organisation),
    signIn: async (email = EMAIL) => {
      const reply = await client.ask('POST', '/api/v1/sign-in', { email, password: PASSWORD });
      if (reply.status !== 200) throw new Error(`sign-in: ${reply.status} ${reply.body}`);
      client.cookie = reply.cookies.join('; ');
    },
    stop: async () => {
      client.close();
      await stop(child);
    },
  };
}

async function untilHealthy(child: ChildProcess, client: Client, output: () => string): Promise<void> {
  const end = performance.now() + LONGEST_START_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${output()}`);
    if (performance.now() > end) throw new Error(`the server does not answer: ${output()}`);
    const reply = await client.ask('GET', '/healthz').catch(() => undefined);
    if (reply?.status === 200) return;
    await wait(5);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function driverPool(dataDir: string, most: number, organisation?: number): pg.Pool {
  const lock = JSON.parse(readFileSync(join(dataDir, 'instance.lock'), 'utf8')) as { socketFolder?: string };
  const pool = new pg.Pool({
    host: lock.socketFolder ?? '127.0.0.1',
    port: SOCKET_PORT,
    user: USER,
    database: DATABASE,
    password: readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim(),
    max: most,
    pipeline: true,
    onConnect: async (client: pg.ClientBase) => {
      if (organisation === undefined) return;
      await client.query(
        "select set_config('role', 'aims_app', false), set_config('app.organisation', $1, false)",
        [String(organisation)],
      );
    },
  } as pg.PoolConfig);
  pool.on('error', () => {});
  return pool;
}

/** Shared pages count once: each process is charged its share (smaps_rollup, proc(5)). Linux only. */
function pssBelow(root: number): { all: number; database: number } | undefined {
  if (process.platform !== 'linux') return undefined;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    const stat = read(`/proc/${name}/stat`);
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const tree = new Set([root]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [pid, parent] of parents)
      if (tree.has(parent) && !tree.has(pid)) {
        tree.add(pid);
        grew = true;
      }
  }
  const bytes = (pid: number) =>
    Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
  const all = [...tree].reduce((sum, pid) => sum + bytes(pid), 0);
  return { all, database: all - bytes(root) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
