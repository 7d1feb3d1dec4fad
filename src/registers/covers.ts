import type { Cover } from '../register/register.ts';

/**
 * What assessments of a system rest on: its models, data, tools, agents and computing as they are. Prompts change daily and are left to the tests;
 * a new model, tool or data set is another system than the one that was assessed.
 */
export const SYSTEM_PARTS = <const L extends string>(link: L): Cover & { readonly link: L } => ({
  link,
  inverse: 'components',
  where: { kind: ['model', 'dataset', 'tool', 'agent', 'compute'] },
  states: ['current'],
});
