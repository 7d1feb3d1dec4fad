import { failures } from '../../base/refusals.ts';

export const no = failures('log.admin', {
  already: ['CONFLICT', 'The log is {open, select, yes {public} other {private}} already.'],
  together: [
    'CONFLICT',
    'Somebody else began a new log at this moment; nothing of yours was stored. Look at the log, then try again.',
  ],
});
