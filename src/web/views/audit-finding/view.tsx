import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Registers } from '../../../registers/index.ts';
import { getRecords } from '../../api/asked.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { Failed } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { say } from '../../kit/toast.tsx';
import type { ViewProps } from '../index.ts';

/** What became of a finding: the nonconformities opened from it. */
export function View({ record }: ViewProps<Registers['auditFinding']>) {
  const { org, base } = useOrganisation();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const list = useQuery({
    queryKey: ['nonconformitiesOf', org, record.ref],
    queryFn: () => getRecords(base, 'nonconformity', { findings: record.ref, limit: 100, sort: 'number' }),
  });
  const open = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await ask(base, 'POST auditFinding/:ref/nonconformity', { ref: record.ref }, {});
      say(`${made.ref}: open`);
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const possible =
    (record.state === 'raised' || record.state === 'answered') && record.values.grade !== 'conforms';
  return (
    <section aria-labelledby="follow" className="space-y-2">
      <h2 id="follow">Nonconformities</h2>
      <Failed error={list.error} />
      {list.data?.items.length === 0 && <p className="text-muted">None was opened from this finding.</p>}
      <ul className="space-y-1">
        {list.data?.items.map((n) => (
          <li key={n.ref}>
            <RefLink to={n.ref} title={n.title} /> <StateBadge state={n.state} />
          </li>
        ))}
      </ul>
      <Failed error={error} />
      {possible && (
        <button type="button" className="btn" onClick={open} disabled={busy}>
          Open a nonconformity from this finding
        </button>
      )}
    </section>
  );
}
