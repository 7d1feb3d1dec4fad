import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sha256Hex } from '../../base/canonical.ts';
import { Failure } from '../../base/failure.ts';

/** Who the server runs as. Both numbers are undefined when it runs as the person who started the app. */
export interface ServerUser {
  uid: number | undefined;
  gid: number | undefined;
}

/** Every path the supervisor uses below one data directory. */
export interface Place {
  /** The data directory, absolute, symbolic links resolved. */
  root: string;
  /** The cluster (PGDATA). It appears only when it is complete. */
  cluster: string;
  lock: string;
  password: string;
  log: string;
  /** Also the `cluster_name`, by which the server's processes are recognised; made from the path. */
  name: string;
  user: ServerUser;
}

/** The unprivileged account number used when the app runs as root. */
export const UNPRIVILEGED = 65534;
const LONGEST_SOCKET_PATH = 100;
const SOCKET_FILE = '/.s.PGSQL.5432';
export const SOCKET_PORT = 5432;

const runsAsRoot = (): boolean => process.getuid?.() === 0;

/**
 * The data directory when nobody names one: `.data` in the working folder; for root too when uid 65534 can reach
 * that folder (PostgreSQL never runs as root), else `/var/lib/openaims/<hash of the working folder>`, so that a clone
 * below a closed home such as /root starts as well, and two clones do not share one directory.
 */
export function defaultDataDir(folder: string = process.cwd()): string {
  const beside = join(resolve(folder), '.data');
  if (!runsAsRoot()) return beside;
  if (isOpenTo(existingPart(dirname(beside)), { uid: UNPRIVILEGED, gid: UNPRIVILEGED })) return beside;
  return join('/var/lib/openaims', sha256Hex(realpathSync(folder)).slice(0, 12));
}

/**
 * Makes the data directory when it is missing and opens it exactly as far as the server needs.
 * Throws BAD_INPUT, naming the folder, when the server's account cannot reach it: closed folders of others are
 * never opened.
 */
export function preparePlace(dataDir: string): Place {
  const wanted = resolve(dataDir);
  const user = serverUser(wanted);
  if (user.uid !== undefined) refuseClosed(wanted, existingPart(dirname(wanted)), user);
  makeFolders(wanted, user);
  const root = realpathSync(wanted);
  if (user.uid !== undefined) openForServer(root, user);
  return {
    root,
    cluster: join(root, 'postgres'),
    lock: join(root, 'instance.lock'),
    password: join(root, 'postgres-password'),
    log: join(root, 'postgres.log'),
    name: `openaims-${sha256Hex(root).slice(0, 12)}`,
    user,
  };
}

/** An existing cluster keeps its owner (PostgreSQL insists on it), so `sudo npm start` once does no harm. */
function serverUser(dataDir: string): ServerUser {
  if (!runsAsRoot()) return { uid: undefined, gid: undefined };
  const cluster = lookAt(join(dataDir, 'postgres'));
  if (cluster && cluster.uid !== 0) return { uid: cluster.uid, gid: cluster.gid };
  return { uid: UNPRIVILEGED, gid: UNPRIVILEGED };
}

/** One by one and with chmod, because a strict umask (077) would close the folders in between. */
function makeFolders(path: string, user: ServerUser, last = true): void {
  const found = lookAt(path);
  if (found?.isDirectory()) return;
  if (found)
    throw new Failure(
      'BAD_INPUT',
      `${path} is a file; the data directory must be a folder. Choose another with --data.`,
    );
  makeFolders(dirname(path), user, false);
  try {
    mkdirSync(path);
    chmodSync(path, last || user.uid === undefined ? 0o700 : 0o711);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new Failure(
      'BAD_INPUT',
      `The data directory ${path} cannot be created (${(error as Error).message}). Choose a folder you may write with --data.`,
    );
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw new Failure(
      'BAD_INPUT',
      `The data directory ${path} cannot be reached (${(error as Error).message}). Start OpenAIMS as the account it belongs to, or choose another with --data.`,
    );
  }
}

/** A data directory of ours (or an empty one) is opened for passing through; anything else only checked. */
function openForServer(root: string, user: ServerUser): void {
  if (firstClosedFolder(root, user) === root && isOurs(root)) {
    chownSync(root, statSync(root).uid, user.gid ?? UNPRIVILEGED);
    chmodSync(root, 0o710);
  }
  refuseClosed(root, root, user);
}

function refuseClosed(root: string, path: string, user: ServerUser): void {
  const closed = firstClosedFolder(path, user);
  if (closed === undefined) return;
  throw new Failure(
    'BAD_INPUT',
    `The folder ${closed} is closed to other accounts, and PostgreSQL, which never runs as root, runs as uid ${user.uid} and cannot reach the data directory ${root} through it. Choose an open place, for example --data /var/lib/openaims, or start OpenAIMS without root.`,
  );
}

function isOurs(root: string): boolean {
  return readdirSync(root).length === 0 || existsSync(join(root, 'postgres-password'));
}

/**
 * The first folder on the way from / to `path` (itself included) that the account may not pass, or undefined.
 * The kernel is asked, as that account, so that access lists and capabilities count too.
 */
export function firstClosedFolder(path: string, user: ServerUser): string | undefined {
  if (user.uid === undefined || process.platform === 'win32') return undefined;
  const folders: string[] = [];
  for (let at = realpathSync(path); folders[0] !== at; at = dirname(at)) folders.unshift(at);
  const script = 'for d do [ -x "$d" ] || { printf %s "$d"; exit 0; }; done';
  const asked = spawnSync('/bin/sh', ['-c', script, 'sh', ...folders], {
    ...user,
    cwd: '/',
    env: {},
    encoding: 'utf8',
  });
  if (asked.error) {
    throw new Failure(
      'UNAVAILABLE',
      `OpenAIMS runs as root but may not start PostgreSQL as uid ${user.uid} (${asked.error.message}). Start OpenAIMS without root, or set DATABASE_URL to a PostgreSQL server of your own.`,
    );
  }
  return asked.stdout === '' ? undefined : asked.stdout;
}

/** Root without the right to become another account starts no server here, but may use one elsewhere. */
function isOpenTo(path: string, user: ServerUser): boolean {
  try {
    return firstClosedFolder(path, user) === undefined;
  } catch {
    return false;
  }
}

function existingPart(path: string): string {
  return existsSync(path) ? path : existingPart(dirname(path));
}

/**
 * A fresh folder for the socket that only the server's account may enter. Inside the data directory when the path
 * is short enough for a socket (about 100 bytes), else a random one below the system's temporary folder: a name that
 * could be guessed there could be taken beforehand by somebody else, who would then receive our password exchange.
 * Never reuses a folder it finds. `leftover` is the folder of an instance that died.
 */
export function makeSocketFolder(place: Place, leftover?: string): string {
  removeSocketFolder(place, leftover);
  const inside = join(place.root, 'run');
  const short = Buffer.byteLength(inside + SOCKET_FILE) <= LONGEST_SOCKET_PATH;
  if (short) {
    rmSync(inside, { recursive: true, force: true });
    mkdirSync(inside, { mode: 0o700 });
  }
  const folder = short ? inside : mkdtempSync(join(temporaryFolder(place.user), 'aims-'));
  chmodSync(folder, 0o700);
  giveTo(place.user, folder);
  const made = lstatSync(folder);
  const owner = place.user.uid ?? process.getuid?.();
  if (!made.isDirectory() || made.uid !== owner || (made.mode & 0o777) !== 0o700) {
    throw new Failure(
      'UNAVAILABLE',
      `The socket folder ${folder} was replaced by somebody else (expected a folder of uid ${owner} closed to others, got uid ${made.uid}). Use a data directory other accounts cannot write.`,
    );
  }
  return folder;
}

/** Removes a socket folder of ours, and nothing that does not look like one (the lock file may have been edited). */
export function removeSocketFolder(place: Place, folder: string | undefined): void {
  if (!folder) return;
  const ours = folder === join(place.root, 'run') || /\/aims-[A-Za-z0-9]{6}$/.test(folder);
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!ours || !found?.isDirectory() || found.uid !== (place.user.uid ?? process.getuid?.())) return;
  rmSync(folder, { recursive: true, force: true });
}

function temporaryFolder(user: ServerUser): string {
  const named = tmpdir();
  const fits = Buffer.byteLength(`${named}/aims-XXXXXX${SOCKET_FILE}`) <= LONGEST_SOCKET_PATH;
  return fits && existsSync(named) && firstClosedFolder(named, user) === undefined ? named : '/tmp';
}

/** Hands a path to the server's account; does nothing when the server runs as ourselves. */
export function giveTo(user: ServerUser, path: string): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
}

/**
 * An account that has a name. initdb refuses a uid without one (small containers), although the server itself does
 * not mind; the cluster is handed to the server's account afterwards.
 */
export function namedUser(user: ServerUser): ServerUser {
  if (user.uid === undefined) return user;
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    // The group stays, because the data directory lets that group through.
    .map((part) => ({ uid: Number(part[2]), gid: user.gid }))
    .filter((entry) => Number.isInteger(entry.uid) && entry.uid > 0 && entry.uid < 2 ** 31);
  return known.find((entry) => entry.uid === user.uid) ?? known[0] ?? user;
}
