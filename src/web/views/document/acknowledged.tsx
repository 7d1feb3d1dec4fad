import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Acknowledgements, Edition, MadeLinks } from '../../../answers/govern.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { chosenOf } from '../../kit/chosen.ts';
import { momentText, plural } from '../../kit/format.ts';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { say } from '../../kit/toast.tsx';
import { csvCell, saveText } from './download.ts';
import { FilePanel } from './file-panel.tsx';

const ANSWERS = ['yes', 'no'] as const;
const METHODS: Record<string, string> = { link: 'mailed link', hrFile: 'from a file', session: 'signed in' };

/** Who has and who has not acknowledged the edition in force, and the ways to reach the others. */
export function Acknowledged({ document, edition }: { document: string; edition: Edition }) {
  const { base, org, asOf } = useOrganisation();
  const [only, setOnly] = useState<'' | 'yes' | 'no'>('');
  const query = useInfiniteQuery({
    queryKey: ['acknowledgements', org, document, edition.digest, only],
    enabled: !asOf,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask(
        base,
        'GET document/:ref/acknowledgements',
        { ref: document, limit: 50, acknowledged: only || undefined, after: pageParam },
        undefined,
        { signal },
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section aria-labelledby="acknowledged" className="space-y-3">
      <h2 id="acknowledged">Who has read it</h2>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      {first?.demanded === 'nobody' && (
        <p className="text-muted">
          This edition is to be acknowledged by nobody. The next edition can ask for it.
        </p>
      )}
      {first && first.demanded !== 'nobody' && (
        <>
          <p aria-live="polite">
            <strong>
              {first.acknowledged} of {plural(first.total, 'person', 'people')}
            </strong>{' '}
            acknowledged it, {first.missing} did not yet.
            {first.linksOpen > 0 && ` ${plural(first.linksOpen, 'link')} out.`}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            <select
              className="input w-auto!"
              aria-label="Show"
              value={only}
              onChange={(e) => setOnly(chosenOf(['', ...ANSWERS], e.target.value))}
            >
              <option value="">Everybody</option>
              <option value="no">Not yet</option>
              <option value="yes">Acknowledged</option>
            </select>
            <Reach document={document} missing={first.missing} linksOpen={first.linksOpen} />
          </div>
          <People items={items} />
          {query.hasNextPage && (
            <button
              type="button"
              className="btn"
              disabled={query.isFetchingNextPage}
              onClick={() => query.fetchNextPage()}
            >
              Load more
            </button>
          )}
        </>
      )}
    </section>
  );
}

function People({ items }: { items: Acknowledgements['items'] }) {
  if (items.length === 0) return <p className="text-muted">Nobody.</p>;
  return (
    <Scroll className="card overflow-x-auto" label="People who are to acknowledge it">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">Acknowledged</th>
            <th scope="col">How</th>
            <th scope="col">Decision</th>
          </tr>
        </thead>
        <tbody>
          {items.map((i) => (
            <tr key={i.person}>
              <td>
                <RefLink to={i.person} title={i.name} />
              </td>
              <td className="whitespace-nowrap">
                {i.acknowledged ? (
                  <Badge tone="ok">{i.acknowledged.saidOn ?? momentText(i.acknowledged.at)}</Badge>
                ) : (
                  <Badge tone="warn">Not yet</Badge>
                )}
              </td>
              <td>{i.acknowledged && (METHODS[i.acknowledged.method] ?? i.acknowledged.method)}</td>
              <td>{i.acknowledged && <RefLink to={i.acknowledged.decision} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Links for those without an account, and what a file of others says. */
function Reach({ document, missing, linksOpen }: { document: string; missing: number; linksOpen: number }) {
  const { base, org } = useOrganisation();
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<MadeLinks>();
  const [file, setFile] = useState(false);
  const run = async (deed: () => Promise<string>) => {
    setError(undefined);
    try {
      say(await deed());
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    }
  };
  const links = () =>
    run(async () => {
      const answer = await ask(base, 'POST document/:ref/links', { ref: document });
      setMade(answer);
      const rows = [['name', 'email', 'link'], ...answer.items.map((i) => [i.name, i.email, i.link])];
      saveText(`links-${document}.csv`, `${rows.map((r) => r.map(csvCell).join(',')).join('\n')}\n`);
      return `${plural(answer.items.length, 'link')} made`;
    });
  const withdraw = () =>
    run(async () => {
      const { withdrawn } = await ask(base, 'POST document/:ref/links/withdraw', { ref: document });
      setMade(undefined);
      return `${plural(withdrawn, 'link')} withdrawn`;
    });
  return (
    <>
      {missing > 0 && (
        <button type="button" className="btn" onClick={links}>
          Make links to mail
        </button>
      )}
      {linksOpen > 0 && (
        <button type="button" className="btn btn-danger" onClick={withdraw}>
          Withdraw open links
        </button>
      )}
      <button type="button" className="btn" onClick={() => setFile(true)}>
        Take over from a file
      </button>
      {(error !== undefined || made) && (
        <div className="w-full space-y-2">
          <Failed error={error} />
          {made && <Made made={made} />}
        </div>
      )}
      {file && <FilePanel document={document} onClose={() => setFile(false)} />}
    </>
  );
}

function Made({ made }: { made: MadeLinks }) {
  return (
    <Notice
      tone="busy"
      title={`${plural(made.items.length, 'personal link')} until ${made.expiresAt.slice(0, 10)}`}
    >
      <p>
        The file with names, addresses and links was saved; the links are shown nowhere again. Mail each to
        its person: nothing is sent from here. <RefLink to={made.communication} /> keeps that they were made.
      </p>
      {made.withoutEmail.length > 0 && <p>Without an e-mail address: {made.withoutEmail.join(', ')}.</p>}
      {made.withAccount > 0 && (
        <p>{plural(made.withAccount, 'person', 'people')} can sign in and need no link.</p>
      )}
    </Notice>
  );
}
