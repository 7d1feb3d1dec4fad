import * as z from 'zod';
import { type Answer, flag, list, named, number, object, text } from './shape.ts';

/** A record that may be the same thing. `digest`: the same bytes. `name`: the same name, and version where both have one. */
export const likeness = object({
  ref: text,
  title: text,
  state: text,
  version: text.optional(),
  how: z.enum(['digest', 'name', 'near']),
});
export type Likeness = Answer<typeof likeness>;

/** A proposal beside what the register knows already. */
export const proposal = object({
  known: list(likeness).describe('Records that may be the same thing, surest first'),
  repeats: text
    .optional()
    .describe('Key of an earlier component of the file that is the same by digest, or by name and version'),
  supplierRef: text.optional().describe("The supplier's record, when exactly one has that name"),
  key: text.describe('Unique in the file'),
  place: text.describe('JSON pointer, or `front matter`'),
  name: text,
  kind: z.enum(['model', 'dataset', 'prompt', 'tool', 'agent', 'compute']),
  version: text.nullable(),
  digest: text.nullable().describe('`sha256:…` of the artifact itself, as the file states it'),
  source: text.nullable(),
  licence: text.nullable(),
  rights: text.nullable(),
  provenance: text.nullable(),
  quality: text.nullable(),
  supplier: text.nullable().describe('Name of its supplier'),
  derivedFrom: list(text).describe('Keys of components of the file that it was derived from; never a cycle'),
});
export type Proposal = Answer<typeof proposal>;

/** Something to know about a file. One `refuse` finding makes the file no evidence at all. */
export const finding = object({
  code: text.describe('Stable, kebab-case'),
  severity: z.enum(['refuse', 'flag', 'info']),
  location: text.describe(
    'JSON pointer, or `line N, column M` when the file is not JSON. Empty for the whole file',
  ),
  message: text.describe('A whole sentence: what was expected, what was got'),
});
export type Finding = Answer<typeof finding>;

export const proposed = object({
  components: list(proposal),
  accepted: flag,
  format: z.enum(['cyclonedx', 'model-card', 'dataset-card']).nullable(),
  formatVersion: text.nullable(),
  findings: list(finding),
  sha256: text,
  bytes: number,
});
export type Proposed = Answer<typeof proposed>;

export const adopted = object({
  created: list(object({ key: text, ref: text })),
  linked: list(object({ key: text, ref: text })),
});
export type Adopted = Answer<typeof adopted>;

/** A component in a derivation. `layer`: 0 where it was asked about, below 0 what it comes from, above 0 what comes from it. */
export const lineageNode = object({
  ref: text,
  title: text,
  state: text,
  layer: number,
  kind: text.optional(),
  version: text.optional(),
  digest: text.optional(),
  licence: text.optional(),
  rights: text.optional(),
});
export type LineageNode = Answer<typeof lineageNode>;

export const lineage = object({
  of: named,
  nodes: list(lineageNode),
  edges: list(object({ from: text, to: text })).describe('`from` was derived from `to`'),
  cut: flag.describe('There is more than what is shown'),
});
export type Lineage = Answer<typeof lineage>;

export const likenesses = object({ items: list(likeness) });
