import { catalogue } from '../../base/sentence.ts';

/** A release in use that the gate would not let through now; what the gate says of it is kept as its English. */
export const use = catalogue('inUse', {
  refuse: 'It is in use for {system} by {allowance}, and now the gate would refuse it: {reasons}',
  insufficient:
    'It is in use for {system} by {allowance}, and now the gate would find too little for it: {reasons}',
  refuseThen:
    'It is in use for {system} by {allowance}, and now the gate would refuse it (judged at {time} UTC on {day}): {reasons}',
  insufficientThen:
    'It is in use for {system} by {allowance}, and now the gate would find too little for it (judged at {time} UTC on {day}): {reasons}',
  unsaid: 'The gate has {count, plural, one {one more reason} other {{count} more reasons}}.',
});
