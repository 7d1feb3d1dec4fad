import { catalogue } from '../../base/sentence.ts';

/** A release in use that the gate would not let through now. */
export const use = catalogue('inUse', {
  refuse: 'It is in use for {system} by {allowance}, and now the gate would refuse it: {reasons}',
  insufficient:
    'It is in use for {system} by {allowance}, and now the gate would find too little for it: {reasons}',
  refuseThen:
    'It is in use for {system} by {allowance}, and now the gate would refuse it (judged at {time} UTC on {day}): {reasons}',
  insufficientThen:
    'It is in use for {system} by {allowance}, and now the gate would find too little for it (judged at {time} UTC on {day}): {reasons}',
  notJudged: 'It could not be judged: {problem}',
  unsaid: 'The gate has {count, plural, one {one more reason} other {{count} more reasons}}.',
});
