import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE = join(ROOT, 'test', 'durations.json');

/** The name of a test file as it stands in durations.json. */
export const nameOf = (path: string): string => relative(ROOT, path).replaceAll('\\', '/');

/** Seconds that each longer test file took when durations.json was last written; a fresh clone has nothing else to go by. */
export function committedDurations(): ReadonlyMap<string, number> {
  const said: Record<string, number> = JSON.parse(readFileSync(FILE, 'utf8'));
  return new Map(Object.entries(said));
}

/** Writes durations.json: `DURATIONS=write npm test`, on a machine with nothing else to do. Shorter files are left out. */
export default class Durations implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const seconds = modules
      .map((m) => {
        const { duration, collectDuration } = m.diagnostic();
        return [nameOf(m.moduleId), Math.round((duration + collectDuration) / 1000)] as const;
      })
      .filter(([, s]) => s >= 3)
      .sort(([a, s], [b, r]) => r - s || (a < b ? -1 : 1));
    writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(seconds), null, 2)}\n`);
  }
}
