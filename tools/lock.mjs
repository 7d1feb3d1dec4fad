// Completes package-lock.json: `npm install` leaves out optional packages of other platforms when the registry it talks to does not
// hold them, and `npm ci` then refuses the lock file everywhere. Run after each `npm install`; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const { '': root, ...packages } = lock.packages;

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openbsd', 'netbsd', 'win32'];
const CPU = ['wasm32', 'arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'arm'];

/** What npm must know to pass over a package on a platform it is not for; its contents are looked up where it is. */
function entryOf(name, version, dev) {
  const words = name.split('/').pop();
  const os = OS.filter((o) => words.includes(o));
  const cpu = CPU.filter((c) => words.includes(c)).slice(0, 1);
  const libc = os.includes('linux') ? [words.includes('musl') ? 'musl' : 'glibc'] : [];
  return {
    version,
    ...(dev ? { dev } : {}),
    ...(os.length ? { os } : {}),
    ...(cpu.length ? { cpu } : {}),
    ...(libc.length ? { libc } : {}),
    optional: true,
  };
}

const missing = {};
for (const [place, p] of Object.entries(packages))
  for (const [name, version] of Object.entries(p.optionalDependencies ?? {}))
    if (!packages[`node_modules/${name}`] && !packages[`${place}/node_modules/${name}`])
      missing[`node_modules/${name}`] = entryOf(name, version, p.dev);

if (Object.keys(missing).length === 0) console.log('package-lock.json names every platform');
else if (process.argv.includes('--check')) {
  console.error(`package-lock.json lacks ${Object.keys(missing).join(', ')}; run node tools/lock.mjs`);
  process.exitCode = 1;
} else {
  const sorted = Object.fromEntries(
    Object.entries({ ...packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: { '': root, ...sorted } }, null, 2)}\n`);
  console.log(`package-lock.json: added ${Object.keys(missing).length} packages of other platforms`);
}
