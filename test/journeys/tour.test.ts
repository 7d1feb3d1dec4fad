import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockWarning } from '../../src/demo/index.ts';
import { OPENSSL_CHECK } from '../../src/gate/attestation.ts';
import { ROOT } from '../support/instance.ts';
import { type Served, serve } from '../support/served.ts';

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

  it('says all that the short tour of the README says, so that trying one tries both', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const short = readme.slice(
      readme.indexOf('## A tour of five minutes'),
      readme.indexOf('## What is there'),
    );
    const commands = [...short.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap((m) => m[1]!.trim().split('\n'));
    expect(commands.length).toBeGreaterThan(12);
    expect(commands.filter((c) => !PAGE.includes(c))).toEqual([]);
  });

  it('shows the check with OpenSSL as the program states it', () => {
    expect(PAGE).toContain(OPENSSL_CHECK);
  });
});

describe.skipIf(unfit !== undefined)('the tour', () => {
  let served: Served;

  beforeAll(async () => {
    served = await serve({ demo: true });
    mkdirSync(join(served.folder, 'home'));
    symlinkSync(join(ROOT, 'demo'), join(served.folder, 'demo'));
  });
  afterAll(async () => {
    await served?.stop();
    served?.forget();
  });

  it('comes out as the page says, refusal and allowance, with every exit code', () => {
    const run = spawnSync('bash', [join(ROOT, 'demo', 'tour.sh')], {
      cwd: served.folder,
      env: {
        PATH: process.env.PATH,
        HOME: join(served.folder, 'home'),
        AIMS_URL: served.url,
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
    expect(run.stderr).toMatch(/no one approves their own work/);
    expect(run.stdout).toMatch(/ALLOW: .*Recorded as GAT-0005, entry \d+ of the log/s);
    expect(run.stdout).toContain('Verified OK');
    expect(run.stdout).toMatch(/FAILED group:people: "people" is not what entry \d+ committed to/);
    expect(run.stdout).toMatch(/REL-0002 Support assistant 2.3.2: ship, version \d+, shipped/);
  }, 180_000);

  it('warns of itself where the server starts', () => {
    expect(served.printed()).toContain('staged: its clock was set');
  });
});
