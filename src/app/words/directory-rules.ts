import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('directory', {
  ownManager: [
    'INVALID',
    'Person: manager: {ref} cannot be their own line manager; name somebody else, or nobody.',
  ],
  ownRoles: ['OWN_WORK', 'Nobody changes their own roles; ask another AIMS manager or top management.'],
  topGrants: ['NOT_ALLOWED', 'Only top management grants or withdraws the role {role}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('directory.wrong', {
  themselves: 'is the person themselves',
  byThemselves: 'cannot be changed by the person themselves',
  grantedByTop: '{role} is granted by top management',
});
