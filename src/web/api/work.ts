import { queryOptions } from '@tanstack/react-query';
import type { Decision, References, Value } from './answers.ts';
import { baseOf, get } from './client.ts';

export interface WorkItem {
  kind: string;
  ref: string;
  register: string;
  title: string;
  state: string;
  why: string;
  since: string | null;
  due: string | null;
  urgency: 'overdue' | 'soon' | 'waiting' | 'later';
  next: { label: string; transition?: string };
}

export interface MyWork {
  person: { ref: string; name: string };
  today: string;
  items: WorkItem[];
  total: number;
  counts: Record<string, number>;
  next: string | null;
  cut: { kind: string; listed: number }[];
}

export interface ChangedSince {
  name: string;
  label: string;
  link: boolean;
  from: Value;
  to: Value;
  material: boolean;
}

export interface RecordChange {
  ref: string;
  register: string;
  title: string;
  from: number | null;
  to: number | null;
  changed: ChangedSince[];
  erased: string[];
  closed?: boolean;
}

export interface SinceApproval {
  decision: (Pick<Decision, 'ref' | 'kind' | 'by' | 'at' | 'current'> & { version: number }) | null;
  record: RecordChange;
  covered: RecordChange[];
  /** What a decision of now would cover too. */
  notCovered: { ref: string; register: string; title: string }[];
  carriedForward: boolean;
  references: References;
}

export interface CommentView {
  ref: string;
  content: string;
  mentions: string[];
  state: string;
  by: string;
  at: string;
  edited: boolean;
  may: { settle: boolean };
}

export interface Comments {
  /** The register that a new one is made in. */
  register: string;
  mayAdd: boolean;
  items: CommentView[];
  total: number;
  open: number;
  next: number | null;
  references: References;
}

export interface Owned {
  person: string;
  total: number;
  registers: { register: string; label: string; count: number }[];
  items: { ref: string; register: string; title: string; state: string; as: string[] }[];
  next: string | null;
  keys: { ref: string; title: string; expires: string }[];
}

export interface SavedFilter {
  id: string;
  name: string;
  register: string;
  query: string;
  shared: boolean;
  by: { ref: string; name: string };
  mine: boolean;
}

// The second member of every key is the organisation: after a write all of it is read again.
export const workQuery = (org: string, asked: Record<string, string>) =>
  queryOptions({
    queryKey: ['my-work', org, asked],
    queryFn: ({ signal }) => get<MyWork>(`${baseOf(org)}/my-work?${new URLSearchParams(asked)}`, signal),
  });

export const sinceQuery = (org: string, register: string, ref: string, version: number) =>
  queryOptions({
    queryKey: ['since', org, register, ref, version],
    queryFn: () => get<SinceApproval>(`${baseOf(org)}/${register}/${ref}/since-approval`),
  });

export const ownedQuery = (org: string, register: string, ref: string) =>
  queryOptions({
    queryKey: ['owned', org, ref],
    queryFn: () => get<Owned>(`${baseOf(org)}/${register}/${ref}/owned?limit=200`),
    retry: false,
  });

export const filtersQuery = (org: string, register: string) =>
  queryOptions({
    queryKey: ['filters', org, register],
    queryFn: () => get<{ items: SavedFilter[] }>(`${baseOf(org)}/saved-filters?register=${register}`),
  });
