import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SoaStatement, StatementLine } from '../../../answers/risk.ts';
import { addressOf, ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { Badge, StateBadge } from '../../kit/badge.tsx';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { plural } from '../../kit/format.ts';
import { Icon } from '../../kit/icons.tsx';
import { Failed, Loading } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { say } from '../../kit/toast.tsx';
import { useTitle } from '../../records/record-page.tsx';

/** The statement of applicability: every control of Annex A, whether it is necessary, why, and what is still open. */
export function StatementPage() {
  useTitle('Statement of applicability');
  return <Computed />;
}

function Computed() {
  const { org, base, register, asOf } = useOrganisation();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const found = useQuery({
    queryKey: ['soa', org, asOf],
    queryFn: () => ask(base, 'GET control/statement', { asOf }),
  });
  const missing = found.data?.groups.flatMap((g) => g.lines).filter((l) => l.ref === null).length ?? 0;
  const propose = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await ask(base, 'POST control/propose', {}, {});
      say(`${plural(made.created.length, 'line')} proposed; nothing is decided`);
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="mx-auto max-w-6xl space-y-4 p-4 sm:p-6">
      <div className="flex flex-wrap items-center gap-2">
        <h1 className="mr-auto">Statement of applicability</h1>
        {missing > 0 && !asOf && register('control')?.mayCreate && (
          <button type="button" className="btn btn-primary" onClick={propose} disabled={busy}>
            Propose {plural(missing, 'missing line')}
          </button>
        )}
        <a className="btn" href={addressOf(base, 'GET control/statement', { format: 'csv', asOf })} download>
          <Icon name="download" /> CSV
        </a>
      </div>
      <Failed error={error} />
      <Failed error={found.error} />
      {found.isPending && <Loading />}
      <ErasedSince of={found.data} />
      {found.data && <Lines statement={found.data} />}
    </div>
  );
}

function Lines({ statement: s }: { statement: SoaStatement }) {
  const c = s.counts;
  return (
    <>
      <p>
        {c.controls} controls: {c.necessary} necessary ({c.implemented} confirmed as implemented),{' '}
        {c.excluded} not necessary, {c.undecided} not decided. {plural(c.withGaps, 'line')}{' '}
        {c.withGaps === 1 ? 'has' : 'have'} gaps.
      </p>
      {s.groups.map((g) => (
        <section key={g.id} aria-labelledby={`group-${g.id}`}>
          <h2 id={`group-${g.id}`} className="mb-1">
            {g.id === 'own' ? '' : `${g.id} `}
            {g.title}
          </h2>
          <Scroll className="card overflow-x-auto" label={`Controls: ${g.title}`}>
            <table className="grid-table min-w-4xl table-fixed">
              <thead>
                <tr>
                  <th scope="col" className="w-52">
                    Control
                  </th>
                  <th scope="col" className="w-32">
                    Necessary
                  </th>
                  <th scope="col">Why</th>
                  <th scope="col">How it is carried out</th>
                  <th scope="col" className="w-56">
                    Gaps
                  </th>
                </tr>
              </thead>
              <tbody>
                {g.lines.map((l) => (
                  <Row key={l.code} line={l} texts={s.gapTexts} />
                ))}
              </tbody>
            </table>
          </Scroll>
        </section>
      ))}
    </>
  );
}

function Row({ line: l, texts }: { line: StatementLine; texts: Record<string, string> }) {
  return (
    <tr>
      <th scope="row" className="align-top whitespace-normal!">
        <span className="ref">{l.code}</span> <span className="font-normal text-ink">{l.title}</span>
        {l.ref && (
          <span className="block">
            <RefLink to={l.ref} />
          </span>
        )}
        {l.otherRegister && <span className="block font-normal">{l.otherRegister}</span>}
      </th>
      <td>
        <p>{l.necessary === null ? 'Not decided' : l.necessary ? 'Yes' : 'No'}</p>
        {l.state && <StateBadge state={l.state} />}
        {l.standing && l.standing !== 'current' && <Badge tone="warn">Stale</Badge>}
      </td>
      <td className="prose-plain">
        <Long text={l.why} />
      </td>
      <td className="prose-plain">
        <Long text={l.implementation} />
        {l.systems.length > 0 && (
          <p>
            {l.systems.map((ref) => (
              <span key={ref}>
                <RefLink to={ref} />{' '}
              </span>
            ))}
          </p>
        )}
      </td>
      <td>
        <ul>
          {l.gaps.map((gap) => (
            <li key={gap}>{texts[gap] ?? gap}</li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

const FOLD = 160;

/** A long text folded to its beginning. */
function Long({ text }: { text: string | null }) {
  if (text === null) return <span className="text-muted">–</span>;
  if (text.length <= FOLD + 40) return <>{text}</>;
  return (
    <details>
      <summary>{text.slice(0, FOLD).trimEnd()}…</summary>
      {text}
    </details>
  );
}
