import { failures } from '../../base/refusals.ts';

export const no = failures('access', {
  noSuch: ['NOT_FOUND', 'There is no {what} {ref}.'],
  noStep: ['NO_SUCH_TRANSITION', '{register} has no transition {step}; it has {known}.'],
});
