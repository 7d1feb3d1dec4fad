import type { Answered } from '../../../register/rec.ts';
import type { RegisterName, Registers } from '../../../registers/index.ts';

/** What the operations of the Govern step answer. */
type Told<N extends RegisterName> = Answered<Registers[N]>['values'];

export interface Edition {
  edition: number;
  version: number;
  digest: string;
  publishedAt: string;
  publishedBy: string;
}

export interface Editions {
  ref: string;
  title: string;
  state: string;
  inForce: (Edition & { title: string; body?: string; address?: string }) | null;
  present: { version: number; digest: string; body?: string };
  differs: boolean;
  reviewBy: string | null;
  editions: Edition[];
}

export interface Acknowledgements {
  edition: Edition;
  demanded: NonNullable<Told<'document'>['acknowledgedBy']>;
  total: number;
  acknowledged: number;
  missing: number;
  linksOpen: number;
  items: {
    person: string;
    name: string;
    state: string;
    acknowledged: null | { decision: string; at: string; saidOn?: string; method: string; edition: number };
  }[];
  next: string | null;
}

export interface MadeLinks {
  communication: string;
  expiresAt: string;
  items: { person: string; name: string; email: string; link: string }[];
  withoutEmail: string[];
  withAccount: number;
}

export interface AcknowledgedFile {
  rows: number;
  recorded: number;
  unchanged: number;
  dryRun: boolean;
  problems: { path: string; message: string }[];
}

export interface Reading {
  from?: string;
  to: string;
  value: number;
  note?: string;
}

export interface ReadingsPage {
  items: { version: number; recordedAt: string; by: string; rows: Reading[] }[];
  total: number;
  next: number | null;
}

export interface Raci {
  system: { ref: string; title: string } | null;
  people: { ref: string; name: string; departed: boolean }[];
  rows: {
    activity: string;
    label: string;
    cells: { person: string; part: string; ref: string; state: string; departed: boolean }[];
    gaps: string[];
    conflicts: string[];
  }[];
  gaps: number;
  conflicts: number;
  appointments: {
    ref: string;
    title: string;
    person: string;
    name: string;
    state: string;
    needed?: string;
    shown?: string;
    gap?: string;
  }[];
}

export interface Template {
  id: string;
  title: string;
  clauses: string[];
  values: Told<'document'>;
  placeholders: string[];
}

export interface Followed {
  state: string;
  title: string;
  answer?: string;
  messages: (NonNullable<Told<'concern'>['messages']>[number] & { waiting?: true })[];
  enteredAfter?: string;
}
