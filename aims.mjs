#!/usr/bin/env node
// The command `aims`: runs the built program, building it first in a fresh clone. Plain JavaScript without
// dependencies, so that it works from any folder and says in a sentence what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const program = join(root, 'dist', 'server', 'main.mjs');

/** Ends with exit code 2, an error: never to be read as a verdict. */
function stop(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}

/** Builds quietly; what the build says is shown only when it fails. */
function build() {
  if (!existsSync(join(root, 'node_modules'))) {
    stop(`the packages are not installed yet; run: npm ci --prefix "${root}"`);
  }
  process.stderr.write('Building once …\n');
  const built = spawnSync(process.execPath, [join(root, 'tools', 'build.mjs'), '--quiet'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (built.status === 0 && existsSync(program)) return;
  process.stderr.write(`${built.stdout ?? ''}${built.stderr ?? ''}`);
  stop(`the build failed${built.error ? ` (${built.error.message})` : ''}; see above.`);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  stop(`Node.js 20.19 or newer is needed, this is ${process.version}.`);
if (!existsSync(program)) build();
// The program finds its arguments where it would find them when started itself; it sets process.exitCode.
process.argv[1] = program;
try {
  await import(pathToFileURL(program).href);
} catch (error) {
  process.stderr.write(`${error?.stack ?? error}\n`);
  stop('the program could not be started.');
}
