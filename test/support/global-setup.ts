import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded/index.ts';
import { firstClosedFolder, UNPRIVILEGED } from '../../src/store/embedded/place.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: EmbeddedPostgres['connection'];
    /** Where tests keep what one of them makes for all; removed with the server. */
    shared: string;
    /** The reader of files, built once for all. */
    intakeScript: string;
  }
}

const ROOT = join(import.meta.dirname, '../..');

/**
 * One PostgreSQL server for the whole test run; test/support/postgres.ts hands out databases on it. What is made here is
 * thrown away, so it need not survive a power failure: writing nothing through to the disk makes databases in a
 * tenth of the time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
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
  project.provide('postgres', server.connection);
  project.provide('shared', folder);
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
  project.provide('intakeScript', intakeScript);
  return async () => {
    await server.stop();
    rmSync(built, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    const restarts = lines.filter((line) => line.includes('stopped unasked'));
    if (restarts.length > 0) throw new Error(`the test server did not run through: ${restarts.join('; ')}`);
  };
}

/** As root the server runs as another account, which a private TMPDIR would keep out. */
function reachableTemporaryFolder(): string {
  const user =
    process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : { uid: undefined, gid: undefined };
  return firstClosedFolder(tmpdir(), user) === undefined ? tmpdir() : '/tmp';
}
