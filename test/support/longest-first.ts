import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What a file of so many bytes is taken to last when nobody has measured it: two seconds for ten thousand. */
const secondsFor = (bytes: number): number => bytes / 5_000;

/** The project of the longest files first; the shortest end together. */
const ORDER = ['system', 'engine', 'unit'];

/**
 * Begins with the test files that take longest: begun last, one of them would keep a single core busy to the end. How long a file takes is
 * what it took here the last time, which the runner keeps by itself; in a fresh clone its size must do, which costs three seconds of
 * thirteen minutes.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const seconds = ({ moduleId, project }: TestSpecification) => {
      const name = moduleId.slice(root.length + 1).replaceAll('\\', '/');
      const last = (this.ctx.cache.getFileTestResults(`${project.name}:${name}`)?.duration ?? 0) / 1000;
      // A run of some of its tests says less than the whole file takes.
      return Math.max(last, Math.min(3, secondsFor(statSync(moduleId).size)));
    };
    // Project by project: a worker that goes from one to another begins anew and reads the whole program again.
    const place = ({ project }: TestSpecification) => ORDER.indexOf(project.name);
    return files
      .map((f) => ({ f, at: place(f), s: seconds(f), size: statSync(f.moduleId).size }))
      .sort((a, b) => a.at - b.at || b.s - a.s || b.size - a.size)
      .map(({ f }) => f);
  }
}
