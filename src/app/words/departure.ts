import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('departure', {
  notAfter: ['BAD_INPUT', 'after: expected the number of the last record of the page before.'],
  notFor: ['NOT_ALLOWED', 'You may not {deed}: that is for {who}.'],
  noRegister: ['INVALID', 'registers: there is no register {name}.'],
  holdsNothing: [
    'CONFLICT',
    '{ref} holds nothing{narrowed, select, yes { of what was named} other {}}; there is nothing to hand over.',
  ],
  notHeld: ['INVALID', 'refs: {number, plural, one {{refs} is} other {{refs} are}} not held by {ref}.'],
  tooMuch: [
    'TOO_LARGE',
    '{ref} holds more than {most} records, the most that are handed over at once; hand them over register by register first (reassign).',
  ],
  notAll: ['CONFLICT', '{successor} cannot take over everything of {ref}; choose another successor.'],
  someNot: [
    'CONFLICT',
    '{number} of {size} records cannot be taken over by {successor}; nothing was changed. First: {path}: {message}. Hand those over to somebody else first (reassign).',
  ],
  successor: ['INVALID', 'successor: {successor} {message}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('departure.wrong', {
  noNumber: 'is no number of a record',
  namesNone: 'names no register',
  notHeldBy: '{held} is not held by {ref}',
  hiddenFrom: 'must not be seen by the successor; name somebody else for it first (reassign)',
  successorNeeded: 'is needed: somebody takes over what the leaver holds',
});
