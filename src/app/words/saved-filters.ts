import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('filter', {
  tooMany: [
    'CONFLICT',
    'You keep {most} filters already, the most there can be; remove one you do not need.',
  ],
  notYours: [
    'NOT_FOUND',
    'There is no such filter of yours; shared ones are removed by whoever shared them, or an AIMS manager.',
  ],
  people: ['NOT_ALLOWED', 'Filters are kept by people; an API key sends its question each time.'],
  notFor: ['NOT_ALLOWED', 'You may not {deed}: that is for {who}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('filter.wrong', {
  for: 'is for {who}',
});
