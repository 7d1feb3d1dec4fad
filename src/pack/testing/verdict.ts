import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../problems.ts';
import { type PackVerdict, type VerifyOptions, verifyPack } from '../verify.ts';
import { type Files, zipOf } from './sample-pack.ts';

/** A folder for packs under test; `remove` takes it away. */
export function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'aims-pack-test-'));
  let made = 0;
  return {
    /** Verifies bytes, or the ZIP of files. Several may be under way: each has a file of its own. */
    verify: async (pack: Files | Uint8Array, o?: VerifyOptions): Promise<PackVerdict> => {
      made += 1;
      const path = join(folder, `${made}.zip`);
      writeFileSync(path, pack instanceof Uint8Array ? pack : zipOf(pack));
      try {
        return await verifyPack(path, o);
      } finally {
        rmSync(path);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** True when a problem, or a row that is told to be late, has all the members of the place. */
export const located = (v: PackVerdict, at: Partial<Place>): boolean =>
  [...v.problems, ...v.facts.late.rows].some((p) =>
    Object.entries(at).every(([name, value]) => p[name as keyof Place] === value),
  );

/** What was said, for the message of a test that fails. */
export const said = (v: PackVerdict): string =>
  v.problems
    .slice(0, 8)
    .map((p) => JSON.stringify(p))
    .join('\n');
