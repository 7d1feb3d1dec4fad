import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('erasure', {
  beingChanged: ['CONFLICT', '{ref} is being changed at this moment; try again.'],
  reasonNames: [
    'INVALID',
    'reason: names the person or their address, and is kept; say it without, for example "asked for by the person".',
  ],
  reasonMissing: ['REQUIREMENTS_MISSING', 'An erasure needs a reason, without personal data.'],
  together: ['CONFLICT', 'Somebody else erased some of it at this moment; look at the preview again.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('erasure.wrong', {
  personal: 'must not hold personal data',
  reasonNeeded: 'a reason is needed',
});
