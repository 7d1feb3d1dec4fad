import { failures } from '../../base/refusals.ts';

export const no = failures('acknowledge', {
  already: ['CONFLICT', 'You already acknowledged {ref} as it is in force: {decision}.'],
});
