import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * The only file that reads the environment. `start` runs the server; everything else is the command line, which is
 * loaded alone: it needs neither database nor web server.
 */
const args = process.argv.slice(2);

/** Folder of the package: two above the bundle, one above the sources. */
function packageRoot(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'migrations')) && existsSync(join(dir, 'package.json'))) return dir;
    if (dir === dirname(dir))
      throw new Error('the package is not complete: there is no folder with migrations and package.json');
  }
}

/** By how much the young generation grows: the one thing about its size that is asked again in a process that runs. */
const growYoungBy = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
/** What it may grow to, in bytes: half of what it would. It never gives anything back, and work at the start alone would take it to the full. */
const YOUNG = 16 * 1024 * 1024;

/** Lets the young generation grow from its first size (2 MB) to `YOUNG` at once, then no further. */
function growYoungOnce(): void {
  const size = () => getHeapSpaceStatistics().find((s) => s.space_name === 'new_space')?.space_size ?? YOUNG;
  const watch = new PerformanceObserver(() => {
    if (size() < YOUNG) return;
    growYoungBy(1);
    watch.disconnect();
  });
  watch.observe({ entryTypes: ['gc'] });
  growYoungBy(8);
}

if (args[0] === 'start') {
  // A smaller young generation, and an old one that grows in small steps: the server stays within its budget of memory, and no collection takes
  // long enough to be seen in the slowest answers.
  growYoungBy(1);
  setFlagsFromString('--heap-growing-percent=30');
  const [{ start }, { onceParentsEnd }] = await Promise.all([
    import('./start.ts'),
    import('./store/embedded/parents.ts'),
  ]);
  growYoungOnce();
  process.exitCode = await start({
    args: args.slice(1),
    root: packageRoot(),
    cwd: process.cwd(),
    databaseUrl: process.env.DATABASE_URL,
    appUrl: process.env.DATABASE_APP_URL,
    identityUrl: process.env.DATABASE_IDENTITY_URL,
    out: (line) => console.log(line),
    onSignal: (stop) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
      if (process.env.npm_lifecycle_event === 'start') onceParentsEnd(stop);
    },
  });
} else {
  const { runCli } = await import('./cli/index.ts');
  // What a reader that closed early (`aims … | head`) did not take may fail after the command is done; its exit code stays its own.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.exitCode = await runCli(args, {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
  });
}
