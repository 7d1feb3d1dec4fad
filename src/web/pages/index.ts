/** Pages that stand beside the registers of a step in the navigation. */
export const PAGES = [
  { step: 'Risk', to: '/o/$org/risk-matrix', label: 'Risk matrix' },
  { step: 'Risk', to: '/o/$org/risk-in-money', label: 'Financial exposure' },
  { step: 'Risk', to: '/o/$org/statement-of-applicability', label: 'Statement of applicability' },
  { step: 'Assure', to: '/o/$org/capa', label: 'CAPA' },
  { step: 'Assure', to: '/o/$org/audit-programme', label: 'Audit programme' },
] as const;

export const pagesOf = (step: string) => PAGES.filter((p) => p.step === step);
