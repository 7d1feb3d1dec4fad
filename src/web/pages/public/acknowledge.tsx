import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, baseOf } from '../../api/client.ts';
import { useSearchText } from '../../kit/address.ts';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { Door } from '../entry/door.tsx';

/** Whoever was sent a link reads the text and says so, with one button. */
export function PublicAcknowledge() {
  const org = useSearchText('org') ?? '';
  const token = useSearchText('token') ?? '';
  const base = baseOf(org);
  const [done, setDone] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const link = useQuery({
    queryKey: ['acknowledge', org, token],
    // Once used, the link opens nothing: asking again would only say so.
    enabled: !done && !busy,
    queryFn: () => ask(base, 'POST acknowledgement/read', {}, { token }),
  });
  const give = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await ask(base, 'POST acknowledgement', {}, { token });
      setDone(true);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  if (link.data === undefined && link.error)
    return (
      <Door title="This link opens nothing">
        <Failed error={link.error} />
      </Door>
    );
  if (!link.data) return <Loading />;
  const { data } = link;
  if (done)
    return (
      <Door title="Thank you">
        <Notice tone="ok">
          It is recorded that you, {data.name}, have read and understood “{data.title}”, edition{' '}
          {data.edition}. You can close this page.
        </Notice>
      </Door>
    );
  return (
    <Door title={data.title}>
      <p className="mb-3 text-muted">
        {data.organisation}, edition {data.edition} of {data.publishedAt.slice(0, 10)}. This link is for{' '}
        {data.name}.
      </p>
      {data.body && (
        <Scroll
          className="prose-plain mb-4 max-h-[55vh] overflow-y-auto rounded-md bg-sunken p-3"
          label="Text"
        >
          {data.body}
        </Scroll>
      )}
      {data.address && (
        <p className="mb-4">
          Read it at <a href={data.address}>{data.address}</a>
        </p>
      )}
      <div className="mb-3">
        <Failed error={error} />
      </div>
      <button type="button" className="btn btn-primary w-full" onClick={give} disabled={busy}>
        {busy ? 'Recording…' : 'I have read and understood it'}
      </button>
    </Door>
  );
}
