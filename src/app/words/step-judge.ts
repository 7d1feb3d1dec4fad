import { failures } from '../../base/refusals.ts';

export const no = failures('step.judge', {
  changed: [
    'CONFLICT',
    '{ref}, or what a decision on it covers, was changed by somebody else at this moment; read it again, then decide.',
  ],
});
