import { queryOptions } from '@tanstack/react-query';
import type { SavedFilter, SinceApproval } from '../../answers/beside.ts';
import type { Owned } from '../../answers/people.ts';
import type { MyWork } from '../../answers/work.ts';
import { baseOf, get } from './client.ts';

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
