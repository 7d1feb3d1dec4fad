import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('start', {
  noTemplate: ['INVALID', 'There is no template {name}; there are {known}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('start.wrong', {
  notKnown: 'is not known',
});
