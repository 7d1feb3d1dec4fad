// npm run bench: installs what is missing, builds what is stale, measures. Options: npm run bench -- --help
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
install();
const { build } = await import('./build.mjs');
// Standard output belongs to the table, or to the JSON.
await build({ quiet: true });
const done = spawnSync(
  process.execPath,
  ['--import', 'tsx', join(root, 'bench', 'main.ts'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exitCode = done.status ?? 1;
