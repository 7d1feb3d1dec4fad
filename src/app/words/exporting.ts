import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('exporting', {
  format: ['BAD_INPUT', 'format: expected {known}, got {given}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('exporting.wrong', {
  expected: 'expected {known}',
});
