import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('erasure.plan', {
  noRecord: ['NOT_FOUND', 'There is no record {ref}.'],
  noVersions: ['INVALID', 'versions: {ref} has the versions 1 to {version}; got {from} to {to}.'],
  present: [
    'WRONG_STATE',
    'Version {version} of {ref} is the present one: its {parts} would go on being shown. Edit {ref} first, then erase the versions up to {version}.',
  ],
  themselves: ['OWN_WORK', 'Nobody erases themselves: ask another AIMS manager or top management.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('erasure.plan.wrong', {
  noNumber: 'is no number of a record',
  firstAndLast: 'expected a first and a last version between 1 and {version}',
  presentIs: 'the present version is {version}',
});
