// Brings node_modules up to the lock file when it is absent or older. No dependencies of its own: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function upToDate() {
  const mark = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(mark)) return false;
  if (statSync(mark).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return true;
  // A fresh checkout gives the lock file a newer date: what it says decides.
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const have = JSON.parse(readFileSync(mark, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, p]) => path === '' || p.optional || have[path]?.version === p.version,
  );
}

export function install() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `OpenAIMS needs Node.js 20.19 or newer; this is ${process.versions.node}. Get one from https://nodejs.org.`,
    );
    process.exit(1);
  }
  if (upToDate()) return;
  console.log('Installing packages (npm ci)…');
  // With `npm start`, npm tells where it lives; it is run by this very Node, so that a second Node on the machine cannot get in between.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (done.status !== 0) {
    console.error(
      'npm ci failed; see above. Check the network or proxy settings of npm, then run this again.',
    );
    process.exit(1);
  }
}
