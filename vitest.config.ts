import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['./test/support/global-setup.ts'],
    setupFiles: ['./test/support/same-draws.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // The registers and the server are read once by each worker, not once for each of 150 files: a third of the whole time. What a
    // file changes outside itself (environment, timers) it therefore puts back.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
