import data from './templates.json' with { type: 'json' };

/** A text to start a document from, in our own words; square brackets are to be filled in. */
export interface Template {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  /** Clauses and controls that a document of this kind serves. */
  readonly clauses: readonly string[];
  readonly body: string;
}

export const templates: readonly Template[] = data.templates;
