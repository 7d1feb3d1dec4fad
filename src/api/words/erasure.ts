import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.erasure', {
  noMeaning: [
    'INVALID',
    '{name}: has no meaning when {what, select, parts {parts are} other {a person is}} erased.',
  ],
  groups: ['INVALID', 'groups: name what to erase, of {known}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.erasure.wrong', {
  notTaken: 'is not taken with kind {kind}',
  missing: 'is missing',
});
