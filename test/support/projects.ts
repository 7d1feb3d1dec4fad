import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './root.ts';

/**
 * Which project a test file belongs to. It follows from what the file needs, read from what it imports, so no list says it and a file that
 * begins to need more moves by itself.
 */
export const PROJECTS = ['unit', 'engine', 'system'] as const;
export type Project = (typeof PROJECTS)[number];

/** Folders that hold tests. */
const PLACES = ['src', 'test', 'bench'];
/** Tests of tests, not of this program. */
const NOT_OURS = 'test/fixtures/';

/** Whoever reaches these starts the built server or a browser. */
const SERVED = ['test/support/served.ts', 'test/support/browser.ts'];
/** What the shared start of a run gives is asked for by `inject`; some start a database server of their own. */
const ASKS_THE_START = /\bimport \{[^}]*\binject\b[^}]*\} from 'vitest'/;
const OWN_DATABASE = /\bimport \{[^}]*\bstartEmbedded\b[^}]*\} from/;

export const testFiles = (): string[] =>
  PLACES.flatMap((place) =>
    readdirSync(join(ROOT, place), { recursive: true, encoding: 'utf8' }).map((f) =>
      join(place, f).replaceAll('\\', '/'),
    ),
  )
    .filter((f) => /\.test\.tsx?$/.test(f) && !f.startsWith(NOT_OURS))
    .sort();

const texts = new Map<string, string>();
const textOf = (file: string): string => {
  const known = texts.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
  texts.set(file, known);
  return known;
};

/** What a file of tests imports of our own, types aside. */
const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/^(?:import|export)\s(?!type\b)[^'";]*'(\.[^']+\.tsx?)';$/gm)]
    .map(([, path]) => relative(ROOT, join(ROOT, dirname(file), path!)).replaceAll('\\', '/'))
    .filter((path) => existsSync(join(ROOT, path)));

/** Itself and what it reaches by imports; the program itself is not looked into, it asks no test for anything. */
function reached(file: string): Set<string> {
  const all = new Set([file]);
  for (const at of all)
    for (const next of importsOf(at))
      if (!next.startsWith('src/') || next.includes('/testing/')) all.add(next);
  return all;
}

export function projectOf(file: string): Project {
  const all = [...reached(file)];
  if (all.some((f) => SERVED.includes(f))) return 'system';
  if (OWN_DATABASE.test(textOf(file)) || all.some((f) => ASKS_THE_START.test(textOf(f)))) return 'engine';
  return 'unit';
}

export const filesOf = (project: Project): string[] => testFiles().filter((f) => projectOf(f) === project);
