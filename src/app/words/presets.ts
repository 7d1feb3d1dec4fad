import { failures } from '../../base/refusals.ts';

export const no = failures('preset', {
  none: ['NOT_FOUND', 'There is no preset {name}; there are {known}.'],
});
