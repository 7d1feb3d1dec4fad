import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('handingIn', {
  notFor: ['NOT_ALLOWED', 'You may not add evidence: that is for contributors and CI pipelines.'],
  noRelease: ['NOT_FOUND', 'There is no release {ref}; see the list of releases.'],
  noEvidence: ['NOT_FOUND', 'There is no evidence {ref}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('handingIn.wrong', {
  finding: '{code}: {message}',
});
