import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../base/failure.ts';
import { findBinaries } from './binaries.ts';
import { DATABASE, prepareCluster, USER } from './cluster.ts';
import { explain } from './explain.ts';
import { takeLock } from './lock.ts';
import { makeSocketFolder, type Place, preparePlace, removeSocketFolder, SOCKET_PORT } from './place.ts';
import { serverProcesses } from './processes.ts';
import { endLeftovers, type RunningServer, type ServerPlan, startServer } from './server.ts';
import { openServerLog } from './server-log.ts';

export { defaultDataDir } from './place.ts';

export interface EmbeddedOptions {
  /** Absolute or relative to the working folder; made when missing. Blobs and settings may lie beside ours in it. */
  dataDir: string;
  /** Receives one line at a time, without a time or a level. */
  log: (line: string) => void;
  /** TCP port on 127.0.0.1, Windows only; a free one is chosen when it is missing. */
  port?: number;
  /** Settings of the server that replace ours. For tests: `{ fsync: 'off' }` loses data when the machine crashes. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  connection: {
    /** Folder of the Unix socket, or 127.0.0.1 on Windows. */
    host: string;
    port: number;
    user: string;
    password: string;
    database: string;
  };
  /** Processes of the server at this moment, postmaster first; empty while it is being restarted. */
  pids(): number[];
  /**
   * Stops the server in good order and releases the data directory. Open transactions are rolled back, so let
   * requests finish first. May be called any number of times; every call waits for the same end.
   */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server that OpenAIMS brings along, on a data directory that belongs to this process alone
 * from here on.
 *
 * When it returns, the server accepts connections and the database exists. When it throws, nothing is left running
 * and the data directory is released. While this process lives, a server that ends is started again (its
 * connections fail meanwhile); when this process ends, however it ends, the server ends within about 250 ms.
 *
 * Throws CONFLICT when another live instance holds the directory, BAD_INPUT when the directory cannot be used,
 * UNAVAILABLE when the server cannot be started (full disk, damaged data, another version), each with what to do.
 */
export async function startEmbedded(o: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = preparePlace(o.dataDir);
  checkWritable(place);
  try {
    return await startOn(place, o);
  } catch (error) {
    throw inWords(place, error);
  }
}

async function startOn(place: Place, o: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const lock = await takeLock(place);
  let socketFolder: string | undefined;
  const release = (): void => {
    removeSocketFolder(place, socketFolder);
    lock.release();
  };
  try {
    o.log(`data directory ${place.root}`);
    if (lock.leftover) o.log('the last instance ended without stopping; its database recovers now');
    await endLeftovers(place, o.log);
    const binaries = findBinaries(place, o.log);
    const password = await prepareCluster(place, binaries, o.log);
    const windows = process.platform === 'win32';
    if (!windows) {
      socketFolder = makeSocketFolder(place, lock.leftover?.socketFolder);
      lock.rememberSocket(socketFolder);
    }
    const port = windows ? (o.port ?? (await freePort())) : SOCKET_PORT;
    const serverLog = openServerLog(place);
    const plan: ServerPlan = {
      place,
      binaries,
      serverLog,
      log: o.log,
      socketFolder,
      port,
      settings: o.settings ?? {},
    };
    const keeper = await keepRunning(plan).catch((error: unknown) => {
      serverLog.close();
      throw error;
    });
    let stopped: Promise<void> | undefined;
    return {
      connection: { host: socketFolder ?? '127.0.0.1', port, user: USER, password, database: DATABASE },
      pids: () => serverProcesses(place),
      stop: () => {
        stopped ??= keeper.stop().finally(() => {
          serverLog.close();
          release();
        });
        return stopped;
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** What the operating system refuses (a full disk above all) as a sentence; everything else unchanged. */
function inWords(place: Place, error: unknown): unknown {
  const refused = error instanceof Error && 'code' in error && 'syscall' in error;
  if (!refused) return error;
  const full = error.code === 'ENOSPC' ? 'No space left on device' : '';
  return explain(place, 'start', `${full}\nerror: ${error.message}`);
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_MS = 60_000;

/** Starts the server and starts it again whenever it ends unasked, pausing longer each time it does not last. */
async function keepRunning(plan: ServerPlan): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  let server: RunningServer | undefined = await startServer(plan);
  const loop = (async () => {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      const since = Date.now();
      const how = await server?.ended;
      if (stopping.signal.aborted) return;
      if (server && Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
      if (server) plan.log(`PostgreSQL stopped unasked (${how}); it is started again in ${pause} ms`);
      server = undefined;
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      try {
        await endLeftovers(plan.place, plan.log);
        server = await startServer(plan);
        if (stopping.signal.aborted) return await server.stop();
        plan.log('PostgreSQL runs again');
      } catch (error) {
        plan.log(`${(error as Error).message} Next attempt in ${pause} ms`);
      }
    }
  })();
  return {
    async stop() {
      stopping.abort();
      // A restart that is under way finishes first, so that no server is started behind our back.
      await server?.stop();
      await loop;
      await endLeftovers(plan.place, plan.log);
    },
  };
}

function checkWritable(place: Place): void {
  try {
    accessSync(place.root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Failure(
      'BAD_INPUT',
      `The data directory ${place.root} cannot be written (${(error as Error).message}). Start OpenAIMS as the account it belongs to, or choose another with --data.`,
    );
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
