import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('changing', {
  toItself: ['INVALID', '{register}: {name}: {ref} cannot be linked to itself.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('changing.wrong', {
  itself: '{ref} is the record itself',
});
