import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../base/failure.ts';
import type { Binaries } from './binaries.ts';
import { serverEnvironment } from './cluster.ts';
import { explain, isPassing } from './explain.ts';
import { heldBy } from './lock.ts';
import type { Place } from './place.ts';
import {
  HOLDER_SETTING,
  holderText,
  liveHolder,
  serverProcesses,
  signal,
  writtenPostmaster,
} from './processes.ts';
import type { ServerLog } from './server-log.ts';
import { type Watchdog, watch } from './watchdog.ts';

/** What a server is started with. */
export interface ServerPlan {
  place: Place;
  binaries: Binaries;
  serverLog: ServerLog;
  log: (line: string) => void;
  /** Folder of the Unix socket; undefined on Windows. */
  socketFolder: string | undefined;
  port: number;
  settings: Record<string, string>;
}

/** One running postmaster. */
export interface RunningServer {
  pid: number;
  /** Settles when the postmaster has ended, for whatever reason, with a word on how. */
  ended: Promise<string>;
  /** Ends it: fast, after 10 s immediate, after 15 s killed. Its children are gone as well when it returns. */
  stop(): Promise<void>;
}

const RETRY_MS = 10_000;
const FAST_MS = 10_000;
const IMMEDIATE_MS = 5_000;

/**
 * Settings of the server. Every one stands on the command line, so that an edited postgresql.conf cannot weaken
 * them. Nothing a person entered may reach the log: it outlives an erasure. Therefore no statements, no parameters,
 * and of messages only LOG, FATAL and PANIC: the text of an ordinary ERROR quotes values ("invalid input syntax for
 * type integer: ...", "Key (email)=(...) already exists"); the client gets those, and the app decides what it logs.
 */
function settingsOf(plan: ServerPlan): Record<string, string> {
  const windows = plan.socketFolder === undefined;
  return {
    listen_addresses: windows ? '127.0.0.1' : '',
    unix_socket_directories: plan.socketFolder ?? '',
    unix_socket_permissions: '0700',
    port: String(plan.port),
    cluster_name: plan.place.name,
    password_encryption: 'scram-sha-256',
    ssl: 'off',
    max_connections: '30',
    shared_buffers: '32MB',
    jit: 'off',
    // What the planner knows of tables is renewed soon after they grew, not up to a minute later.
    autovacuum_naptime: '15s',
    // No logical replication: a process less.
    max_logical_replication_workers: '0',
    // Saves three processes that only pay off for large scans from a cold disk.
    io_method: 'sync',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: windows ? '%m[%p]' : '%m [%p] ',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_min_duration_statement: '-1',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_checkpoints: 'off',
    log_autovacuum_min_duration: '-1',
    ...plan.settings,
  };
}

/**
 * Starts the server and returns when it accepts connections; recovery after a crash may take its time, and is waited
 * for as long as it works. Throws UNAVAILABLE with the reason when it ends instead.
 */
export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  const deadline = Date.now() + RETRY_MS;
  for (;;) {
    forgetReusedNumber(plan.place);
    plan.serverLog.mark();
    const launched = process.platform === 'win32' ? launchOnWindows(plan) : launch(plan);
    const watchdog = launched.pid
      ? watch(plan.place, launched.pid, plan.binaries.program('pg_ctl'), plan.log)
      : undefined;
    void launched.ended.then(() => watchdog?.dismiss());
    const how = await Promise.race([launched.ended, untilReady(plan, launched.pid)]);
    if (how === READY && launched.pid)
      return { pid: launched.pid, ended: launched.ended, stop: () => stopServer(plan, launched, watchdog) };
    const output = plan.serverLog.sinceMark();
    // Children of a killed postmaster hold the shared memory for a moment.
    if (!isPassing(output) || Date.now() > deadline)
      throw explain(plan.place, 'start', output || `error: ${how}`);
    await endLeftovers(plan.place, plan.log);
    await wait(250);
  }
}

interface Launched {
  pid: number | undefined;
  /** Signals this very process, never another that got its number. */
  signal(name: NodeJS.Signals): void;
  ended: Promise<string>;
}

function launch(plan: ServerPlan): Launched {
  const args = ['-D', plan.place.cluster];
  for (const [name, value] of Object.entries(settingsOf(plan))) args.push('-c', `${name}=${value}`);
  args.push('-c', `${HOLDER_SETTING}=${holderText()}`);
  const child = spawn(plan.binaries.program('postgres'), args, {
    ...plan.place.user,
    cwd: '/',
    env: serverEnvironment(),
    // Its own session: Ctrl-C belongs to the app, which finishes its requests before it stops the database.
    detached: true,
    stdio: ['ignore', plan.serverLog.descriptor, plan.serverLog.descriptor],
  });
  // The server alone must not keep an app running that has nothing left to do; the watchdog ends it then.
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, by) => resolve(by ? `ended by ${by}` : `ended with status ${code}`));
  });
  return { pid: child.pid, ended, signal: (name) => void child.kill(name) };
}

/** pg_ctl gives up administrator rights, with which the server would refuse to run. */
function launchOnWindows(plan: ServerPlan): Launched {
  const options = Object.entries(settingsOf(plan))
    .filter(([name]) => !name.startsWith('unix_'))
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
  const args = ['start', '-W', '-D', plan.place.cluster, '-l', plan.place.log, '-o', options];
  const started = spawnSync(plan.binaries.program('pg_ctl'), args, {
    env: serverEnvironment(),
    windowsHide: true,
    stdio: 'ignore',
  });
  const pid = started.status === 0 ? writtenPostmaster(plan.place) : undefined;
  const ended = (async () => {
    while (pid !== undefined && signal(pid, 0)) await wait(200, undefined, { ref: false });
    return pid === undefined ? 'pg_ctl could not start it' : 'ended';
  })();
  return { pid, ended, signal: () => undefined };
}

const READY = 'ready';

/** The eighth line of postmaster.pid is what pg_ctl waits for too (PostgreSQL 10 and later, pidfile.h). */
async function untilReady(plan: ServerPlan, pid: number | undefined): Promise<string> {
  const began = Date.now();
  let told = 0;
  for (;;) {
    const lines = pidFile(plan.place);
    if (lines[0] === String(pid) && lines[7]?.trim() === READY) return READY;
    if (pid === undefined || !signal(pid, 0)) return new Promise(() => undefined);
    const seconds = Math.floor((Date.now() - began) / 5_000) * 5;
    if (seconds > told) plan.log(`PostgreSQL recovers, ${seconds} s so far`);
    told = Math.max(told, seconds);
    await wait(5);
  }
}

function pidFile(place: Place): string[] {
  try {
    return readFileSync(join(place.cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** PostgreSQL refuses to start while the number in postmaster.pid is in use by anything, which may be anybody by now. */
function forgetReusedNumber(place: Place): void {
  const written = writtenPostmaster(place);
  if (process.platform === 'win32' || written === undefined) return;
  if (signal(written, 0) && serverProcesses(place).length === 0)
    rmSync(join(place.cluster, 'postmaster.pid'), { force: true });
}

async function stopServer(
  plan: ServerPlan,
  launched: Launched,
  watchdog: Watchdog | undefined,
): Promise<void> {
  const steps: [NodeJS.Signals, string, number][] = [
    ['SIGINT', 'fast', FAST_MS],
    ['SIGQUIT', 'immediate', IMMEDIATE_MS],
    ['SIGKILL', 'immediate', IMMEDIATE_MS],
  ];
  for (const [name, mode, patience] of steps) {
    if (process.platform === 'win32') {
      spawnSync(plan.binaries.program('pg_ctl'), ['stop', '-W', '-D', plan.place.cluster, '-m', mode], {
        env: serverEnvironment(),
        windowsHide: true,
      });
    } else launched.signal(name);
    if (await within(launched.ended, patience)) break;
    plan.log(`PostgreSQL did not stop within ${patience / 1000} s of ${name}`);
  }
  watchdog?.dismiss();
  if (serverProcesses(plan.place).length > 0) await endLeftovers(plan.place, plan.log);
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const cancel = new AbortController();
  const late = wait(ms, false, { signal: cancel.signal }).catch(() => false);
  const inTime = await Promise.race([promise.then(() => true), late]);
  cancel.abort();
  return inTime;
}

/**
 * Ends what a dead instance left running on this data directory: its postmaster in good order, orphans of a killed
 * postmaster by SIGQUIT, whatever is left after five seconds by SIGKILL. Only call it while holding the lock.
 */
export async function endLeftovers(place: Place, log: (line: string) => void): Promise<void> {
  if (!existsSync(place.cluster)) return;
  const began = Date.now();
  let told = false;
  for (let round = 0; ; round++) {
    const left = serverProcesses(place);
    if (left.length === 0) return;
    const holder = liveHolder(place);
    if (holder !== undefined && holder !== process.pid) throw heldBy(place, holder);
    if (!told) log(`ending database processes left over on ${place.root}: ${left.join(', ')}`);
    told = true;
    const waited = Date.now() - began;
    if (waited > RETRY_MS) {
      throw new Failure(
        'UNAVAILABLE',
        `Processes ${left.join(', ')} left over by a crash still use ${place.root} and do not end. End them by hand and start again.`,
      );
    }
    const postmaster = left.find((pid) => pid === writtenPostmaster(place));
    if (waited > 5_000) for (const pid of left) signal(pid, 'SIGKILL');
    else if (postmaster === undefined && round % 20 === 0) for (const pid of left) signal(pid, 'SIGQUIT');
    else if (postmaster !== undefined && round === 0) signal(postmaster, 'SIGINT');
    await wait(25);
  }
}
