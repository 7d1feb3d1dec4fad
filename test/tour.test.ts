import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockWarning } from '../src/demo/index.ts';
import { OPENSSL_CHECK } from '../src/gate/attestation.ts';
import { firstClosedFolder, UNPRIVILEGED } from '../src/store/embedded/place.ts';
import { ROOT } from './instance.ts';

/** The tour as people walk it: the built server with the demo, and the commands of the page, run by demo/tour.sh. */

const PAGE = readFileSync(join(ROOT, 'docs', 'guide', 'tour.md'), 'utf8');
const unfit = clockWarning(join(ROOT, 'demo'), new Date());
if (unfit) console.log(`skipped: ${unfit}`);

/** Command blocks of the page that state an exit code. */
function blocks(): { commands: string; exit: number }[] {
  return [...PAGE.matchAll(/^```sh exit=(\d)\n(.*?)^```$/gms)].map((m) => ({
    exit: Number(m[1]),
    commands: m[2]!,
  }));
}

describe('the page of the tour', () => {
  it('says first that the history is staged', () => {
    expect(PAGE.split('\n\n')[1]).toContain("The demo's history is staged: its clock was set.");
  });

  it('has a refusal, then an allowance of the gate', () => {
    const gate = blocks().filter((b) => b.commands.startsWith('npx aims gate'));
    expect(gate.map((b) => [b.commands.split(' ')[3], b.exit])).toEqual([
      ['REL-0001', 1],
      ['REL-0002', 1],
      ['REL-0002', 0],
    ]);
  });

  it('shows the check with OpenSSL as the program states it', () => {
    expect(PAGE).toContain(OPENSSL_CHECK);
  });
});

describe.skipIf(unfit !== undefined)('the tour', () => {
  let folder: string;
  let server: ChildProcess;
  let url: string;
  let printed = '';

  beforeAll(async () => {
    const built = spawnSync(process.execPath, [join(ROOT, 'tools', 'build.mjs'), '--quiet'], {
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error(`the build failed: ${built.stdout}${built.stderr}`);
    folder = mkdtempSync(join(reachableTemporaryFolder(), 'aims-tour-'));
    chmodSync(folder, 0o711);
    mkdirSync(join(folder, 'home'));
    symlinkSync(join(ROOT, 'demo'), join(folder, 'demo'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const program = join(ROOT, 'dist', 'server', 'main.mjs');
    server = spawn(
      process.execPath,
      [program, 'start', '--demo', '--data', join(folder, 'data'), '--port', String(port)],
      {
        env: { ...process.env, DATABASE_URL: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    await ready();
  });

  afterAll(async () => {
    if (server && server.exitCode === null) {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGINT');
      await ended;
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Until the server says that it is ready; a server that ends instead fails the test with what it said. */
  function ready(): Promise<void> {
    return new Promise((done, fail) => {
      const read = (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes('OpenAIMS is ready at')) done();
      };
      server.stdout!.on('data', read);
      server.stderr!.on('data', read);
      server.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${printed}`)));
    });
  }

  it('comes out as the page says, refusal and allowance, with every exit code', () => {
    const run = spawnSync('bash', [join(ROOT, 'demo', 'tour.sh')], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: join(folder, 'home'),
        AIMS_URL: url,
        NO_COLOR: '1',
      },
      encoding: 'utf8',
      maxBuffer: 16 * 1_048_576,
    });
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
    const codes = [...run.stdout.matchAll(/^\(exit code (\d)\)$/gm)].map((m) => Number(m[1]));
    expect(codes).toEqual(blocks().map((b) => b.exit));
    expect(run.stdout).toMatch(/REFUSE: .*11 of 44 attacks succeeded/s);
    expect(run.stdout).toMatch(/hijacking was planned \(2 cases\) and never run/);
    expect(run.stderr).toMatch(/nobody approves their own work/);
    expect(run.stdout).toMatch(/ALLOW: .*Recorded as GAT-0005, entry \d+ of the log/s);
    expect(run.stdout).toContain('Verified OK');
    expect(run.stdout).toMatch(/FAILED group:people: "people" is not what entry \d+ committed to/);
    expect(run.stdout).toMatch(/REL-0002 Support assistant 2.3.2: ship, version \d+, shipped/);
  }, 180_000);

  it('warns of itself where the server starts', () => {
    expect(printed).toContain('staged: its clock was set');
  });
});

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}

/** As root the database runs as another account, which a private TMPDIR would keep out. */
function reachableTemporaryFolder(): string {
  const user =
    process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : { uid: undefined, gid: undefined };
  return firstClosedFolder(tmpdir(), user) === undefined ? tmpdir() : '/tmp';
}
