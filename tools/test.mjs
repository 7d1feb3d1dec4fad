// npm test: installs what is missing, builds, runs every test. Further words go to vitest: `npm test -- src/ledger`.
// DEPTH=10 looks more thoroughly; DURATIONS=write writes down how long each file takes (test/durations.json).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

install();
const { build } = await import('./build.mjs');
await build();
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'aims-report-'));
const report = join(folder, 'report.json');
const ran = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    ...(process.env.DURATIONS === 'write' ? ['--reporter=./test/durations.ts'] : []),
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const r = JSON.parse(readFileSync(report, 'utf8'));
  passed = r.numPassedTests;
  failed =
    r.numFailedTests +
    r.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
  skipped = r.numPendingTests + (r.numTodoTests ?? 0);
} catch {
  failed = 1;
}
rmSync(folder, { recursive: true, force: true });
// A run in which nothing was executed proves nothing.
const bad = ran.status !== 0 || failed > 0 || passed === 0;
console.log(
  `\n${passed} passed, ${bad && failed === 0 ? 1 : failed} failed${skipped ? `, ${skipped} skipped` : ''}`,
);
process.exitCode = bad ? 1 : 0;
