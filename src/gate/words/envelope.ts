import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.envelope', {
  notInForce: 'The envelope {change} is not in force: its state is {state}.',
  testedByOther: '{release} is tested by {plans}; the envelope {change} asks for {plan}.',
  notInForceAsItIs:
    'The envelope {change} is not in force: nobody other than its requester and authors has approved it as it is now.',
  testedByNoPlan: '{release} is tested by no plan; the envelope {change} asks for {plan}.',
  sameComponents: '{release} consists of the same components as {inUse}.',
  differs: 'Since {inUse}, let through by {allowance}: {changed}.',
  without:
    'Let through without approvals of its own: {by} approved the envelope {change} on {day} ({decision}); it ends on {ends}.',
  outside: 'Outside the envelope {change} a release is approved like any other, by a ticket of its own.',
  otherSystem: '{change} is an envelope for {systems}, not for {system}.',
  haveApproved: 'Have {change} approved, or give {release} a ticket of its own',
  makeNew: 'Make a new envelope, or give {release} a ticket of its own',
  noEnd: 'The envelope {change} has no end.',
  ended: 'The envelope {change} ended on {ends}.',
  tooLong:
    'The envelope {change} ends on {ends}; for risk class {riskClass} it may last {days} days from its approval, until {latest}.',
  inForce: 'The envelope {change} is in force until {ends} ({decision}).',
  noPlan: 'The envelope {change} names no verification plan, and inside it only tests decide.',
  namePlan: 'Name the plan in {change} and have it approved again',
  otherUse:
    'The {field, select, purpose {intended purpose} audience {audience} riskClass {risk class} inScope {coverage by the management system} other {our role}} of {system} is another than when the envelope {change} was approved.',
  giveTicket: 'Give {release} a change ticket of its own and have it approved',
  noneBefore: 'No release of {system} was let through before: an envelope is for changes to what is in use.',
  changedSince:
    '{inUse} is no longer what the gate let through ({allowance}): what {release} differs in cannot be told.',
  incomparable:
    'What {inUse} consisted of was erased since, at least in part: nobody can tell any more whether it was what the gate let through ({allowance}).',
  promptsOnly: 'For risk class high an envelope holds prompts only; {kinds} of {change} do not count.',
  kindNotAllowed:
    '{component} {deed, select, new {is new} other {is left out}} since {inUse}; it is a {kind}, and the envelope {change} allows {number, plural, =0 {nothing} other {{kinds}}}.',
  newOfKind:
    '{component} is a new {kind}, not a further version of one in {inUse}: that is outside every envelope.',
});
