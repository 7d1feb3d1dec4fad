import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('raci', {
  noSystem: ['NOT_FOUND', 'There is no AI system {ref}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('raci.wrong', {
  systemExpected: 'expected the number of an AI system, such as SYS-0001',
});
