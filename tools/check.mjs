// npm run check: format, lint, types, generated files fresh. Tests are `npm test`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

install();
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const steps = [
  ['format and lint', bin('biome'), ['ci', '--error-on-warnings', '.']],
  ['lock file', process.execPath, ['tools/lock.mjs', '--check']],
  ['types', bin('tsc'), ['--noEmit']],
  ['generated files', bin('tsx'), ['tools/generate.ts', '--check']],
];
for (const [name, command, args] of steps) {
  const began = Date.now();
  const ran = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (ran.status !== 0) {
    console.error(`check: ${name} failed`);
    process.exit(1);
  }
  console.log(`check: ${name} ok (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}
