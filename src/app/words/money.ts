import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('risk.money', {
  noRisk: ['NOT_FOUND', 'There is no AI risk {ref}.'],
  tooMany: [
    'TOO_LARGE',
    '{number} risks have estimates; at most {most} are computed together. Ask for one AI system: ?system=SYS-0001.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('risk.money.wrong', {
  needed: 'is needed for so many risks',
});
