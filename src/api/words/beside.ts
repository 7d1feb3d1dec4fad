import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.filter', {
  ofOneReading: ['INVALID', 'query: {name} belongs to one reading and is not kept; leave it out.'],
  none: ['NOT_FOUND', 'There is no such filter.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.filter.wrong', {
  holds: 'holds {name}',
});
