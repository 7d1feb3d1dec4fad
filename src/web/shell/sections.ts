import type { Meta } from '../../answers/account.ts';
import type { RegisterMeta } from '../../register/describe.ts';

export interface Section {
  step: string;
  label: string;
  registers: RegisterMeta[];
}

// The two steps that are not steps of the management system get the names people look for.
const LABELS: Record<string, string> = { Across: 'Evidence & decisions', Directory: 'People' };

export const stepLabel = (step: string): string => LABELS[step] ?? step;

/** Is it one of the five steps, and not what runs across them? */
export const isStep = (step: string): boolean => !(step in LABELS);

/** The navigation: registers by step, in the order the server gives. The five steps are always there. */
export function sectionsOf(meta: Meta): Section[] {
  const named = meta.steps.map((s) => (typeof s === 'string' ? s : s.name));
  const steps = [...new Set([...named, ...meta.registers.map((r) => r.step)])];
  return steps
    .map((step) => ({
      step,
      label: stepLabel(step),
      registers: meta.registers.filter((r) => r.step === step),
    }))
    .filter((s) => s.registers.length > 0 || isStep(s.step));
}
