import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Against, MatrixRisk, RiskMatrix } from '../../../answers/risk.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { useSearchText } from '../../kit/address.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { plural } from '../../kit/format.ts';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { useTitle } from '../../records/record-page.tsx';
import { Grid } from './matrix-grid.tsx';
import { SystemFilter, useSystem } from './system-filter.tsx';

export const AGAINST: Record<Against, { tone: Tone; word: string }> = {
  unrated: { tone: 'warn', word: 'Not rated' },
  noCriteria: { tone: 'plain', word: 'No criteria in force' },
  within: { tone: 'plain', word: 'Within the appetite' },
  accepted: { tone: 'ok', word: 'Accepted' },
  treatedAbove: { tone: 'warn', word: 'Treated, still above' },
  untreated: { tone: 'bad', word: 'Above appetite, untreated' },
};

/** Open risks by likelihood and impact. */
export function MatrixPage() {
  useTitle('Risk matrix');
  const { org, base, asOf } = useOrganisation();
  const system = useSystem();
  const basis = useSearchText('basis');
  const before = basis === 'before';
  const { data, error } = useQuery({
    queryKey: ['matrix', org, system, before, asOf],
    queryFn: () => ask(base, 'GET risk/matrix', { system, basis: before ? 'before' : undefined, asOf }),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="mx-auto max-w-6xl space-y-4 p-4 sm:p-6">
      <h1>Risk matrix</h1>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <SystemFilter />
        <BasisChoice before={before} />
      </div>
      <Failed error={error} />
      {!data && !error && <Loading />}
      <ErasedSince of={data} />
      {data && <Found key={`${system} ${before} ${asOf}`} matrix={data} />}
    </div>
  );
}

function BasisChoice({ before }: { before: boolean }) {
  const navigate = useNavigate();
  const choose = (basis: string) =>
    navigate({
      to: '.',
      search: (s: Record<string, string>) => ({ ...s, basis }),
      replace: true,
    } as Parameters<typeof navigate>[0]);
  return (
    <fieldset className="flex gap-4">
      <legend className="sr-only">Which ratings</legend>
      {[
        { value: '', label: 'As they stand now', on: !before },
        { value: 'before', label: 'Before treatment', on: before },
      ].map((o) => (
        <label key={o.label} className="flex items-center gap-1.5">
          <input type="radio" name="basis" checked={o.on} onChange={() => choose(o.value)} />
          {o.label}
        </label>
      ))}
    </fieldset>
  );
}

function Found({ matrix: m }: { matrix: RiskMatrix }) {
  const [chosen, setChosen] = useState<{ likelihood: number; impact: number }>();
  const cell = m.cells.find((c) => c.likelihood === chosen?.likelihood && c.impact === chosen?.impact);
  return (
    <>
      {!m.criteria && (
        <Notice tone="warn">No criteria are in force, so nothing says which level is acceptable.</Notice>
      )}
      {!m.complete && (
        <Notice tone="warn">There are more risks than are shown here. Choose one AI system.</Notice>
      )}
      <p>
        {plural(m.total, 'open risk')}
        {m.unrated.count > 0 && `, ${m.unrated.count} of them not rated`}.{' '}
        {m.criteria && m.appetite !== null && (
          <>
            The thick line is the appetite of {m.appetite} (<RefLink to={m.criteria.ref} />
            ).{' '}
            {m.untreated.count === 0
              ? 'No risk is above it untreated.'
              : `${plural(m.untreated.count, 'risk')} above it ${m.untreated.count === 1 ? 'is' : 'are'} neither treated nor accepted.`}
          </>
        )}
      </p>
      <Grid matrix={m} chosen={chosen} onChoose={setChosen} />
      <section aria-live="polite" aria-label="Risks of the chosen cell">
        {cell && (
          <>
            <h2 className="mb-1">
              Level {cell.level}: likelihood {cell.likelihood}, impact {cell.impact}
            </h2>
            <Risks risks={cell.risks} count={cell.count} />
          </>
        )}
        {chosen && !cell && <p className="text-muted">No open risk is there.</p>}
        {!chosen && <p className="text-muted">Choose a cell to see its risks.</p>}
      </section>
      {m.untreated.count > 0 && (
        <section aria-labelledby="untreated">
          <h2 id="untreated" className="mb-1">
            Above the appetite, neither treated nor accepted
          </h2>
          <Risks risks={m.untreated.risks} count={m.untreated.count} />
        </section>
      )}
      {m.unrated.count > 0 && (
        <section aria-labelledby="unrated">
          <h2 id="unrated" className="mb-1">
            Not rated
          </h2>
          <ul>
            {m.unrated.risks.map((r) => (
              <li key={r.ref}>
                <RefLink to={r.ref} title={r.title} />
              </li>
            ))}
          </ul>
          <More count={m.unrated.count} shown={m.unrated.risks.length} />
        </section>
      )}
    </>
  );
}

function Risks({ risks, count }: { risks: readonly MatrixRisk[]; count: number }) {
  return (
    <>
      <ul className="space-y-1">
        {risks.map((r) => (
          <li key={r.ref} className="flex flex-wrap items-center gap-x-2">
            <RefLink to={r.ref} title={r.title} />
            <Badge tone={AGAINST[r.against].tone}>{AGAINST[r.against].word}</Badge>
            {r.raised && <Badge tone="warn">Raised by tests</Badge>}
          </li>
        ))}
      </ul>
      <More count={count} shown={risks.length} />
    </>
  );
}

const More = ({ count, shown }: { count: number; shown: number }) =>
  count > shown ? <p className="text-muted">And {plural(count - shown, 'more', 'more')}.</p> : null;
