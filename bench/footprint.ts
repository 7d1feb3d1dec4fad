import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { judged, type Row } from './report.ts';
import { ROOT } from './world.ts';

const MB = 1_000_000;
const KB = 1024;
const GROUP = 'Size';

interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Bytes of the files of a package, its own nested packages left out. */
function bytesOf(folder: string): number {
  let sum = 0;
  for (const e of readdirSync(folder, { withFileTypes: true })) {
    if (e.name === 'node_modules') continue;
    const path = join(folder, e.name);
    if (e.isDirectory()) sum += bytesOf(path);
    else if (e.isFile()) sum += statSync(path).size;
  }
  return sum;
}

/** Places in node_modules that the production dependencies lead to, as the lock file resolves them. */
function productionPackages(packages: Record<string, LockedPackage>): string[] {
  const reached = new Set<string>();
  const follow = (from: string) => {
    const { dependencies, optionalDependencies } = packages[from]!;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = resolved(packages, from, name);
      // Programs for other platforms are in the lock file but not installed.
      if (!found || reached.has(found) || !existsSync(join(ROOT, found))) continue;
      reached.add(found);
      follow(found);
    }
  };
  follow('');
  return [...reached];
}

/** As Node looks for it: in the package's own node_modules, then in those above. */
function resolved(packages: Record<string, LockedPackage>, from: string, name: string): string | undefined {
  for (
    let at = from;
    ;
    at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : ''
  ) {
    const path = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (packages[path]) return path;
    if (at === '') return undefined;
  }
}

/** Bytes of what is installed for production, beside everything that building and testing needs too. */
export function packagesRow(): Row {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const installed = Object.keys(packages).filter((p) => p !== '' && existsSync(join(ROOT, p)));
  const sum = (paths: string[]) => paths.reduce((s, p) => s + bytesOf(join(ROOT, p)), 0) / MB;
  const production = productionPackages(packages);
  return judged({
    group: GROUP,
    name: `packages: ${production.length} for production (reference: all ${installed.length} installed)`,
    unit: 'MB',
    ours: sum(production),
    reference: sum(installed),
  });
}

/** Views that the first visit shows: the sign-in page, then the shell with the home page. */
const FIRST_VIEWS = ['sign-in', 'shell', 'home'];
const MOST_KB = 250;

/**
 * What the first visit loads: the page, its style sheet, its script and all that it imports, and the views of sign-in
 * and home, which are loaded on demand right after. Every file is compressed alone, as it travels.
 */
export function siteRow(): Row {
  const site = join(ROOT, 'dist', 'web');
  const html = readFileSync(join(site, 'index.html'), 'utf8');
  const assets = readdirSync(join(site, 'assets'));
  const wanted = [...html.matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g)].map((m) => m[1]!);
  for (const view of FIRST_VIEWS) {
    const file = assets.find((a) => a.startsWith(`${view}-`) && a.endsWith('.js'));
    if (!file)
      throw new Error(`the built pages hold no view ${view}: bench/footprint.ts must learn its new name`);
    wanted.push(file);
  }
  const loaded = new Set<string>();
  for (let file = wanted.pop(); file; file = wanted.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    if (file.endsWith('.js')) wanted.push(...importedBy(readFileSync(join(site, 'assets', file), 'utf8')));
  }
  const all = [Buffer.from(html), ...[...loaded].map((f) => readFileSync(join(site, 'assets', f)))];
  return judged(
    {
      group: GROUP,
      name: `first page, gzip, ${all.length} files (reference: as they are)`,
      unit: 'KB',
      ours: all.reduce((s, b) => s + gzipSync(b).length, 0) / KB,
      reference: all.reduce((s, b) => s + b.length, 0) / KB,
    },
    { of: 'ours', most: MOST_KB },
  );
}

/** Static imports of a built module: `import … from"./x.js"` and `import"./x.js"`, never `import("./x.js")`. */
const importedBy = (code: string): string[] =>
  [...code.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)].map((m) => m[1]!);
