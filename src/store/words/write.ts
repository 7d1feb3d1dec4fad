import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('store.write', {
  otherRequest: [
    'IDEMPOTENCY_MISMATCH',
    'This Idempotency-Key was used before with another request; take a new key for a new request.',
  ],
  lastOfTop: [
    'CONFLICT',
    '{ref} is the last of top management who signs in, and others are leaving at this moment. Give that role to somebody who stays, then let {ref} depart.',
  ],
  noReference: ['INVALID', '{name}: {ref} is no {what} of this organisation.'],
  together: ['CONFLICT', 'The same record was made by somebody else at the same moment; try again.'],
  hidesFromYou: [
    'INVALID',
    'This would hide the record from yourself in the middle of your own change; ask somebody else to name you in it.',
  ],
  met: ['CONFLICT', 'Two changes met in the same place; nothing of yours was stored. Try again.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('store.write.wrong', {
  lastTop: 'is the last of top management',
  notThere: '{ref} does not exist',
});
