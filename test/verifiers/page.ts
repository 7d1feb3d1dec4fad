import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { verdictOf } from '../../src/web/verifier/pack.ts';
import { ROOT } from '../support/root.ts';

/** Signature checks of the page, by what they are asked. */
const REMEMBERING = `
const known = new Map();
export const remembered = (curve) => ({
  ...curve,
  verify: (...args) => {
    const asked = args.map((a) => (a instanceof Uint8Array ? Buffer.from(a).toString('hex') : JSON.stringify(a))).join(' ');
    if (!known.has(asked)) known.set(asked, curve.verify(...args));
    return known.get(asked);
  },
});`;

/**
 * The checks of the page for browsers, built from its sources as the page is, for asking about thousands of packs that hold mostly the same
 * signatures: the answer about a signature that was checked before, over the same text and by the same key, is remembered.
 * In JavaScript alone, eight signatures take three times as long as everything else. test/journeys/verify-page.test.ts runs the page as it is.
 */
export async function pageChecks(): Promise<typeof verdictOf> {
  const folder = mkdtempSync(join(tmpdir(), 'aims-page-checks-'));
  const outfile = join(folder, 'checks.mjs');
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: ['src/web/verifier/pack.ts'],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'error',
      plugins: [
        {
          name: 'remembering',
          setup: (b) => {
            b.onResolve({ filter: /^remembering$/ }, () => ({
              path: 'remembering',
              namespace: 'remembering',
            }));
            b.onResolve({ filter: /^@noble\/curves\/(?:ed25519|nist)\.js$/ }, ({ path, namespace }) =>
              namespace === 'remembering' ? undefined : { path, namespace: 'remembering' },
            );
            b.onLoad({ filter: /.*/, namespace: 'remembering' }, ({ path }) => ({
              resolveDir: ROOT,
              contents:
                path === 'remembering'
                  ? REMEMBERING
                  : `import * as curves from '${path}';
                     import { remembered } from 'remembering';
                     export const ${path.includes('nist') ? 'p256' : 'ed25519'} = remembered(curves.${path.includes('nist') ? 'p256' : 'ed25519'});`,
            }));
          },
        },
      ],
    });
    return ((await import(pathToFileURL(outfile).href)) as { verdictOf: typeof verdictOf }).verdictOf;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
