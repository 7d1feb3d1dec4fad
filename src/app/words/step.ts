import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('write.step', {
  takesNoValues: [
    'INVALID',
    '{step} is a decision on {ref} as it stands and takes no values; edit the record first.',
  ],
  passwordAsked: ['REQUIREMENTS_MISSING', '{step} asks for your password once more.'],
  passwordWrong: ['NOT_ALLOWED', 'The password is not right; nothing was decided.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('write.step.wrong', {
  byDecision: 'cannot be changed by a decision',
  passwordNeeded: 'is needed for this step',
  notRight: 'is not right',
});
