import { expect, test } from 'vitest';
import { withoutRef } from './failure.ts';

test('the number of a record is read once, whether a rule says it or not', () => {
  expect(withoutRef('ACT-0002', 'ACT-0002: somebody else checks it.')).toBe('somebody else checks it.');
  expect(withoutRef('ACT-0002', 'ACT-00021: is another one.')).toBe('ACT-00021: is another one.');
  expect(withoutRef('ACT-0002', 'Nobody checks ACT-0002: name somebody.')).toBe(
    'Nobody checks ACT-0002: name somebody.',
  );
});
