import { useInfiniteQuery } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { words } from '../../kit/format.ts';
import { Failed, Loading, Nothing } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { useTitle } from '../../records/record-page.tsx';

/** Of every document in force that is to be acknowledged, how many people have: 7.3 in numbers. */
export function AwarenessPage() {
  const { org, base } = useOrganisation();
  useTitle('Who has read what');
  const query = useInfiniteQuery({
    queryKey: ['awareness', org],
    initialPageParam: '',
    queryFn: ({ pageParam }) => ask(base, 'GET awareness', { after: pageParam }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="mx-auto max-w-5xl space-y-4 p-4 sm:p-6">
      <div>
        <h1>Who has read what</h1>
        <p className="text-muted">
          Documents in force that are to be acknowledged, and how many people have done so.
        </p>
      </div>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      {query.data && items.length === 0 && (
        <Nothing title="No document in force is to be acknowledged">
          Say in a document by whom it is to be acknowledged, approve and publish it.
        </Nothing>
      )}
      {items.length > 0 && (
        <Scroll className="card overflow-x-auto" label="Documents and how many people acknowledged them">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Document</th>
                <th scope="col">Kind</th>
                <th scope="col">By</th>
                <th scope="col" className="num">
                  Acknowledged
                </th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {items.map((d) => (
                <tr key={d.ref}>
                  <td>
                    <RefLink to={d.ref} title={d.title} />
                  </td>
                  <td>{words(d.kind)}</td>
                  <td>{d.demanded === 'named' ? 'Named readers' : 'Everyone'}</td>
                  <td className="num whitespace-nowrap">
                    {d.acknowledged} of {d.total}
                  </td>
                  <td>
                    <meter
                      className="w-28"
                      min={0}
                      max={Math.max(1, d.total)}
                      value={d.acknowledged}
                      aria-label={`${d.acknowledged} of ${d.total}`}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {query.hasNextPage && (
        <button type="button" className="btn" onClick={() => query.fetchNextPage()}>
          Load more
        </button>
      )}
    </div>
  );
}
