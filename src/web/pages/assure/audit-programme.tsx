import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { getRecords } from '../../api/asked.ts';
import { useOrganisation } from '../../api/queries.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { plural } from '../../kit/format.ts';
import { Failed, Loading } from '../../kit/notice.tsx';
import { PersonName, RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { useTitle } from '../../records/record-page.tsx';

/** The audits of a year, and which systems in scope they look at. */
export function Programme() {
  const { org, base } = useOrganisation();
  useTitle('Audit programme');
  const [year, setYear] = useState(() => new Date().getUTCFullYear());
  const audits = useQuery({
    queryKey: ['programme', org, year],
    queryFn: () =>
      getRecords(base, 'audit', {
        kind: 'audit',
        'from.gte': `${year}-01-01`,
        'from.lte': `${year}-12-31`,
        sort: 'from',
        limit: 200,
      }),
  });
  const systems = useQuery({
    queryKey: ['programmeSystems', org],
    queryFn: () => getRecords(base, 'aiSystem', { state: 'inScope', limit: 200, sort: 'number' }),
  });
  const items = audits.data?.items ?? [];
  const covered = new Set(items.flatMap((a) => a.links.systems ?? []));
  const left = systems.data?.items.filter((s) => !covered.has(s.ref)) ?? [];
  return (
    <div className="mx-auto max-w-5xl space-y-5 p-4 sm:p-6">
      <header className="flex flex-wrap items-end gap-4">
        <h1 className="flex-1">Audit programme {year}</h1>
        <div className="flex gap-2">
          <button type="button" className="btn" onClick={() => setYear(year - 1)}>
            {year - 1}
          </button>
          <button type="button" className="btn" onClick={() => setYear(year + 1)}>
            {year + 1}
          </button>
        </div>
      </header>
      <Failed error={audits.error ?? systems.error} />
      {(audits.isPending || systems.isPending) && <Loading />}
      {audits.data && items.length === 0 && (
        <p className="text-muted">No audit is planned to begin in {year}.</p>
      )}
      {items.length > 0 && (
        <Scroll className="card overflow-x-auto" label="Audits of the year">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Audit</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Lead auditor</th>
                <th scope="col">AI systems</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {items.map((a) => (
                <tr key={a.ref}>
                  <td>
                    <RefLink to={a.ref} title={a.title} />
                  </td>
                  <td className="whitespace-nowrap">{a.values.from}</td>
                  <td className="whitespace-nowrap">{a.values.to}</td>
                  <td>
                    <PersonName to={a.values.owner} references={audits.data?.references} />
                  </td>
                  <td>{(a.links.systems ?? []).join(', ')}</td>
                  <td>
                    <StateBadge state={a.state} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {systems.data && (
        <section aria-labelledby="coverage">
          <h2 id="coverage" className="mb-1">
            AI systems in scope
          </h2>
          <p className="mb-1">
            {systems.data.items.length === 0
              ? 'No AI system is in scope yet, so nothing can be covered.'
              : `${systems.data.items.length - left.length} of ${plural(systems.data.items.length, 'system')} named in an audit of ${year}.`}
          </p>
          {left.length > 0 && <p className="mb-1 text-muted">Not named in one:</p>}
          <ul className="space-y-1">
            {left.map((s) => (
              <li key={s.ref}>
                <RefLink to={s.ref} title={s.title} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
