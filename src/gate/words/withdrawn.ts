import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.withdrawn', {
  was: 'Withdrawn evidence: {run} was withdrawn by {person} on {day}',
  wasOfFile: 'Withdrawn evidence: {run}, counted from {file}, was withdrawn by {person} on {day}',
  elsewhere: '{withdrawn}; it counts for nothing. It {why}.',
  testedAnew: '{withdrawn}; in it {what}. The same was tested anew since, in {runs}.',
  notKnown:
    '{withdrawn}; in it {what}. What failed and was withdrawn is not known to be right: {again} must be tested anew, in runs that begin after the withdrawal and have at least as many cases.',
  testAnew: 'Test {release} anew for {again} and add the result',
  nothingFailed: '{withdrawn}; it counts for nothing. No case of it had failed.',
  failedAndWithout: '{what} {failed} of {judged} failed, {without} gave no verdict',
  failed: '{what} {failed} of {judged} failed',
  without: '{what} {without} gave no verdict',
  again: '{what} ({cases, plural, one {{cases} case} other {{cases} cases}})',
  outside: 'cases outside the hazards',
});
