import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { RecordList, RecordView } from '../../../answers/record.ts';
import type { Registers } from '../../../registers/index.ts';
import { getRecords } from '../../api/asked.ts';
import { useOrganisation } from '../../api/queries.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { Failed, Loading, Nothing } from '../../kit/notice.tsx';
import { PersonName, RefLink } from '../../kit/ref-link.tsx';
import { useTitle } from '../../records/record-page.tsx';

const PAGE = 50;

/** Nonconformities, newest first, each with its actions and where they stand. */
export function Capa() {
  const { org, base } = useOrganisation();
  useTitle('CAPA');
  const query = useInfiniteQuery({
    queryKey: ['capa', org],
    initialPageParam: '',
    queryFn: ({ pageParam }) => getRecords(base, 'nonconformity', { limit: PAGE, after: pageParam }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const pages = query.data?.pages ?? [];
  return (
    <div className="mx-auto max-w-5xl space-y-4 p-4 sm:p-6">
      <header>
        <h1>CAPA</h1>
        <p className="mt-1 max-w-prose text-muted">
          What is not as required, and what is done about it. It closes when every action was found to work,
          or was dropped with a reason; one that did not work opens it again.
        </p>
      </header>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      {pages[0]?.items.length === 0 && (
        <Nothing title="No nonconformity is recorded">That says nothing about whether there is one.</Nothing>
      )}
      {pages.map((page) => (
        <Cases key={page.items[0]?.ref} page={page} />
      ))}
      {query.hasNextPage && (
        <button
          type="button"
          className="btn"
          disabled={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Load older ones
        </button>
      )}
    </div>
  );
}

/** One page of nonconformities; their actions are asked for all at once. */
function Cases({ page }: { page: RecordList<Registers['nonconformity']> }) {
  const { org, base } = useOrganisation();
  const refs = page.items.map((n) => n.ref);
  const actions = useQuery({
    queryKey: ['capaActions', org, refs],
    queryFn: () => getRecords(base, 'action', { nonconformities: refs, limit: 200, sort: 'number' }),
    enabled: refs.length > 0,
  });
  return (
    <>
      <Failed error={actions.error} />
      {actions.data?.next && <p className="text-muted">The first 200 actions are shown.</p>}
      <ul className="space-y-3">
        {page.items.map((n) => {
          const mine = actions.data?.items.filter((a) => a.links.nonconformities?.includes(n.ref)) ?? [];
          return (
            <li key={n.ref} className="card px-4 py-3">
              <p className="flex flex-wrap items-center gap-2">
                <RefLink to={n.ref} title={n.title} />
                <StateBadge state={n.state} />
                <span className="text-[13px] text-muted">
                  <PersonName to={n.values.owner} references={page.references} />
                  {n.values.criterion ? `, against ${n.values.criterion}` : ''}
                  {n.values.recurring ? ', happened before' : ''}
                </span>
              </p>
              {actions.data && mine.length === 0 && (
                <p className="mt-1 text-[13px] text-muted">No action yet.</p>
              )}
              <ul className="mt-1 space-y-1 pl-4">
                {mine.map((a) => (
                  <li key={a.ref} className="flex flex-wrap items-center gap-2">
                    <RefLink to={a.ref} title={a.title} />
                    <StateBadge state={a.state} />
                    <span className="text-[13px] text-muted">{standing(a)}</span>
                  </li>
                ))}
              </ul>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** What comes next of an action, in words. */
function standing(a: RecordView<Registers['action']>): string {
  const { dueOn, doneOn, exposureDays, exposureCases, casesSeen } = a.values;
  if (a.state === 'done' && doneOn) {
    // It waits from the day on which that was said, where that was later.
    const said: unknown = Reflect.get(a.values, 'doneOnEntered');
    const since = typeof said === 'string' && said > doneOn ? said : doneOn;
    const from = new Date(Date.parse(since) + Math.ceil(exposureDays ?? 0) * 86_400_000);
    return `done on ${doneOn}, can be confirmed from ${from.toISOString().slice(0, 10)}${exposureCases ? `, after ${exposureCases} cases` : ''}`;
  }
  if (a.state === 'effective') return `${casesSeen ?? 0} cases looked at`;
  return dueOn && (a.state === 'planned' || a.state === 'agreed') ? `due ${dueOn}` : '';
}
