import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('comments', {
  noRecord: [
    'INVALID',
    'There is no record {ref} for you; a comment stands beside a record that you can read, such as SYS-0001.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('comments.wrong', {
  notReadable: 'is no record that you can read',
  nobody: '@{ref} is nobody of this organisation',
  departed: '@{ref} has departed and would never read it',
  cannotSee: '@{ref} cannot see {subject}',
});
