import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { type Random, secretToken, systemRandom } from '../../base/random.ts';
import type { Binaries } from './binaries.ts';
import { explain } from './explain.ts';
import { giveTo, namedUser, type Place, type ServerUser } from './place.ts';

/** Superuser of the cluster and owner of the database; the store sets a lesser role in every transaction. */
export const USER = 'openaims';
export const DATABASE = 'openaims';

/**
 * Makes the cluster and its database when there is none, and returns the password. Everything happens in a folder
 * aside that is renamed at the end: when the process dies on the way, the next start begins again.
 * Throws UNAVAILABLE for a cluster of another PostgreSQL version, a damaged one, a full disk.
 */
export async function prepareCluster(
  place: Place,
  binaries: Binaries,
  log: (line: string) => void,
  random: Random = systemRandom,
): Promise<string> {
  for (const name of readdirSync(place.root).filter((entry) => entry.startsWith('half-cluster-'))) {
    // The initdb of a start that was killed may still be writing for a moment.
    rmSync(join(place.root, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  if (existsSync(place.cluster)) {
    checkVersion(place, binaries);
    return existsSync(place.password)
      ? readFileSync(place.password, 'utf8').trim()
      : await renewPassword(place, binaries, log, random);
  }
  const password = secretToken(random);
  log(`making a new database in ${place.root}`);
  const half = mkdtempSync(join(place.root, 'half-cluster-'));
  try {
    await makeCluster(place, binaries, half, password);
    keepPassword(place, password);
    renameSync(join(half, 'postgres'), place.cluster);
    makeDurable(place.root);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return password;
}

function checkVersion(place: Place, binaries: Binaries): void {
  let found: string;
  try {
    found = readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new Failure(
        'BAD_INPUT',
        `The database in ${place.root} belongs to another account. Start OpenAIMS as that account or as root, or choose another data directory with --data.`,
      );
    }
    throw new Failure(
      'UNAVAILABLE',
      `The folder ${place.cluster} is damaged: a PostgreSQL data directory holds a file PG_VERSION, and this one has none. Restore the latest backup, or choose another data directory with --data.`,
    );
  }
  if (found === binaries.major) return;
  throw new Failure(
    'UNAVAILABLE',
    `The database in ${place.root} was made by PostgreSQL ${found}, and this version of OpenAIMS brings PostgreSQL ${binaries.major}. Export the data with the version of OpenAIMS that made it and import it here, or go on with that version.`,
  );
}

async function makeCluster(place: Place, binaries: Binaries, half: string, password: string): Promise<void> {
  const maker = namedUser(place.user);
  const cluster = join(half, 'postgres');
  const passwordFile = join(half, 'password');
  mkdirSync(cluster, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const path of [half, cluster, passwordFile]) giveTo(maker, path);
  const args = [
    '-D',
    cluster,
    '-U',
    USER,
    '--pwfile',
    passwordFile,
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
  ];
  args.push('--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C');
  const made = await run(binaries.program('initdb'), args, maker);
  if (made.code !== 0) throw explain(place, 'make a database', made.output);
  await single(place, binaries, cluster, maker, `CREATE DATABASE ${DATABASE} OWNER ${USER}`);
  if (maker.uid !== place.user.uid) handOver(place.user, cluster);
}

/**
 * One statement without a server around it. PostgreSQL reports an error there and ends well all the same, so its
 * output is what counts.
 */
async function single(
  place: Place,
  binaries: Binaries,
  cluster: string,
  user: ServerUser,
  statement: string,
): Promise<void> {
  const args = [
    '--single',
    '-D',
    cluster,
    '-c',
    'log_statement=none',
    '-c',
    'log_min_error_statement=panic',
    'postgres',
  ];
  const done = await run(binaries.program('postgres'), args, user, `${statement}\n`);
  if (done.code !== 0 || /\b(ERROR|FATAL|PANIC):/.test(done.output))
    throw explain(place, 'prepare the database', done.output);
}

/** A backup may leave out the password file; whoever owns the folder may set a new password. */
async function renewPassword(
  place: Place,
  binaries: Binaries,
  log: (line: string) => void,
  random: Random,
): Promise<string> {
  const password = secretToken(random);
  const maker = namedUser(place.user);
  if (maker.uid !== place.user.uid) {
    throw new Failure(
      'UNAVAILABLE',
      `The file ${place.password} is missing. Put it back from the backup, or add an entry for uid ${place.user.uid} to /etc/passwd so that a new one can be made.`,
    );
  }
  // Base64url: no quoting needed.
  await single(place, binaries, place.cluster, place.user, `ALTER ROLE ${USER} PASSWORD '${password}'`);
  keepPassword(place, password);
  log(`the password file was missing; a new one is in ${place.password}`);
  return password;
}

function keepPassword(place: Place, password: string): void {
  const draft = `${place.password}.new`;
  writeFileSync(draft, `${password}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, place.password);
}

/** A rename survives a power failure only when the folder that holds the name is written out. */
function makeDurable(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function handOver(user: ServerUser, path: string): void {
  const found = lstatSync(path);
  if (user.uid === undefined || user.gid === undefined || found.isSymbolicLink()) return;
  chownSync(path, user.uid, user.gid);
  if (found.isDirectory()) for (const name of readdirSync(path)) handOver(user, join(path, name));
}

/**
 * Planning a statement over all registers takes tens of megabytes for a moment. glibc raises its threshold for giving such memory back with every large
 * block that is freed, and a connection then keeps what its largest plan ever took; a fixed threshold leaves it what its kept plans need.
 */
const GIVES_MEMORY_BACK = { MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '262144' };

/**
 * The environment of the server's programs: nothing of ours (PGDATA, PGPORT, secrets), messages in English, because
 * `explain` reads them.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept =
    process.platform === 'win32' ? ['SystemRoot', 'PATH', 'TEMP', 'TMP', 'USERNAME', 'APPDATA'] : ['PATH'];
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC', ...GIVES_MEMORY_BACK };
  for (const name of kept) env[name] = process.env[name];
  return env;
}

function run(
  program: string,
  args: string[],
  user: ServerUser,
  input = '',
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, {
      ...user,
      cwd: process.platform === 'win32' ? undefined : '/',
      env: serverEnvironment(),
      windowsHide: true,
    });
    const keep = (part: Buffer): void => {
      output = (output + part.toString('utf8')).slice(-32_768);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error) => resolve({ code: -1, output: `error: ${error.message}` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
