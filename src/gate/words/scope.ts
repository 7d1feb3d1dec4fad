import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.scope', {
  reconsider: 'Reconsider {system}',
  reconsiderOrWithdraw: 'Reconsider {system}, or withdraw {release}',
  noClass: '{system} has no risk class; it is treated as high until it has one.',
  setClass: 'Set the risk class of {system} and have it confirmed',
  inScope: '{system} is in scope.',
  notYet: '{system} has not been taken into scope yet.',
  takeIn: 'Take {system} into scope',
  notInScope: '{system} is not in scope: its state is {state}.',
  confirmed: '{saying} {system} with risk class {riskClass} on {day} ({decision}).',
  notConfirmed:
    'Nobody other than its author has confirmed {system} as it is now, with risk class {riskClass}.',
  haveConfirmed: 'Have {system} confirmed by somebody who did not edit it',
});
