import { failures } from '../../base/refusals.ts';

export const no = failures('gate.decide', {
  notFor: ['NOT_ALLOWED', 'You may not ask the gate to decide: that is for contributors and CI pipelines.'],
  changed: ['VERSION_MISMATCH', '{release} was changed while it was judged; ask the gate again.'],
  noDecision: ['NOT_FOUND', 'There is no gate decision {ref}.'],
});
