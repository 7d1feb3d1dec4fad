import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RiskStanding } from '../../../answers/risk.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { AGAINST } from '../../pages/risk/matrix.tsx';
import type { ViewProps } from '../index.ts';
import { Figures } from './curve.tsx';

/** How the risk stands: what people claim, what tests say, and what it may cost. */
export function View({ record }: ViewProps<Registers['risk']>) {
  const { base, org, asOf } = useOrganisation();
  const standing = useQuery({
    queryKey: ['standing', org, record.ref, record.version, asOf],
    queryFn: () => ask(base, 'GET risk/:ref/standing', { ref: record.ref, asOf }),
  });
  const inMoney = useQuery({
    queryKey: ['quantification', org, record.ref, record.version, asOf],
    queryFn: () => ask(base, 'GET risk/:ref/quantification', { ref: record.ref, asOf }),
  });
  return (
    <div className="space-y-5">
      <Failed error={standing.error} />
      {standing.isPending && <Loading />}
      <ErasedSince of={standing.data} />
      {standing.data && <Stands s={standing.data} />}
      <section aria-labelledby="money" className="space-y-2">
        <h2 id="money">In money</h2>
        <Failed error={inMoney.error} />
        {inMoney.data?.result && <Figures result={inMoney.data.result} currency={inMoney.data.currency} />}
        {inMoney.data && !inMoney.data.result && (
          <p className="text-muted">
            No estimate yet. Missing: {inMoney.data.missing.map((label) => `"${label}"`).join(', ')}.
          </p>
        )}
      </section>
    </div>
  );
}

function Stands({ s }: { s: RiskStanding }) {
  return (
    <>
      <Notice tone={s.judged?.raised ? 'bad' : AGAINST[s.against].tone} title={AGAINST[s.against].word}>
        <p>{s.says}</p>
      </Notice>
      <Claims s={s} />
      <Tests s={s} />
      <p className="text-muted">
        {s.ratedUnder ? (
          <>
            Rated under <RefLink to={s.ratedUnder} />
            {s.ratedUnderInForce
              ? ', the criteria in force.'
              : s.criteria
                ? `; in force are ${s.criteria.ref}: rate it again.`
                : '; no criteria are in force.'}
          </>
        ) : (
          'The rating cites no criteria.'
        )}{' '}
        May be accepted by {s.accepts.role}
        {s.accepts.people.length > 0 && `: ${s.accepts.people.join(', ')}`}.
      </p>
    </>
  );
}

const shown = (v: number | undefined): ReactNode => v ?? <span className="text-muted">–</span>;

function Claims({ s }: { s: RiskStanding }) {
  const c = s.claim;
  const rows: [string, number | undefined, number | undefined][] = [
    ['Likelihood', c.likelihood, c.residualLikelihood],
    ['Impact on the organisation', c.impacts.organisation, c.residualImpacts.organisation],
    ['Impact on individuals and groups', c.impacts.individuals, c.residualImpacts.individuals],
    ['Impact on society', c.impacts.society, c.residualImpacts.society],
    ['Level: likelihood times the worst impact', c.level, c.residualLevel],
  ];
  return (
    <section aria-labelledby="claims">
      <h2 id="claims" className="mb-1">
        Assessed rating
      </h2>
      <Scroll className="card overflow-x-auto" label="Ratings before and after treatment">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Rating</th>
              <th scope="col" className="num">
                Before treatment
              </th>
              <th scope="col" className="num">
                After treatment
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([label, before, after]) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td className="num">{shown(before)}</td>
                <td className="num">
                  {after === undefined && c.residualLevel !== undefined ? (
                    <span className="text-muted">as before</span>
                  ) : (
                    shown(after)
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Tests({ s }: { s: RiskStanding }) {
  const { hazards, notMeasured } = s.measured;
  return (
    <section aria-labelledby="tests">
      <h2 id="tests" className="mb-1">
        Test-based rating
      </h2>
      {hazards.length === 0 && (
        <p className="text-muted">
          Nothing: no run on a release in use or on its way exercised a hazard of this risk.
        </p>
      )}
      {hazards.length > 0 && (
        <Scroll className="card overflow-x-auto" label="Measured hazards">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Hazard</th>
                <th scope="col">Release and runs</th>
                <th scope="col" className="num">
                  Failed
                </th>
                <th scope="col" className="num">
                  At most, with 95 % confidence
                </th>
                <th scope="col">Likelihood by the rule</th>
              </tr>
            </thead>
            <tbody>
              {hazards.map((h) => (
                <tr key={`${h.hazard} ${h.release}`}>
                  <td>
                    <RefLink to={h.hazard} title={h.title} />
                  </td>
                  <td>
                    <RefLink to={h.release} />:{' '}
                    {h.runs.map((r) => (
                      <span key={r}>
                        <RefLink to={r} />{' '}
                      </span>
                    ))}
                  </td>
                  <td className="num">
                    {h.failed} of {h.cases}
                  </td>
                  <td className="num">{h.bound} %</td>
                  <td>{h.speaks ? h.level : 'No failure: the claim is kept'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {s.judged && hazards.length > 0 && (
        <p className="mt-1">
          Claimed {s.judged.likelihood}
          {s.measured.likelihood !== undefined && `, measured ${s.measured.likelihood}`}: likelihood{' '}
          <strong>{s.judged.effectiveLikelihood}</strong> counts, level{' '}
          <strong>{s.judged.effectiveLevel}</strong>.{s.criteria && ` Rule: ${s.criteria.ref}.`}
        </p>
      )}
      {notMeasured.length > 0 && (
        <p className="mt-1 text-muted">
          Not tested:{' '}
          {notMeasured.map((h) => (
            <span key={h}>
              <RefLink to={h} />{' '}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}
