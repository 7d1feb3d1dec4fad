import { useInfiniteQuery } from '@tanstack/react-query';
import type { RecordPage, References, VersionView } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { ask } from '../api/client.ts';
import { useOrganisation } from '../api/queries.ts';
import { Badge, StateBadge } from '../kit/badge.tsx';
import { momentText, words } from '../kit/format.ts';
import { Failed, Loading } from '../kit/notice.tsx';
import { DiffList, differences } from './diff.tsx';
import { groupOf, groupWords } from './erase-answer.ts';

interface HistoryProps {
  register: RegisterMeta;
  record: RecordPage;
}

/** Every version of a record, newest first, a page at a time. */
export function useVersions(register: RegisterMeta, record: RecordPage) {
  const { base, org, asOf } = useOrganisation();
  return useInfiniteQuery({
    queryKey: ['versions', org, register.name, record.ref, record.version, asOf],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      ask(base, 'GET :register/:ref/versions', {
        register: register.name,
        ref: record.ref,
        after: pageParam || undefined,
        asOf,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

const heading = (register: RegisterMeta, v: VersionView): string => {
  const step = v.transition && register.transitions.find((t) => t.name === v.transition);
  return step ? step.label : words(v.transition ?? v.act);
};

/** What changed, as far as it can be told: what was erased in either version says nothing about a change. */
function told(
  register: RegisterMeta,
  before: VersionView | undefined,
  v: VersionView,
  references: References,
) {
  const gone = [...(v.erased ?? []), ...(before?.erased ?? [])];
  return differences(register, before, v, references).filter(
    (d) => !gone.includes(groupOf(register, d.name)),
  );
}

/** Who changed what, when and why; newest first. */
export function History({ register, record }: HistoryProps) {
  const query = useVersions(register, record);
  const versions = (query.data?.pages.flatMap((p) => p.items) ?? []).sort((a, b) => b.version - a.version);
  const references = Object.assign(
    {},
    record.references,
    ...(query.data?.pages.map((p) => p.references ?? {}) ?? []),
  );
  return (
    <div>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      <ol className="space-y-3">
        {versions.map((v) => {
          const before = versions.find((o) => o.version === v.version - 1);
          return (
            <li key={v.version} className="card px-4 py-3">
              <div className="mb-1 flex flex-wrap items-baseline gap-x-3">
                <h2>
                  Version {v.version}: {heading(register, v)}
                </h2>
                <StateBadge state={v.state} />
                <span className="text-muted">
                  {v.actor.name}
                  {v.madeFor && ` for ${v.madeFor.name}`}, <time dateTime={v.at}>{momentText(v.at)}</time>
                </span>
                <span className="ml-auto text-[12.5px] text-muted">
                  {v.logIndex === null ? 'Waiting for the ledger' : `Ledger entry ${v.logIndex}`}
                </span>
              </div>
              {(v.erased ?? []).length > 0 && (
                <p className="mb-1">
                  <Badge tone="plain">Erased: {groupWords(v.erased ?? [])}</Badge>
                </p>
              )}
              {v.reason && <p className="prose-plain mb-1">“{v.reason}”</p>}
              {before || v.version === 1 ? (
                <DiffList list={told(register, before, v, references)} />
              ) : (
                <p className="text-muted">The version before it is not loaded yet.</p>
              )}
              <p className="mono mt-2 wrap-anywhere text-[11.5px]! text-muted">{v.digest}</p>
            </li>
          );
        })}
      </ol>
      {query.hasNextPage && (
        <button type="button" className="btn mt-3" onClick={() => query.fetchNextPage()}>
          Load more versions
        </button>
      )}
    </div>
  );
}
