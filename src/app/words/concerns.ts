import { failures } from '../../base/refusals.ts';

export const no = failures('concerns', {
  notTaken: [
    'NOT_FOUND',
    'Concerns without a name are not taken at this address. If you belong to the organisation, sign in and raise it there.',
  ],
  already: ['CONFLICT', 'Concerns without a name are {open, select, yes {taken} other {not taken}} already.'],
  tooMuchWaits: [
    'TOO_MANY',
    'Very much waits to be entered; nothing of yours was stored. Try again tomorrow, or speak with somebody you trust.',
  ],
  noSuchCode: [
    'NOT_FOUND',
    'No concern is followed by this code. Look whether it is complete; it has 26 letters and digits.',
  ],
  closed: ['WRONG_STATE', 'This concern is closed and takes no further messages; raise a new one.'],
  tooManyMessages: [
    'TOO_MANY',
    'Many messages of this concern wait already; add this one when they were entered.',
  ],
  together: ['CONFLICT', 'Two messages came at the same moment; this one was not stored. Send it again.'],
  notYours: ['NOT_FOUND', 'You raised no {what} {ref}.'],
  codeFor: ['NOT_ALLOWED', 'A code to follow {concern} is for {who}.'],
  tooManyCodes: ['TOO_MANY', '{concern} has {most} codes already; use one of those.'],
  full: ['TOO_LARGE', '{ref} holds {most} messages, the most there can be; answer it.'],
});
