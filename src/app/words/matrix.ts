import { failures } from '../../base/refusals.ts';

export const no = failures('risk.matrix', {
  noSystem: ['NOT_FOUND', 'There is no AI system {ref}.'],
});
