import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { RiskPortfolio } from '../../../answers/risk.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { plural } from '../../kit/format.ts';
import { Failed, Loading, Nothing, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { useTitle } from '../../records/record-page.tsx';
import { Figures, money } from '../../views/risk/curve.tsx';
import { SystemFilter, useSystem } from './system-filter.tsx';

/** Open risks in money, together. */
export function MoneyPage() {
  useTitle('Financial exposure');
  const { org, base, asOf } = useOrganisation();
  const system = useSystem();
  const { data, error } = useQuery({
    queryKey: ['portfolio', org, system, asOf],
    queryFn: () => ask(base, 'GET risk/portfolio', { system, asOf }),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="mx-auto max-w-6xl space-y-4 p-4 sm:p-6">
      <h1>Financial exposure</h1>
      <SystemFilter />
      <Failed error={error} />
      {!data && !error && <Loading what="Simulating" />}
      <ErasedSince of={data} />
      {data && <Found portfolio={data} />}
    </div>
  );
}

function Found({ portfolio: p }: { portfolio: RiskPortfolio }) {
  return (
    <>
      {p.notQuantified.count > 0 && (
        <Notice tone="warn">
          {plural(p.notQuantified.count, 'open risk')} {p.notQuantified.count === 1 ? 'has' : 'have'} no
          estimate and {p.notQuantified.count === 1 ? 'is' : 'are'} not in these figures: not known is not
          zero.
        </Notice>
      )}
      {p.currencies.length === 0 && (
        <Nothing title="No risk has an estimate in money">
          Give a risk its range of events a year, its range of losses, and the currency.
        </Nothing>
      )}
      {p.currencies.map((c) => (
        <section key={c.currency} aria-labelledby={`in-${c.currency}`} className="space-y-3">
          <h2 id={`in-${c.currency}`}>
            {plural(c.risks.length, 'risk')} in {c.currency}
          </h2>
          <Figures result={c.result} currency={c.currency} />
          <Scroll className="card overflow-x-auto" label={`Risks in ${c.currency}`}>
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Risk</th>
                  <th scope="col" className="num">
                    Expected loss a year
                  </th>
                </tr>
              </thead>
              <tbody>
                {c.risks.map((r) => (
                  <tr key={r.ref}>
                    <td>
                      <RefLink to={r.ref} title={r.title} />
                    </td>
                    <td className="num">{money(r.expected, c.currency)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p className="text-muted">
            Summed year by year as if the risks were independent of each other; if one cause sets off several,
            bad years are worse. Simulated with a fixed seed: the same estimates always give these figures.
          </p>
        </section>
      ))}
      {p.notQuantified.count > 0 && (
        <section aria-labelledby="not-estimated">
          <h2 id="not-estimated" className="mb-1">
            Without an estimate
          </h2>
          <ul>
            {p.notQuantified.risks.map((r) => (
              <li key={r.ref}>
                <RefLink to={r.ref} title={r.title} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
