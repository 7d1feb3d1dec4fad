import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('stamp', {
  chainEnds: [
    'INVALID',
    "The certificates end with {name}, which {top} vouches for: add those above it, up to the authority's root.",
  ],
  noAuthority: ['CONFLICT', 'No time-stamping authority is set; there is nothing to end.'],
  notNext: ['BAD_INPUT', 'after: expected the "next" of the page before.'],
  noneAt: [
    'NOT_FOUND',
    'The checkpoint of size {size} in log {log} has no time stamp, and none waits; the list says which have.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('stamp.wrong', {
  noValidRoot: 'holds no root that is valid today',
  noRoot: 'holds no root (a certificate that vouches for itself)',
  notEnd: 'is not the end of a page',
});
