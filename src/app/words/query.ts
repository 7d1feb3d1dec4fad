import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('query', {
  notFor: ['NOT_ALLOWED', 'You may not read {what}: that is for {who}.'],
  notSortable: ['BAD_INPUT', 'sort: {name} cannot be sorted by; take one of {known}.'],
  notFilter: ['BAD_INPUT', '{name} is neither a parameter of this list nor a filter; filters are {known}.'],
  noColumn: ['BAD_INPUT', 'columns: {name} is none of this register; take of {known}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('query.wrong', {
  takeOne: 'take one of {known}',
  notKnown: 'is not known here',
  takeOf: 'take of {known}',
});
