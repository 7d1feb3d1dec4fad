import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.plan', {
  fixedAfterRuns:
    '{plan} was fixed at {minute}, after {runs} had started: a threshold chosen after the result counts for nothing.',
  fixedAfterEarlierRuns:
    '{plan} was fixed at {minute}, after {runs} had started: a threshold chosen after the result counts for nothing. Later runs are judged by it.',
  before: '{plan}, by which {release} was let through',
  beforeElsewhere: '{plan}, by which {release} of {system}, which consists of the same, was let through',
  erased: 'what that said was erased',
  notAsked: 'No plan is asked of this risk class; without one, no failed case is tolerated.',
  none: '{release} has no verification plan.',
  otherSystem: '{plan} is a plan for another AI system, not for {system}.',
  notFixed: '{plan} is not fixed: its state is {state}.',
  haveFixed: 'Have {plan} fixed by somebody other than its author',
  aboveCeiling: 'By {plan} {what}.',
  makeStricter: 'Make {plan} stricter and have it fixed again, then test again',
  write: 'Write a verification plan, have it fixed, and name it in {release}',
  erasedSince:
    'What {plan} said when it was fixed was erased since ({erased}): it cannot be shown to be still the same.',
  fixAgain: 'Have {plan} fixed again, then test again',
  notKnown: 'It is not known whether {plan} is still what was fixed.',
  changedSince: '{plan} was fixed as {was} and is now {is}: it changed after it was fixed.',
  easedByTicket: '{plan} is easier to pass than {before}: {what}. {ticket} allows that ({decision}).',
  eased:
    '{plan} is easier to pass than {before}: {what}; no ticket that designated management approved allows that.',
  makeAsStrict:
    'Make {plan} as strict, or open a change ticket of kind plan that names it and have designated management approve it',
  fixed: '{saying} {plan} at {minute} ({decision}).',
  notFixedByAnother: 'Nobody other than its author has fixed {plan} as it is now.',
  testAgain: 'Test {release} again, now that {plan} is fixed',
});
