import { failures } from '../../base/refusals.ts';

export const no = failures('impact', {
  noAssessment: ['NOT_FOUND', 'There is no AI system impact assessment {ref}.'],
});
