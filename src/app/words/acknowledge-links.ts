import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('acknowledge.link', {
  notFor: ['NOT_ALLOWED', 'You may not {deed} {ref}: that is for {who}.'],
  byNobody: [
    'CONFLICT',
    '{ref} is to be acknowledged by nobody; say by whom in its next edition, then make links.',
  ],
  nobodyLacks: [
    'CONFLICT',
    'Nobody who is still to acknowledge {ref} lacks an account and has an e-mail address; no link was made.',
  ],
  tooMany: ['TOO_LARGE', 'At most {most} links are made at once; name the people.'],
  notWaiting: ['INVALID', '{people}: not among those who are still to acknowledge {ref}.'],
  noneOut: ['CONFLICT', 'No link to {ref} is out that could still be used; nothing was withdrawn.'],
  gone: [
    'NOT_FOUND',
    'This link was used, has ended, was withdrawn, or is not complete. Ask whoever sent it for a new one.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('acknowledge.link.wrong', {
  isNobody: 'is nobody',
  notStill: '{person} is not still to acknowledge it',
});
