import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startedAt } from '../../src/store/embedded/processes.ts';
import { ROOT } from '../support/instance.ts';
import { build, freePort, openFolder } from '../support/served.ts';

let folder: string;
beforeAll(() => {
  build();
  folder = openFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gone = async (pids: number[]) => {
  const end = Date.now() + 30_000;
  const left = () => pids.filter((pid) => startedAt(pid) !== undefined);
  while (left().length > 0 && Date.now() < end) await new Promise((r) => setTimeout(r, 50));
  return left();
};

/** Pids below a process, nearest first. */
function below(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
  return [...children, ...children.flatMap(below)];
}

// What a service manager, a terminal that is closed and an impatient person send to the process they see: that of npm, or its shell.
test.runIf(process.platform === 'linux').each([
  ['npm', 'SIGTERM'],
  ['npm', 'SIGHUP'],
  ['the terminal', 'SIGINT'],
  ['npm', 'SIGKILL'],
  ['the shell', 'SIGTERM'],
] as const)('npm start: %s gets %s, and server and database end in order', async (whom, signal) => {
  const port = await freePort();
  const npm = spawn('npm', ['start', '--', '--data', join(folder, 'data'), '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal gives it: Ctrl-C goes to all of it.
    detached: true,
  });
  let said = '';
  const ready = new Promise<void>((done, fail) => {
    const read = (chunk: Buffer) => {
      said += chunk;
      if (said.includes('Stop with Ctrl-C')) done();
    };
    npm.stdout.on('data', read);
    npm.stderr.on('data', read);
    npm.once('exit', () => fail(new Error(`npm start ended: ${said}`)));
  });
  await ready;
  const tree = below(npm.pid!);
  const postmaster = Number(
    readFileSync(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
  const server = tree.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tools/start.mjs'),
  )!;
  const target = { npm: npm.pid!, 'the terminal': -npm.pid!, 'the shell': tree[0]! }[whom];
  expect(server, said).toBeDefined();
  process.kill(target, signal);
  expect(await gone([npm.pid!, ...tree, postmaster]), said).toEqual([]);
  // In order: the next start finds nothing to recover.
  expect(said).toContain('Stopping…');
  expect(said).not.toContain('ended without stopping');
});
