import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('pack', {
  notFor: ['NOT_ALLOWED', 'You may not make an audit pack: that is for {who}.'],
  wouldLack: [
    'NOT_ALLOWED',
    'A pack that you make would lack records that are kept from you because they are about you, and so would not verify: none was made. Somebody else of {who} can make it.',
  ],
  tooMany: ['TOO_MANY', '{number} packs are being made already. Ask again when they are done.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('pack.wrong', {
  timeOrSize: 'expected a time, or the size of a checkpoint',
});
