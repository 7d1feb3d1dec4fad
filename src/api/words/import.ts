import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.import', {
  format: ['BAD_INPUT', 'format: expected {known}, got {given}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.import.wrong', {
  expected: 'expected {known}',
});
