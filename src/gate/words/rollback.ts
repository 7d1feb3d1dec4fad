import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.rollback', {
  notApproved: '{plan} is not approved: its state is {state}.',
  rehearsed:
    '{drill}: {kind, select, rollback {the rollback} stop {the stop} other {telling people}} was rehearsed on {day} in {took}.',
  approved: '{saying} {plan} ({decision}).',
  approvedBackTo: '{saying} {plan}, back to {target} ({decision}).',
  notApprovedAsItIs: '{plan} is not approved: nobody other than its author has approved it as it is now.',
  failed: '{drill}, held on {day}, failed.',
  tookTooLong: '{drill}, held on {day}, took {took}; {plan} allows {most}.',
  rehearsedSometime:
    '{drill}: {kind, select, rollback {the rollback} stop {the stop} other {telling people}} was rehearsed on {day} in an unknown time.',
  none: '{release} has no rollback plan.',
  write: 'Write a rollback plan, have it approved, and name it in {release}',
  otherSystem: '{plan} is a plan for another AI system, not for {system}.',
  noTarget: '{plan} names nothing to go back to.',
  nameTarget: 'Name the target of {plan}',
  haveApproved: 'Have {plan} approved by somebody other than its author',
  noneOfKind:
    'No verified and successful {kind} drill of {plan} as it is now within {months, plural, one {{months} month} other {{months} months}}.',
  haveVerified: 'Have {drill} verified by somebody else',
  hold: 'Hold {drill} and have it verified by somebody else',
  holdNew: 'Hold a {kind} drill of {plan} and have it verified by somebody else',
  notVerified: '{drill}, held on {day}, has not been verified.',
  ofOther:
    '{drill}, held on {day}, rehearsed {plan} as it was, or was not verified by somebody else: it does not count.',
  tooOld:
    '{drill}, held on {day}, is older than {months, plural, one {{months} month} other {{months} months}}.',
});
