import { failures } from '../../base/refusals.ts';

export const no = failures('log.new', {
  nothingLost: [
    'CONFLICT',
    'The database holds everything that was published of this log: nothing is lost, and it can be signed on.',
  ],
  together: ['CONFLICT', 'Somebody else began log {number} at this moment; look at it first.'],
  noCheckpoint: ['CONFLICT', 'The log has no checkpoint yet that a new one could continue.'],
  otherLog: [
    'CONFLICT',
    'The last published checkpoint is not of this log ({message}): bring data folder and database together again; see docs/guide/restore.md.',
  ],
});
