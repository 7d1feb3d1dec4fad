import data from './documents.json' with { type: 'json' };

/** One item of documented information that ISO/IEC 42001:2023 asks for or implies, under our own name for it. */
export interface DocumentedInformation {
  /** `DI-03`. */
  readonly id: string;
  /** Clause or control that asks for it. */
  readonly clause: string;
  readonly name: string;
  /** `document`, `record`, or both. */
  readonly kind: string;
  /** Why it is on the list: named by the clause, implied by it, or due where a control applies. */
  readonly basis: string;
}

/** The 62 items, in the order of the standard. */
export const documentedInformation: readonly DocumentedInformation[] = data.documents;
