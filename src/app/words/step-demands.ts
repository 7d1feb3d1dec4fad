import { catalogue } from '../../base/sentence.ts';

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('step.demand.wrong', {
  needed: 'is needed for this step',
  reasonNeeded: 'a reason is needed',
  endNeeded: 'an end date is needed, such as 2027-03-31',
  endAfter: 'must be after today, {today}',
  neededWhile: 'is needed while the record is {state}',
});
