// npm run bench: installs what is missing, builds what is stale, measures. Options: npm run bench -- --help
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const STDERR = 2;
// In a process of its own, whose words go to standard error: standard output belongs to the table or the JSON.
const prepare = `
  const { install } = await import('./tools/install.mjs');
  install();
  const { build } = await import('./tools/build.mjs');
  await build();`;
const steps = [
  { args: ['--input-type=module', '-e', prepare], stdout: STDERR },
  { args: ['--import', 'tsx', join(root, 'bench', 'main.ts'), ...process.argv.slice(2)], stdout: 'inherit' },
];
for (const { args, stdout } of steps) {
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: ['inherit', stdout, 'inherit'] });
  process.exitCode = done.status ?? 1;
  if (process.exitCode !== 0) break;
}
