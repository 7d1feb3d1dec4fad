import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { filesOf, PROJECTS } from './test/support/projects.ts';

export default defineConfig({
  test: {
    setupFiles: ['./test/support/same-draws.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // The registers and the server are read once by each worker, not once for each of 200 files: a third of the whole time. What a
    // file changes outside itself (environment, timers) it therefore puts back.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    projects: PROJECTS.map((name) => ({
      extends: true as const,
      test: {
        name,
        include: filesOf(name),
        // The database server and its templates are made only where a project needs them.
        globalSetup: name === 'unit' ? [] : ['./test/support/global-setup.ts'],
      },
    })),
  },
});
