import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.change', {
  notApprovedAsItIs:
    '{change} is not approved: nobody other than its requester and authors has approved it as it is now.',
  otherSystem: '{change} is a ticket for {systems}, not for {system}.',
  notApproved: '{change} is not approved: its state is {state}.',
  ticketForNone: '{change} is a ticket for no system, not for {system}.',
  none: '{release} has no change ticket.',
  open: 'Open a change ticket for {release} and have it approved',
  refused: '{change} was refused.',
  reviseOrWithdraw: 'Revise {change}, or withdraw {release}',
  nameRelease: 'Name {release} in {change} and have it approved again',
  coversNone: '{change} does not say which release it covers.',
  coversOthers: '{change} covers {covered}, not {release}.',
  approved: '{saying} {change}, which {requester} asked for ({decision}).',
  haveApproved: 'Have {change} approved by somebody other than its requester',
});
