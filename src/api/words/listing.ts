import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.list', {
  twice: ['BAD_INPUT', '{name} is given more than once.'],
  searchTooLong: ['BAD_INPUT', 'q: at most 400 characters can be searched for.'],
  comparison: ['BAD_INPUT', '{name}: a comparison is one of {known}.'],
  tooManyValues: ['BAD_INPUT', '{field}: at most 100 values of at most 400 characters.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.list.wrong', {
  isTwice: 'is given more than once',
  isTooLong: 'is too long',
  unknownComparison: 'has an unknown comparison',
});
