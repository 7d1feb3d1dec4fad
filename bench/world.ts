import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createOrganisation, type Organisation } from '../src/app/people/organisations.ts';
import { createMember } from '../src/app/people/people.ts';
import { type Instance, openInstance } from '../src/instance.ts';
import { registry } from '../src/registers/index.ts';
import type { Statement } from '../src/store/db/database.ts';
import { type EmbeddedPostgres, startEmbedded } from '../src/store/embedded/index.ts';
import { firstClosedFolder, UNPRIVILEGED } from '../src/store/embedded/place.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const PASSWORD = 'a password for measuring';
export const EMAIL = 'measurer@bench.example';

/** A folder that the database's account can reach, removed by `remove`. */
export function temporaryFolder(): { path: string; remove(): void } {
  const user =
    process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : { uid: undefined, gid: undefined };
  const base = firstClosedFolder(tmpdir(), user) === undefined ? tmpdir() : '/tmp';
  const path = mkdtempSync(join(base, 'aims-bench-'));
  chmodSync(path, 0o711);
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}

/** The application in this very process, on the data directory that the measured server uses before and after. */
export interface Inside extends Instance {
  database: EmbeddedPostgres;
  /** One statement past policies and rights: for what is measured beside the application. */
  asOwner(statement: Statement): Promise<Record<string, unknown>[]>;
}

/** Opens the data directory from inside, with the durable settings that users have. Close it before the server starts. */
export async function openInside(dataDir: string, baseUrl: string): Promise<Inside> {
  const lines: string[] = [];
  const database = await startEmbedded({ dataDir, log: (line) => lines.push(line) });
  try {
    const instance = await openInstance({
      connection: database.connection,
      dataDir,
      migrations: join(ROOT, 'migrations'),
      registry,
      baseUrl,
      intakeScript: join(ROOT, 'dist', 'server', 'intake-worker.mjs'),
      version: 'bench',
      log: (line) => console.error(line),
    });
    const owner = new pg.Pool({ ...database.connection, max: 2 });
    owner.on('error', () => {});
    return {
      ...instance,
      database,
      asOwner: async (statement) => (await owner.query(statement)).rows,
      close: async () => {
        await instance.close();
        await owner.end();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** An organisation whose first person may do what is measured; all organisations share one account. */
export async function newOrganisation(inside: Instance, slug: string, userId: string): Promise<Organisation> {
  const organisation = await createOrganisation(inside.app, {
    name: slug,
    slug,
    logPublic: false,
    demo: false,
  });
  await createMember(inside.app, organisation, {
    name: 'Measurer',
    email: EMAIL,
    roles: ['topManagement', 'aimsManager'],
    userId,
  });
  return organisation;
}
