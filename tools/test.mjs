// npm test: installs what is missing, builds, runs every test. Further words go to vitest: `npm test -- src/ledger`.
// Last it says what failed, then how many. DEPTH=10 looks more thoroughly.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

install();
const { build } = await import('./build.mjs');
await build();
const { shortly } = await import('./test-report.mjs');
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'aims-report-'));
const report = join(folder, 'report.json');
const ran = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--reporter=${join(root, 'tools', 'test-report.mjs')}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, TEST_REPORT: report } },
);

const ended = ran.signal ? `was ended by ${ran.signal}` : `ended with ${ran.status ?? ran.error?.message}`;
const { passed, failed, skipped, failures } = (() => {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();
// A run in which nothing was executed proves nothing; nor does one that says it failed and not where.
if (failed === 0 && (ran.status !== 0 || passed === 0))
  failures.push({ name: passed === 0 ? 'no test passed' : 'all tests passed', lines: [`vitest ${ended}`] });
if (failures.length > 0) console.log(`\n${shortly(failures)}`);
console.log(`\n${passed} passed, ${failures.length} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failures.length > 0 ? 1 : 0;
