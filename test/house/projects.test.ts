import { expect, test } from 'vitest';
import { filesOf, PROJECTS, projectOf, testFiles } from '../support/projects.ts';

/** `unit`, `engine` and `system`: each file of tests is in the one that it needs, and `unit` has nothing to reach a database with. */

/** What a folder says of the files in it. */
const FOLDERS: readonly [folder: string, projects: readonly string[]][] = [
  ['src/ledger/', ['unit']],
  ['src/gate/', ['unit']],
  ['src/register/', ['unit']],
  ['src/registers/', ['unit']],
  ['src/web/', ['unit']],
  ['test/engine/', ['engine']],
  ['test/contracts/', ['engine']],
  ['test/verifiers/', ['engine', 'system']],
  ['test/faults/', ['engine', 'system']],
  ['test/journeys/', ['system']],
];

test('every file of tests is in one project, and each project has files', () => {
  const all = PROJECTS.flatMap(filesOf);
  expect(all.toSorted()).toEqual(testFiles());
  expect(new Set(all).size).toBe(all.length);
  for (const project of PROJECTS) expect(filesOf(project).length, project).toBeGreaterThan(5);
});

test.each(FOLDERS)('what stands in %s is in %j', (folder, projects) => {
  const files = testFiles().filter((f) => f.startsWith(folder));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((f) => !projects.includes(projectOf(f)))).toEqual([]);
});

test('a unit test has no server: whoever reaches for one is in another project', async () => {
  expect(projectOf('test/house/projects.test.ts')).toBe('unit');
  // Not imported above: then this file would be an engine test.
  const { testServer } = await import('../support/postgres.ts');
  expect(() => testServer()).toThrow('no test server');
});
