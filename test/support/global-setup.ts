import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded/index.ts';
import { firstClosedFolder, UNPRIVILEGED } from '../../src/store/embedded/place.ts';
import { ROOT } from './root.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: EmbeddedPostgres['connection'];
    /** Where tests keep what one of them makes for all; removed with the server. */
    shared: string;
    /** The reader of files, built once for all. */
    intakeScript: string;
  }
}

interface Start {
  postgres: EmbeddedPostgres['connection'];
  shared: string;
  intakeScript: string;
  end(): Promise<void>;
}

/** One for all projects of a run: each reads this file anew, so what they share stands where all of them see it. */
const run: typeof globalThis & { started?: { start: Promise<Start>; users: number } } = globalThis;

/** Made when the first project begins that needs it, ended with the last of them; tests of `unit` alone never wait for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  run.started ??= { start: begin(), users: 0 };
  const { started } = run;
  started.users += 1;
  const start = await started.start;
  project.provide('postgres', start.postgres);
  project.provide('shared', start.shared);
  project.provide('intakeScript', start.intakeScript);
  return async () => {
    started.users -= 1;
    if (started.users > 0) return;
    run.started = undefined;
    await start.end();
  };
}

/**
 * One PostgreSQL server for the whole test run; test/support/postgres.ts hands out databases on it. What is made here is
 * thrown away, so it need not survive a power failure: writing nothing through to the disk makes databases in a
 * tenth of the time.
 */
async function begin(): Promise<Start> {
  const folder = mkdtempSync(join(reachableTemporaryFolder(), 'aims-test-'));
  chmodSync(folder, 0o711);
  const lines: string[] = [];
  const server = await startEmbedded({
    dataDir: join(folder, 'data'),
    log: (line) => lines.push(line),
    settings: {
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      wal_level: 'minimal',
      max_wal_senders: '0',
      max_connections: '200',
      // Many databases at once, each soon gone: more of their pages fit, and they are tidied up less often.
      shared_buffers: '128MB',
      autovacuum_naptime: '60s',
    },
  }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const built = join(ROOT, 'node_modules', '.cache', 'openaims', `intake-${process.pid}`);
  const intakeScript = join(built, 'worker.mjs');
  await build({
    entryPoints: [join(ROOT, 'src', 'intake', 'worker.ts')],
    outdir: built,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  const end = async () => {
    await server.stop();
    rmSync(built, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    const restarts = lines.filter((line) => line.includes('stopped unasked'));
    if (restarts.length > 0) throw new Error(`the test server did not run through: ${restarts.join('; ')}`);
  };
  return { postgres: server.connection, shared: folder, intakeScript, end };
}

/** As root the server runs as another account, which a private TMPDIR would keep out. */
function reachableTemporaryFolder(): string {
  const user =
    process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : { uid: undefined, gid: undefined };
  return firstClosedFolder(tmpdir(), user) === undefined ? tmpdir() : '/tmp';
}
