import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { committedDurations, nameOf } from './durations.ts';

/** What a file of so many bytes is taken to last when nobody has measured it: two seconds for ten thousand. */
const secondsFor = (bytes: number): number => bytes / 5_000;

/**
 * Begins with the test files that take longest: begun last, one of them would keep a single core busy to the end. How long a file takes is
 * what it took here the last time, which the runner keeps by itself, and at least what durations.json says, else its size.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const committed = committedDurations();
    const seconds = ({ moduleId, project }: TestSpecification) => {
      const name = nameOf(moduleId);
      const last = (this.ctx.cache.getFileTestResults(`${project.name}:${name}`)?.duration ?? 0) / 1000;
      // A run of some of its tests says less than the whole file takes.
      return Math.max(last, committed.get(name) ?? Math.min(3, secondsFor(statSync(moduleId).size)));
    };
    return files
      .map((f) => ({ f, s: seconds(f) }))
      .sort((a, b) => b.s - a.s)
      .map(({ f }) => f);
  }
}
