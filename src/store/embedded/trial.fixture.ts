import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import pg from 'pg';
import type { EmbeddedPostgres } from './index.ts';

export const isRoot = process.getuid?.() === 0;
export const onLinux = process.platform === 'linux';

/** What one test made; `clear` ends its processes and removes its folders, also when the test failed. */
export class Trial {
  readonly folder: string;
  #children: ChildProcess[] = [];
  #servers: EmbeddedPostgres[] = [];

  constructor() {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'aims-trial-')));
    chmodSync(this.folder, 0o755);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  keep(server: EmbeddedPostgres): EmbeddedPostgres {
    this.#servers.push(server);
    return server;
  }

  /** Starts the stand-in app in a process of its own and waits until it is ready or has failed. */
  async app(dataDir: string, uid?: number): Promise<App> {
    const script = this.path('app.mjs');
    if (!existsSync(script)) {
      const entry = join(import.meta.dirname, 'app.fixture.ts');
      buildSync({
        entryPoints: [entry],
        outfile: script,
        bundle: true,
        platform: 'node',
        format: 'esm',
      });
      mkdirSync(this.path('home'), { mode: 0o777 });
    }
    if (uid !== undefined) chownSync(this.path('home'), uid, uid);
    const env = { ...process.env, HOME: this.path('home'), NODE_PATH: resolve('node_modules') };
    const child = spawn(process.execPath, [script, dataDir], {
      uid,
      gid: uid,
      env,
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const line = await firstLine(child);
    return { ...(JSON.parse(line) as Said), pid: child.pid ?? 0, kill: (name) => child.kill(name), ended };
  }

  /** Ends the processes; the folder stays for the next test. */
  async endAll(): Promise<void> {
    for (const server of this.#servers) await server.stop().catch(() => undefined);
    for (const child of this.#children)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await Promise.all(
      this.#children.map(
        (child) => child.exitCode ?? child.signalCode ?? new Promise((done) => child.once('exit', done)),
      ),
    );
    this.#servers = [];
    this.#children = [];
  }

  async clear(): Promise<void> {
    await this.endAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Said {
  connection: EmbeddedPostgres['connection'];
  pids: number[];
  lines: string[];
  code?: string;
  message?: string;
}

export interface App extends Said {
  pid: number;
  kill(name: NodeJS.Signals): void;
  ended: Promise<void>;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = '';
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString('utf8');
      if (said.includes('\n')) done(said.split('\n')[0] ?? '');
    });
    child.once('exit', () => fail(new Error(`the app ended without a word: ${said}`)));
  });
}

/** One statement on a connection of its own. */
export async function query(
  connection: EmbeddedPostgres['connection'],
  text: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
