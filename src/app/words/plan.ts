import { failures } from '../../base/refusals.ts';

export const no = failures('write.plan', {
  twoStates: [
    'CONFLICT',
    '{ref} would become {state} and {other} at once; nothing was stored. Do one after the other.',
  ],
});
