import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('search', {
  nothingAsked: ['BAD_INPUT', 'q: say what to look for, such as 2.3.2, RSK-0012 or red team.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('search.wrong', {
  empty: 'is empty',
});
