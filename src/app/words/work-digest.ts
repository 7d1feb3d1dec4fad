import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('work.digest', {
  notWeek: ['BAD_INPUT', 'week: expected an ISO week such as {present}, got {given}.'],
  notKnown: [
    'BAD_INPUT',
    'week: work is computed from the records as they are; it is known for {present} and the {ahead} weeks after it, not for {week}.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('work.digest.wrong', {
  expected: 'expected a week such as {present}',
  expectedOneOf: 'expected {present} or one of the {ahead} weeks after it',
});
