import { failures } from '../../base/refusals.ts';

export const no = failures('rate', {
  tooMany: ['TOO_MANY', 'Too many requests came in a short time. Nothing was stored; try again in a while.'],
});
