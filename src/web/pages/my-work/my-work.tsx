import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { workQuery } from '../../api/work.ts';
import { useSearchText } from '../../kit/address.ts';
import { plural } from '../../kit/format.ts';
import { Failed, Loading, Nothing, Notice } from '../../kit/notice.tsx';
import { useTitle } from '../../records/record-page.tsx';
import { isKind, KIND_LABELS, WorkList } from './work-list.tsx';

/** How many the home page names. */
const FIRST = 8;

/** Everything one person has to do, and why. */
export function MyWork() {
  const { org, base, meta } = useOrganisation();
  const navigate = useNavigate();
  const kind = useSearchText('kind');
  const person = useSearchText('person');
  const asked = { kind: isKind(kind) ? kind : undefined, person };
  const query = useInfiniteQuery({
    queryKey: ['my-work', org, 'pages', asked],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask(base, 'GET my-work', { ...asked, limit: 100, after: pageParam }, undefined, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  useTitle('My work');
  const choose = (next?: string) =>
    navigate({
      to: '/o/$org/my-work',
      params: { org },
      search: { ...(person ? { person } : {}), ...(next ? { kind: next } : {}) },
      replace: true,
    });
  return (
    <div className="mx-auto max-w-5xl p-4 sm:p-6">
      <h1 className="mb-1">
        {!first || first.person.ref === meta.me.ref ? 'My work' : `Work of ${first.person.name}`}
      </h1>
      <p className="mb-3 text-muted">Computed from the records. Items clear when resolved.</p>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      {first && (
        <fieldset className="mb-3 flex flex-wrap gap-1.5" aria-label="Kinds of work">
          <button type="button" className="chip" aria-pressed={!kind} onClick={() => choose()}>
            All {Object.values(first.counts).reduce((a, b) => a + b, 0)}
          </button>
          {Object.entries(first.counts).map(([k, n]) => (
            <button
              key={k}
              type="button"
              className="chip"
              aria-pressed={kind === k}
              onClick={() => choose(k)}
            >
              {isKind(k) ? KIND_LABELS[k] : k} {n}
            </button>
          ))}
        </fieldset>
      )}
      {first?.differing && (
        <div className="mb-3">
          <Notice tone="bad" title="Records that differ from their newest version">
            {first.differing.total} records say otherwise than their newest version, which is what the log
            vouches for: {first.differing.items.map((i) => `${i.ref} (${i.differs.join(', ')})`).join('; ')}.
            Mend each by a new version: aims rows mend (docs/guide/restore.md).
          </Notice>
        </div>
      )}
      {first && first.cut.length > 0 && (
        <div className="mb-3">
          <Notice tone="warn">
            There is more than is listed:{' '}
            {first.cut.map((c) => `only the first ${c.listed} of ${KIND_LABELS[c.kind]}`).join(', ')}.
          </Notice>
        </div>
      )}
      {first && items.length === 0 && (
        <div className="card">
          <Nothing title="Nothing waits">
            What becomes due, or needs a decision, stands here by itself.
          </Nothing>
        </div>
      )}
      {items.length > 0 && <WorkList items={items} />}
      {query.hasNextPage && (
        <button
          type="button"
          className="btn mt-3"
          disabled={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Show more
        </button>
      )}
    </div>
  );
}

/** The most urgent of it, where one arrives. */
export function WorkSection() {
  const { org } = useOrganisation();
  const { data, error } = useQuery(workQuery(org, { limit: FIRST }));
  if (error) return <Failed error={error} />;
  if (!data) return null;
  return (
    <section aria-labelledby="my-work">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3">
        <h2 id="my-work">My work</h2>
        {data.total > data.items.length && (
          <Link to="/o/$org/my-work" params={{ org }}>
            All {data.total.toLocaleString('en')}
          </Link>
        )}
        {data.total > 0 && data.total <= data.items.length && (
          <span className="text-muted">{plural(data.total, 'item')}</span>
        )}
      </div>
      {data.items.length === 0 ? (
        <div className="card px-4 py-3 text-muted">
          Nothing waits for you. What becomes due, or needs your decision, stands here by itself.
        </div>
      ) : (
        <WorkList items={data.items} />
      )}
    </section>
  );
}
