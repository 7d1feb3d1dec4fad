// How a test run speaks: a line only for files that failed or took long, all errors in full, and for tools/test.mjs the counts and the
// failures as JSON (to the file that TEST_REPORT names).
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DefaultReporter } from 'vitest/node';

/** Seconds from which a file that passed is worth a line. */
const LONG = 10;
/** Lines of one failure, and of all of them. */
const LINES_EACH = 8;
const LINES = 40;

const seconds = (module) => {
  const { duration, collectDuration } = module.diagnostic();
  return (duration + collectDuration) / 1000;
};

/** What is known of an error in few lines: where, its message, and what differs. */
function told(error, root) {
  const at = error.stacks?.find((s) => !s.file.includes('node_modules'));
  const differs = (error.diff ?? '').split('\n').filter((l) => /^\s*[-+] /.test(stripVTControlCharacters(l)));
  return [
    `${error.name ?? 'Error'}: ${error.message ?? ''}${at ? ` (${relative(root, at.file)}:${at.line})` : ''}`,
    ...(error.cause?.message ? [`because: ${error.cause.message}`] : []),
    ...differs,
  ]
    .flatMap((l) => stripVTControlCharacters(l).split('\n'))
    .filter((l) => l.trim());
}

export default class TestReport extends DefaultReporter {
  printTestModule(module) {
    if (module.state() === 'failed') super.printTestModule(module);
    else if (seconds(module) >= LONG)
      this.log(` ${module.relativeModuleId} ${Math.round(seconds(module))} s`);
  }

  onTestRunEnd(modules, unhandled, reason) {
    super.onTestRunEnd(modules, unhandled, reason);
    const { root } = this.ctx.config;
    const failures = [];
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const add = (name, errors) => {
      counts.failed++;
      failures.push({ name, lines: errors.flatMap((e) => told(e, root)) });
    };
    for (const module of modules) {
      // A file that could not be loaded, or whose beforeAll or afterAll threw: its tests may all be skipped or passed.
      const around = [...module.children.allSuites()].filter((s) => s.errors().length > 0);
      if (module.errors().length > 0) add(module.relativeModuleId, module.errors());
      // Its process went away under it.
      if (['queued', 'pending'].includes(module.state()) && reason !== 'interrupted')
        add(module.relativeModuleId, [{ message: 'began, and was never finished' }]);
      for (const s of around) add(`${module.relativeModuleId} > ${s.fullName}`, s.errors());
      for (const t of module.children.allTests()) {
        const { state, errors } = t.result();
        if (state === 'failed') add(`${module.relativeModuleId} > ${t.fullName}`, errors);
        else if (state === 'passed') counts.passed++;
        else if (state === 'skipped') counts.skipped++;
      }
    }
    for (const e of unhandled) add(`outside of tests (${e.type ?? 'unhandled error'})`, [e]);
    if (process.env.TEST_REPORT)
      writeFileSync(process.env.TEST_REPORT, JSON.stringify({ ...counts, failures }));
  }
}

/** The failures in at most 40 lines: all by name before any at length. */
export function shortly(failures) {
  const heading = `Failed (${failures.length}):`;
  const named = failures.slice(0, failures.length < LINES ? LINES - 1 : LINES - 2);
  const left = failures.length - named.length;
  let spare = LINES - 1 - named.length - (left ? 1 : 0);
  const lines = named.flatMap(({ name, lines: said }, i) => {
    const share = Math.min(LINES_EACH - 1, Math.ceil(spare / (named.length - i)), said.length);
    spare -= share;
    return [`  ${name}`, ...said.slice(0, share).map((l) => `      ${l.slice(0, 240)}`)];
  });
  return [heading, ...lines, ...(left ? [`  … and ${left} more`] : [])].join('\n');
}
