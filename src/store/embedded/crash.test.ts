import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEmbedded } from './index.ts';
import { processTable, signal, startedAt } from './processes.ts';
import { type App, onLinux, query, Trial } from './trial.fixture.ts';

// One data directory for all tests of this file: making a new one is what takes the time.
let trial: Trial;
beforeAll(() => {
  trial = new Trial();
});
afterEach(() => trial.endAll());
afterAll(() => trial.clear());

async function runningApp(): Promise<App> {
  const app = await trial.app(trial.path('data'));
  expect(app.message).toBeUndefined();
  await query(app.connection, 'DROP TABLE IF EXISTS kept; CREATE TABLE kept (n int)');
  await query(app.connection, 'INSERT INTO kept VALUES (42)');
  return app;
}

async function allGone(pids: number[]): Promise<void> {
  expect(pids.length).toBeGreaterThan(1);
  await vi.waitFor(() => expect(pids.filter((pid) => startedAt(pid) !== undefined)).toEqual([]), {
    timeout: 20_000,
    interval: 10,
  });
}

async function startsWithEverything(): Promise<string[]> {
  const lines: string[] = [];
  const server = trial.keep(
    await startEmbedded({ dataDir: trial.path('data'), log: (line) => lines.push(line) }),
  );
  expect(await query(server.connection, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  await server.stop();
  return lines;
}

/** The process that watches over a postmaster. */
function watchdogOf(postmaster: number): number {
  const found = readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(`openaims-watchdog\0${postmaster}\0`);
    } catch {
      return false;
    }
  });
  expect(found).toHaveLength(1);
  return Number(found[0]);
}

describe.runIf(process.platform !== 'win32')('after a crash', () => {
  test('of the app the server ends by itself and the next start has the data', async () => {
    const app = await runningApp();
    app.kill('SIGKILL');
    await app.ended;
    await allGone(app.pids);
    const lines = await startsWithEverything();
    expect(lines).toContain('the last instance ended without stopping; its database recovers now');
  });

  test('of app and postmaster together the next start waits for what is left', async () => {
    const app = await runningApp();
    process.kill(app.pids[0] ?? 0, 'SIGKILL');
    app.kill('SIGKILL');
    await app.ended;
    await startsWithEverything();
    await allGone(app.pids);
  });

  test.runIf(onLinux)(
    'of app and watchdog the next start ends the server that was left running',
    async () => {
      const app = await runningApp();
      process.kill(watchdogOf(app.pids[0] ?? 0), 'SIGKILL');
      app.kill('SIGKILL');
      await app.ended;
      expect(signal(app.pids[0] ?? 0, 0)).toBe(true);
      const lines = await startsWithEverything();
      expect(lines.join('\n')).toContain('ending database processes left over');
      await allGone(app.pids);
    },
  );

  test.runIf(onLinux)('of the watchdog alone another one takes its place', async () => {
    const app = await runningApp();
    const first = watchdogOf(app.pids[0] ?? 0);
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(watchdogOf(app.pids[0] ?? 0)).not.toBe(first), {
      timeout: 20_000,
      interval: 10,
    });
    app.kill('SIGKILL');
    await app.ended;
    await allGone(app.pids);
  });
});

describe.runIf(process.platform !== 'win32')('the socket folder', () => {
  test('of an instance that died is removed by the next start', async () => {
    const deep = trial.path('a-folder-with-a-rather-long-name'.repeat(4));
    const app = await trial.app(deep);
    expect(app.connection.host.startsWith(deep)).toBe(false);
    app.kill('SIGKILL');
    await app.ended;
    expect(existsSync(app.connection.host)).toBe(true);
    const server = trial.keep(await startEmbedded({ dataDir: deep, log: () => undefined }));
    expect(existsSync(app.connection.host)).toBe(false);
    expect(server.connection.host).not.toBe(app.connection.host);
  });
});

describe('the instance lock', () => {
  test('refuses a second live instance, naming process and folder, and leaves the first alone', async () => {
    const app = await runningApp();
    const refused = startEmbedded({ dataDir: trial.path('data'), log: () => undefined });
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(refused).rejects.toThrow(`already running on ${trial.path('data')} (process ${app.pid})`);
    expect(await query(app.connection, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  test.runIf(process.platform !== 'win32')(
    'is held by the server that runs, whatever becomes of its file, and writes itself again',
    async () => {
      const app = await runningApp();
      const path = trial.path('data', 'instance.lock');
      const written = readFileSync(path, 'utf8');
      const other = { ...JSON.parse(written), id: 'another', pid: 2 ** 22 + 1, started: '1' };
      const damages: [string, () => void][] = [
        ['removed', () => rmSync(path)],
        ['emptied', () => writeFileSync(path, '')],
        ['overwritten', () => writeFileSync(path, 'not a lock')],
        ['of a dead process', () => writeFileSync(path, JSON.stringify(other))],
        [
          'without the folder of the socket',
          () => rmSync(trial.path('data', 'run'), { recursive: true, force: true }),
        ],
      ];
      for (const [what, damage] of damages) {
        writeFileSync(path, written);
        damage();
        const refused = startEmbedded({ dataDir: trial.path('data'), log: () => undefined });
        await expect(refused, what).rejects.toMatchObject({
          code: 'CONFLICT',
          message: expect.stringContaining(`(process ${app.pid})`),
        });
        expect(
          app.pids.filter((pid) => startedAt(pid) === undefined),
          what,
        ).toEqual([]);
      }
      rmSync(path);
      await vi.waitFor(() => expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: app.pid }), {
        timeout: 20_000,
        interval: 50,
      });
    },
  );

  test.runIf(onLinux)('is waited for where no server is seen: a live instance writes it again', async () => {
    mkdirSync(trial.path('doubtful', 'postgres'), { recursive: true });
    const path = trial.path('doubtful', 'instance.lock');
    // Of a container on the same folder: its processes cannot be seen from here.
    writeFileSync(trial.path('doubtful', 'postgres', 'postmaster.pid'), '4194305\n');
    const holder = { id: 'theirs', pid: 7, started: '1', table: 'another boot', host: 'other-host' };
    const beat = setInterval(() => writeFileSync(path, JSON.stringify(holder)), 1_000);
    try {
      const refused = startEmbedded({ dataDir: trial.path('doubtful'), log: () => undefined });
      await expect(refused).rejects.toThrow('(process 7 on other-host)');
    } finally {
      clearInterval(beat);
    }
  });

  test('lets one of two simultaneous starts through', async () => {
    const starts = [1, 2].map(() => startEmbedded({ dataDir: trial.path('data'), log: () => undefined }));
    const settled = await Promise.allSettled(starts);
    for (const one of settled) if (one.status === 'fulfilled') trial.keep(one.value);
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'CONFLICT' },
    });
  });

  test.runIf(onLinux)('is not fooled by a living process with the number of the dead holder', async () => {
    const app = await runningApp();
    app.kill('SIGKILL');
    await app.ended;
    const path = trial.path('data', 'instance.lock');
    const lock = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    expect(lock).toMatchObject({ pid: app.pid, table: processTable() });
    writeFileSync(path, JSON.stringify({ ...lock, pid: process.pid }));
    await startsWithEverything();
  });

  test.runIf(onLinux)('refuses while an instance on another machine keeps touching the lock', async () => {
    mkdirSync(trial.path('shared'));
    const path = trial.path('shared', 'instance.lock');
    // Its process number is alive here by chance and must not matter.
    const holder = {
      id: 'theirs',
      pid: process.pid,
      started: '1',
      table: 'another boot',
      host: 'other-host',
    };
    writeFileSync(path, JSON.stringify(holder));
    const beat = setInterval(() => utimesSync(path, new Date(), new Date()), 100);
    try {
      const refused = startEmbedded({ dataDir: trial.path('shared'), log: () => undefined });
      await expect(refused).rejects.toThrow(`(process ${process.pid} on other-host)`);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(holder);
    } finally {
      clearInterval(beat);
    }
  });

  test('takes over a lock file that a power failure left empty', async () => {
    const app = await runningApp();
    app.kill('SIGKILL');
    await app.ended;
    writeFileSync(trial.path('data', 'instance.lock'), '');
    await startsWithEverything();
  });
});
