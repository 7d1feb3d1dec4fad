import { failures } from '../../base/refusals.ts';

export const no = failures('review', {
  inputsUnread: ['CONFLICT', '{ref}: where its inputs were drawn cannot be read; freeze them again.'],
});
