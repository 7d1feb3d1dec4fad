import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('edition', {
  otherCursor: ['BAD_INPUT', 'after: this is not a cursor of this list; begin again without it.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('edition.wrong', {
  notCursor: 'is not a cursor of this list',
});
