import { failures } from '../../base/refusals.ts';

export const no = failures('latest', {
  noSnapshot: [
    'NOT_FOUND',
    'No snapshot has been taken {entries, plural, =0 {yet} other {in the first {entries} entries}}: one is taken each day on which the log has grown.',
  ],
});
