import { beforeAll, expect, test } from 'vitest';
import { filesNaming, refusedWhere } from './refused.ts';

/**
 * What is renamed in a declaration does not compile anywhere that names it. A copy of the source has these names renamed in `src/registers` alone and
 * goes through the compiler once; every file that still says the old name has to be among those that do not compile. Each name is that of one thing.
 */
const RENAMED = {
  field: [
    'exposureCases',
    'servedModel',
    'isoRoles',
    'attendees',
    'delegator',
    'ownDigest',
    'inputsAt',
    'componentVersion',
    'competenceShown',
  ],
  link: ['nonconformities'],
  state: ['rolledBack', 'ineffective', 'invited'],
} as const;
const NAMES = Object.values(RENAMED).flat();

/** Parts of src/ that know names of single registers; `api` hands on what `app` answers and knows none. */
const PARTS = ['authority', 'gate', 'app', 'cli', 'store', 'identity', 'web'];

/** Errors of the compiler by file below src/. */
let errors = new Map<string, string[]>();
beforeAll(() => {
  errors = refusedWhere('registers', NAMES);
}, 300_000);

test('the declarations themselves compile: what does not is what names them', () => {
  expect([...errors.keys()].filter((file) => /^(base|register|registers)\//.test(file))).toEqual([]);
  expect(errors.size).toBeGreaterThan(15);
});

test.each(Object.entries(RENAMED))('a renamed %s does not compile in any file that names it', (_, names) => {
  for (const name of names) {
    const naming = filesNaming(name, PARTS);
    expect(naming.length, name).toBeGreaterThan(0);
    expect(
      naming.filter((file) => !errors.has(file)),
      name,
    ).toEqual([]);
  }
});

test('that is so in every part that works with single registers', () => {
  const parts = new Set([...errors.keys()].map((file) => file.split('/')[0]));
  expect(PARTS.filter((part) => !parts.has(part))).toEqual([]);
});
