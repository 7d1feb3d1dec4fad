import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstClosedFolder, UNPRIVILEGED } from '../../src/store/embedded/place.ts';
import { ROOT } from './instance.ts';
import { sharedFolder } from './postgres.ts';

/** The built server in a process of its own, as people start it. */
export interface Served {
  url: string;
  /** Where its data lies; other folders may be made beside it. */
  folder: string;
  process: ChildProcess;
  /** Everything it printed so far. */
  printed(): string;
  /** Ctrl-C; answers the exit code. The folder stays unless `forget` is called. */
  stop(): Promise<number | null>;
  forget(): void;
}

/** A folder in which the database can live, also when the tests run as root and the server as somebody else. */
export function openFolder(): string {
  const user =
    process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : { uid: undefined, gid: undefined };
  const folder = mkdtempSync(
    join(firstClosedFolder(tmpdir(), user) === undefined ? tmpdir() : '/tmp', 'aims-served-'),
  );
  chmodSync(folder, 0o711);
  return folder;
}

/** Builds what is not built; throws what the build says when it fails. */
export function build(): void {
  const built = spawnSync(process.execPath, [join(ROOT, 'tools', 'build.mjs'), '--quiet'], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the build failed: ${built.stdout}${built.stderr}`);
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address() as { port: number };
      s.close(() => resolve(port));
    });
  });
}

/** Where the first server of the run that makes data leaves what it printed. */
const PRINTED = 'printed';

/**
 * The data as a server left it that made it and stopped, with the demo or empty: made once per test run, copied for each who wants it. Making a
 * database takes four seconds, the demo eight more.
 */
async function copied(demo: boolean, to: string): Promise<string> {
  const made = await sharedFolder(demo ? 'demo' : 'empty', async (folder) => {
    const making = await start({ demo, folder, loaded: '' });
    const code = await making.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}: ${making.printed()}`);
    writeFileSync(join(folder, PRINTED), making.printed());
  });
  // Not by Node.js: the files of the database belong to another account when the tests run as root.
  if (process.platform === 'win32') cpSync(join(made, 'data'), join(to, 'data'), { recursive: true });
  else execFileSync('cp', ['-a', join(made, 'data'), to]);
  return readFileSync(join(made, PRINTED), 'utf8');
}

/**
 * Starts the built server and waits until it is ready; a server that ends instead fails with what it said. Data is not made anew each
 * time: what was printed when the demo was loaded is printed first.
 */
export async function serve(o: { demo?: boolean; folder?: string } = {}): Promise<Served> {
  build();
  const folder = o.folder ?? openFolder();
  const demo = o.demo ?? false;
  const made = existsSync(join(folder, 'data')) ? '' : await copied(demo, folder);
  return start({ demo, folder, loaded: demo ? made : '' });
}

async function start(o: { demo: boolean; folder: string; loaded: string }): Promise<Served> {
  const { folder } = o;
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'dist', 'server', 'main.mjs'),
      'start',
      ...(o.demo ? ['--demo'] : []),
      '--data',
      join(folder, 'data'),
      '--port',
      String(port),
    ],
    { env: { ...process.env, DATABASE_URL: '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  await new Promise<void>((done, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Stop with Ctrl-C')) done();
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${printed}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    process: child,
    printed: () => o.loaded + printed,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = new Promise<number | null>((done) => child.once('exit', done));
      child.kill('SIGINT');
      return ended;
    },
    forget: () => rmSync(folder, { recursive: true, force: true }),
  };
}
