import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.policy', {
  notInForce:
    '{criteria} is {state}: no approved criteria are in force. The default policy was used, which never allows by itself.',
  none: 'There are no criteria: no approved criteria are in force. The default policy was used, which never allows by itself.',
  haveApproved: 'Have the criteria approved',
  noSingleRow: '{criteria} has no single row of gate policy for risk class {riskClass}.',
  makeNew: 'Make new criteria with exactly one row for {riskClass}, replacing {criteria}',
  inForce: '{criteria}, version {version}, is in force for risk class {riskClass}.',
});
