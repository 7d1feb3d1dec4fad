import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EditionsView } from '../../../answers/govern.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { momentText, shortDigest } from '../../kit/format.ts';
import { Failed, Loading, Nothing } from '../../kit/notice.tsx';
import { PersonName } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { say } from '../../kit/toast.tsx';
import type { ViewProps } from '../index.ts';
import { Acknowledged } from './acknowledged.tsx';
import { lineDiff, nearChanges } from './line-diff.ts';

/** The text that holds now, whatever is being written; what would change; who has read it; every publication. */
export function View({ record }: ViewProps<Registers['document']>) {
  const { base, org } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['editions', org, record.ref, record.version],
    queryFn: () => ask(base, 'GET document/:ref/editions', { ref: record.ref }),
  });
  if (error) return <Failed error={error} />;
  if (!data) return <Loading />;
  if (!data.inForce)
    return (
      <Nothing title={data.state === 'withdrawn' ? 'Withdrawn' : 'Not in force yet'}>
        {data.state === 'withdrawn'
          ? 'No edition of this document is in force.'
          : 'Once it is approved and published, its text stands here, with who has read it.'}
        {data.editions.length > 0 && <Publications data={data} />}
      </Nothing>
    );
  return (
    <div className="space-y-6">
      <InForce data={data} />
      {data.differs && <Differs data={data} />}
      <Acknowledged document={record.ref} edition={data.inForce} />
      <Publications data={data} />
    </div>
  );
}

function InForce({ data }: { data: EditionsView }) {
  const { base, org } = useOrganisation();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const edition = data.inForce!;
  const acknowledge = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await ask(base, 'POST document/:ref/acknowledge', { ref: data.ref });
      say(`You acknowledged ${data.ref}, edition ${edition.edition}`);
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby="in-force" className="space-y-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-56 flex-1">
          <h2 id="in-force">
            Edition {edition.edition}: {edition.title}
          </h2>
          <p className="text-muted">
            Published {momentText(edition.publishedAt)} as version {edition.version},{' '}
            <span className="mono">{shortDigest(edition.digest)}</span>.
            {data.reviewBy && ` To be reviewed by ${data.reviewBy}.`}
            {data.state !== 'published' && ' The next edition is being made; this one stays in force.'}
          </p>
        </div>
        <button type="button" className="btn btn-primary" onClick={acknowledge} disabled={busy}>
          I have read and understood it
        </button>
      </div>
      <Failed error={error} />
      {edition.body && (
        <Scroll className="card prose-plain max-h-[32rem] overflow-y-auto px-4 py-3" label="Text in force">
          {edition.body}
        </Scroll>
      )}
      {edition.address && (
        <p>
          Read it at <a href={edition.address}>{edition.address}</a>
        </p>
      )}
    </section>
  );
}

function Differs({ data }: { data: EditionsView }) {
  const shown = nearChanges(lineDiff(data.inForce?.body ?? '', data.present.body ?? ''));
  const changed = shown.some((l) => l && l.kind !== 'same');
  return (
    <section aria-labelledby="differs">
      <h2 id="differs" className="mb-2">
        What the present text changes
      </h2>
      {!changed && (
        <p className="text-muted">The text is the same; something else of it differs, see History.</p>
      )}
      {changed && (
        <Scroll className="card overflow-x-auto py-2" label="Lines removed and added">
          <div className="mono">
            {shown.map((l, i) =>
              l === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
                <p key={i} className="px-3 text-muted">
                  …
                </p>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
                <Line key={i} kind={l.kind} text={l.text} />
              ),
            )}
          </div>
        </Scroll>
      )}
    </section>
  );
}

function Line({ kind, text }: { kind: 'same' | 'removed' | 'added'; text: string }) {
  if (kind === 'same') return <p className="prose-plain px-3">{`  ${text}`}</p>;
  const removed = kind === 'removed';
  const Tag = removed ? 'del' : 'ins';
  return (
    <Tag className={`prose-plain block px-3 no-underline ${removed ? 'tone-bad' : 'tone-ok'}`}>
      <span className="sr-only">{removed ? 'Removed: ' : 'Added: '}</span>
      <span aria-hidden="true">{removed ? '− ' : '+ '}</span>
      {text}
    </Tag>
  );
}

function Publications({ data }: { data: EditionsView }) {
  return (
    <section aria-labelledby="publications">
      <h2 id="publications" className="mb-2">
        Publications
      </h2>
      <Scroll className="card overflow-x-auto" label="Table of publications">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Edition</th>
              <th scope="col">Published</th>
              <th scope="col">By</th>
              <th scope="col">Version</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>
            {data.editions.map((e) => (
              <tr key={e.version}>
                <td>{e.edition}</td>
                <td className="whitespace-nowrap tabular-nums">{momentText(e.publishedAt)}</td>
                <td>
                  <PersonName to={e.publishedBy} />
                </td>
                <td>{e.version}</td>
                <td className="mono">{shortDigest(e.digest)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
