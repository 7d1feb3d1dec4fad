import { QueryClient, queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import type { Meta } from '../../answers/account.ts';
import type { References } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { usePathText, useSearchText } from '../kit/address.ts';
import { ApiError, ask, askWhole, baseOf } from './client.ts';

/** Refusals are answers and are not asked again; only a server that could not be reached is, twice. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
    },
  },
});

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => ask('', 'GET /api/v1/me', {}),
  staleTime: 60_000,
});
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => ask('', 'GET /api/v1/setup', {}),
});

export const metaQuery = (org: string) =>
  queryOptions({
    queryKey: ['meta', org],
    queryFn: () => ask(baseOf(org), 'GET meta', {}),
    staleTime: 300_000,
  });

export const dashboardQuery = (org: string, asOf?: string) =>
  queryOptions({
    queryKey: ['dashboard', org, asOf],
    queryFn: () => ask(baseOf(org), 'GET dashboard', { asOf }),
  });

/** Asked again and again while it is shown: whoever put it right sees that it is. */
export const standingQuery = (org: string) =>
  queryOptions({
    queryKey: ['log-standing', org],
    queryFn: () => ask(baseOf(org), 'GET log/standing', {}),
    refetchInterval: 15_000,
  });

export const firstHourQuery = (org: string) =>
  queryOptions({
    queryKey: ['first-hour', org],
    queryFn: () => ask(baseOf(org), 'GET first-hour', {}),
  });

/** An address of the API asked of an earlier state; the same address for the present. */
export const withAsOf = (path: string, asOf: string | undefined): string =>
  asOf ? `${path}${path.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(asOf)}` : path;

/** The point of the log that a text of the address means. */
export const pointQuery = (org: string, asOf: string) =>
  queryOptions({
    queryKey: ['point', org, asOf],
    queryFn: async () => (await ask(baseOf(org), 'GET differences', { from: asOf, to: asOf, limit: 1 })).from,
  });

/** A record with its entity tag, which an edit sends back so that nobody overwrites unseen changes. */
export const recordQuery = (org: string, register: string, ref: string, asOf?: string) =>
  queryOptions({
    queryKey: ['record', org, register, ref, ...(asOf ? [asOf] : [])],
    queryFn: async ({ signal }) => {
      const { data, etag } = await askWhole(
        baseOf(org),
        'GET :register/:ref',
        { register, ref, asOf },
        undefined,
        { signal },
      );
      return { record: data, etag: etag ?? `"${data.version}"` };
    },
  });

/** Everything read from records is out of date after a write. */
export async function afterWrite(org: string): Promise<void> {
  await queryClient.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[1] === org && queryKey[0] !== 'meta',
  });
}

export interface Organisation {
  org: string;
  base: string;
  /** The earlier state that the page shows, as the address says it; undefined for the present. */
  asOf: string | undefined;
  meta: Meta;
  register(name: string): RegisterMeta | undefined;
  /** The register that a number such as `RSK-0042` belongs to. */
  ofRef(ref: string): RegisterMeta | undefined;
  /** The register that holds people, told by the number of whoever is signed in. */
  people: RegisterMeta | undefined;
}

const prefixOf = (ref: string): string => ref.slice(0, ref.indexOf('-'));

/** The organisation of the page, with its declaration; suspends until it is known. */
export function useOrganisation(): Organisation {
  const org = usePathText('org');
  const asOf = useSearchText('asOf');
  const { data: meta } = useSuspenseQuery(metaQuery(org));
  const ofRef = (ref: string) => meta.registers.find((r) => r.prefix === prefixOf(ref));
  return {
    org,
    base: baseOf(org),
    asOf,
    meta,
    register: (name) => meta.registers.find((r) => r.name === name),
    ofRef,
    people: ofRef(meta.me.ref),
  };
}

/** Title of a record where an answer mentions it, else nothing. */
export const titleOf = (references: References | undefined, ref: string): string | undefined =>
  references?.[ref]?.title;
