import { failures } from '../../base/refusals.ts';

export const no = failures('acknowledge.file', {
  notFor: [
    'NOT_ALLOWED',
    'You may not record for others that they have read {ref}: that is for {who}, in person.',
  ],
  faults: ['INVALID', '{faults} of {rows} rows have a fault; nothing was stored. First: {path}: {message}.'],
});
