// Builds dist/: the server and command line as one bundle, the reader of files as a worker, and the pages.
// Nothing is rebuilt that is newer than its sources.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist', 'built');

/** Newest change (ms) of a file or of anything below a folder. */
function newest(path) {
  const s = statSync(path);
  if (!s.isDirectory()) return s.mtimeMs;
  return Math.max(s.mtimeMs, ...readdirSync(path).map((n) => newest(join(path, n))));
}

export function fresh() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return ['src', 'package-lock.json', 'tools/build.mjs'].every((p) => newest(join(root, p)) <= built);
}

/** Lays compressed copies beside the pages' files; the server sends the one that the browser takes. */
function compress(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) compress(path);
    else if (/\.(js|css|svg|html)$/.test(name)) {
      const bytes = readFileSync(path);
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      writeFileSync(
        `${path}.br`,
        brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
      );
    }
  }
}

/**
 * The page that verifies an audit pack, as one file with everything inline: it goes into each pack and must work without a network. A
 * closing tag within the script would end it.
 */
export async function buildVerifier(esbuild) {
  const from = join(root, 'src', 'web', 'verifier');
  const bundled = async (entry) => {
    const made = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [join(from, entry)],
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
      target: 'es2022',
      charset: 'utf8',
      logLevel: 'warning',
    });
    return made.outputFiles[0].text.trim().replace(/<\/(script|style)/g, '<\\/$1');
  };
  const [script, style] = await Promise.all([bundled('main.ts'), bundled('verify.css')]);
  const page = readFileSync(join(from, 'verify.html'), 'utf8')
    .replace('/* styles */', () => style)
    .replace('/* script */', () => script);
  mkdirSync(join(root, 'dist', 'web-verifier'), { recursive: true });
  writeFileSync(join(root, 'dist', 'web-verifier', 'verify.html'), page);
}

export async function build({ quiet = false } = {}) {
  if (fresh()) return;
  const began = Date.now();
  if (!quiet) console.log('Building…');
  const esbuild = await import('esbuild');
  const vite = await import('vite');
  rmSync(stamp, { force: true });
  rmSync(join(root, 'dist', 'server'), { recursive: true, force: true });
  await Promise.all([
    esbuild.build({
      absWorkingDir: root,
      entryPoints: { main: 'src/main.ts', 'intake-worker': 'src/intake/worker.ts' },
      outdir: 'dist/server',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      chunkNames: 'chunk-[hash]',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    }),
    vite.build({
      root: join(root, 'src/web'),
      configFile: join(root, 'src/web/vite.config.ts'),
      logLevel: quiet ? 'silent' : 'warn',
    }),
    buildVerifier(esbuild),
  ]);
  compress(join(root, 'dist', 'web'));
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, `${new Date().toISOString()}\n`);
  if (!quiet) console.log(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await build({ quiet: process.argv.includes('--quiet') });
