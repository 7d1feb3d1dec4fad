import { failures } from '../../base/refusals.ts';

export const no = failures('write.beside', {
  changed: [
    'VERSION_MISMATCH',
    '{what}: another record that this rests on was changed at this moment; read it again, then repeat what you did.',
  ],
});
