import { queryOptions } from '@tanstack/react-query';
import type { Asked } from '../../actions/index.ts';
import { ask, baseOf } from './client.ts';

// The second member of every key is the organisation: after a write all of it is read again.
export const workQuery = (org: string, asked: Asked<'GET my-work'>) =>
  queryOptions({
    queryKey: ['my-work', org, asked],
    queryFn: ({ signal }) => ask(baseOf(org), 'GET my-work', asked, undefined, { signal }),
  });

export const sinceQuery = (org: string, register: string, ref: string, version: number) =>
  queryOptions({
    queryKey: ['since', org, register, ref, version],
    queryFn: () => ask(baseOf(org), 'GET :register/:ref/since-approval', { register, ref }),
  });

export const ownedQuery = (org: string, ref: string) =>
  queryOptions({
    queryKey: ['owned', org, ref],
    queryFn: () => ask(baseOf(org), 'GET person/:ref/owned', { ref, limit: 200 }),
    retry: false,
  });

export const filtersQuery = (org: string, register: string) =>
  queryOptions({
    queryKey: ['filters', org, register],
    queryFn: () => ask(baseOf(org), 'GET saved-filters', { register }),
  });
