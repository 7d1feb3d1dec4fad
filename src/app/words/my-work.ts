import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('work.refused', {
  people: ['NOT_ALLOWED', 'Work is asked for by people; an API key has none.'],
  notFor: [
    'NOT_ALLOWED',
    'You may not see the work of {ref}: that is for them, their line manager, or {who}.',
  ],
  noPerson: ['NOT_FOUND', 'There is no person {ref}.'],
  otherCursor: ['BAD_INPUT', 'after: this cursor does not belong to this list; begin again without it.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('work.refused.wrong', {
  notCursor: 'is not a cursor of this list',
});
