import { beforeAll, expect, test } from 'vitest';
import { filesNaming, refusedWhere } from './refused.ts';

/**
 * A member of an answer has one name. A copy of the source has these renamed in `src/answers` alone and goes through the compiler once: every file that
 * still says the old name has to be among those that do not compile. Each name is that of one thing, and of a member that is always there: one that may be
 * absent and is spread into an answer is no error to the compiler; `asked.test.ts` and `every-route.test.ts` find it.
 */
const NAMES = [
  'handedOver',
  'watchedByPeople',
  'notShown',
  'withGaps',
  'byRegister',
  'ratedUnderInForce',
  'notQuantified',
  'carriedForward',
  'versionsTotal',
  'withoutEmail',
];

/** Both ends, and what lies between: the application answers, HTTP hands on, commands (some of them told by their actions) and pages read. */
const PARTS = ['app', 'api', 'actions', 'cli', 'web'];

let errors = new Map<string, string[]>();
beforeAll(() => {
  errors = refusedWhere('answers', NAMES);
}, 300_000);

test('the answers themselves compile: what does not is what names them', () => {
  expect([...errors.keys()].filter((file) => /^(base|register|registers|answers)\//.test(file))).toEqual([]);
});

test.each(NAMES)('a renamed %s does not compile in any file that names it', (name) => {
  const naming = filesNaming(name, PARTS);
  expect(naming.length).toBeGreaterThan(0);
  expect(naming.filter((file) => !errors.has(file))).toEqual([]);
});

test('that is so at both ends, and between them', () => {
  const parts = new Set([...errors.keys()].map((file) => file.split('/')[0]));
  expect(PARTS.filter((part) => !parts.has(part))).toEqual([]);
});
