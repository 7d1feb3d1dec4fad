import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, in this order: begun last, one of them would keep a single core busy to the end. */
const LONGEST = [
  'test/walks.test.ts',
  'test/faults-each-step.test.ts',
  'src/pack/tamper.test.ts',
  'test/as-of.test.ts',
  'test/pack.test.ts',
  'test/verifiers-pack.test.ts',
  'test/first-hour.test.ts',
  'test/sequencer-kill.test.ts',
  'test/every-route.test.ts',
  'test/journey.test.ts',
  'test/every-register.test.ts',
  'test/pages-all.test.ts',
  'test/permissions.test.ts',
  'test/effects.test.ts',
  'test/verify-page.test.ts',
  'test/hostile.test.ts',
  'test/faults.test.ts',
  'src/identity/accounts.test.ts',
  'test/tour.test.ts',
  'test/transfer.test.ts',
  'src/timestamp/verify.test.ts',
  'src/store/embedded/place.test.ts',
  'test/govern.test.ts',
  'test/govern-journey.test.ts',
  'test/my-work.test.ts',
  'test/verifiers.test.ts',
  'test/departure.test.ts',
  'src/ledger/tree.test.ts',
  'src/demo/demo.test.ts',
  'test/adversary.test.ts',
  'bench/search.test.ts',
  'test/log-races.test.ts',
  'src/store/embedded/crash.test.ts',
  'test/erasure.test.ts',
  'test/proportion.test.ts',
  'test/as-of-pages.test.ts',
];

/** Sorts test files by how long they take: those named above first, then by size. The same order on every machine. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const weight = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return at < 0 ? statSync(moduleId).size : 10_000_000 - at;
    };
    return files
      .map((f) => ({ f, w: weight(f) }))
      .sort((a, b) => b.w - a.w)
      .map(({ f }) => f);
  }
}
