import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('pack.walk', {
  noSystem: ['NOT_FOUND', 'There is no AI system {ref}.'],
  tooMany: [
    'TOO_LARGE',
    'More than {most} records are around this system. Make a pack of everything instead.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('pack.walk.wrong', {
  systemExpected: 'expected the number of an AI system, such as SYS-0001',
});
