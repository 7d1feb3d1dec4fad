import type { MayTransition } from '../../answers/record.ts';

/** May its dialog be opened? Missing values alone do not forbid a step: the dialog asks for them. */
export const canStart = (t: Pick<MayTransition, 'allowed' | 'missing' | 'why'>): boolean =>
  t.allowed || (t.missing.length > 0 && !t.why);
