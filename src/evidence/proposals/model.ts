import type { Finding } from '../model.ts';

/** Most components that one file may propose: a person has to choose among them. */
export const MOST_COMPONENTS = 5_000;

export type ComponentKind = 'model' | 'dataset' | 'prompt' | 'tool' | 'agent' | 'compute';

/** A component as a file describes it: a proposal, never a fact. Texts are the file's own, cut to what a record takes. */
export interface ProposedComponent {
  /** Unique in the file. */
  key: string;
  /** JSON pointer, or `front matter`. */
  place: string;
  name: string;
  kind: ComponentKind;
  version: string | null;
  /** `sha256:…` of the artifact itself, as the file states it. */
  digest: string | null;
  source: string | null;
  licence: string | null;
  rights: string | null;
  provenance: string | null;
  quality: string | null;
  /** Name of whoever supplies it. */
  supplier: string | null;
  /** Keys of components of the file that it was derived from; never a cycle. */
  derivedFrom: string[];
}

/** What a file of components says. `accepted` is false when it was refused; then it proposes nothing. */
export interface ComponentFile {
  accepted: boolean;
  format: 'cyclonedx' | 'model-card' | 'dataset-card' | null;
  formatVersion: string | null;
  components: ProposedComponent[];
  findings: Finding[];
  sha256: string;
  bytes: number;
}
