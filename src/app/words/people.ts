import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('people', {
  emailMissing: ['REQUIREMENTS_MISSING', 'To invite {ref}, first fill in the e-mail address.'],
  invitationGone: ['NOT_FOUND', 'This invitation has been used or has expired. Ask for a new one.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('people.wrong', {
  needed: 'is needed for this step',
});
