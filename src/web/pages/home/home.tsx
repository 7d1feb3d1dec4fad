import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Dashboard } from '../../../answers/home.ts';
import { dashboardQuery, firstHourQuery, useOrganisation } from '../../api/queries.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { plural, words } from '../../kit/format.ts';
import { InUse } from '../../kit/in-use.tsx';
import { Failed, Loading, Nothing } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { VerdictBadge } from '../../kit/verdict.tsx';
import { stepLabel } from '../../shell/sections.ts';
import { WorkSection } from '../my-work/my-work.tsx';
import { FirstSteps } from './first-steps.tsx';
import { nextSteps } from './next-steps.ts';

/** What is there, what the gate said last, and what comes next. Nothing is green that nobody decided. */
export function Home() {
  const { org, meta, asOf } = useOrganisation();
  const { data, error } = useQuery(dashboardQuery(org, asOf));
  const { data: hour } = useQuery({ ...firstHourQuery(org), enabled: !asOf });
  return (
    <div className="mx-auto max-w-6xl p-4 sm:p-6">
      <h1 className="mb-4">{meta.organisation.name}</h1>
      <Failed error={error} />
      {!data && !error && <Loading />}
      {!asOf && (
        <div className="mb-6">
          <WorkSection />
        </div>
      )}
      {data && (
        <div className="space-y-6">
          <InUse uses={data.inUse} />
          {!asOf && hour?.steps.some((s) => !s.done) && <FirstSteps hour={hour} />}
          {!asOf && hour?.complete && <Next data={data} />}
          <Releases data={data} />
          <Steps data={data} />
          <p className="text-muted">
            <Link to="/o/$org/ledger" params={{ org }}>
              {plural(data.log.size, 'entry', 'entries')} in the ledger
            </Link>
            . Counts say what is recorded. They do not say that a clause is met.
          </p>
        </div>
      )}
    </div>
  );
}

function Next({ data }: { data: Dashboard }) {
  const { org, meta } = useOrganisation();
  const steps = nextSteps(data, meta);
  if (steps.length === 0) return null;
  return (
    <section aria-labelledby="next" className="card px-4 py-3">
      <h2 id="next" className="mb-1">
        Next steps
      </h2>
      <ol className="list-decimal space-y-1 pl-5">
        {steps.map((s) => (
          <li key={s.text}>
            {s.ref ? (
              <Link to="/o/$org/$register/$ref" params={{ org, register: s.register, ref: s.ref }}>
                {s.text}
              </Link>
            ) : (
              <Link
                to="/o/$org/$register"
                params={{ org, register: s.register }}
                search={s.create ? { new: 'yes' } : {}}
              >
                {s.text}
              </Link>
            )}
            {s.why && <span className="text-muted"> {s.why}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Releases({ data }: { data: Dashboard }) {
  return (
    <section aria-labelledby="releases">
      <h2 id="releases" className="mb-2">
        Releases and what the gate said last
      </h2>
      {data.releases.length === 0 ? (
        <div className="card">
          <Nothing title="No release yet">
            A release names its components; the gate then says what is missing to ship it.
          </Nothing>
        </div>
      ) : (
        <Scroll className="card overflow-x-auto" label="Table of releases">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Release</th>
                <th scope="col">AI system</th>
                <th scope="col">State</th>
                <th scope="col">Last verdict</th>
              </tr>
            </thead>
            <tbody>
              {data.releases.map((r) => (
                <tr key={r.ref}>
                  <td>
                    <RefLink to={r.ref} title={r.title} />
                  </td>
                  <td>{r.system !== null && <SystemText text={r.system} />}</td>
                  <td>
                    <StateBadge state={r.state} />
                  </td>
                  <td>
                    {r.verdict ? (
                      <VerdictBadge verdict={r.verdict} />
                    ) : (
                      <span className="text-muted">not decided yet</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

const SystemText = ({ text }: { text: string }) =>
  /^[A-Z]{3}-\d+$/.test(text) ? <RefLink to={text} /> : <span>{text}</span>;

function Steps({ data }: { data: Dashboard }) {
  const { org, register } = useOrganisation();
  return (
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      {data.steps.map((s) => (
        <section key={s.step} className="card p-3" aria-labelledby={`count-${s.step}`}>
          <h2 id={`count-${s.step}`} className="mb-1">
            {stepLabel(s.step)}
          </h2>
          {s.registers.length === 0 && <p className="text-muted">No registers here yet</p>}
          <ul>
            {s.registers.map((r) => (
              <li key={r.name} className="border-t border-line py-1.5">
                <div className="flex justify-between gap-3">
                  <Link to="/o/$org/$register" params={{ org, register: r.name }}>
                    {register(r.name)?.label.many ?? r.label}
                  </Link>
                  <span className="tabular-nums">
                    {r.count === 0 ? <span className="text-muted">nothing recorded yet</span> : r.count}
                  </span>
                </div>
                {r.count > 0 && (
                  <p className="text-[12.5px] text-muted">
                    {Object.entries(r.byState)
                      .filter(([, n]) => n > 0)
                      .map(([state, n]) => `${n} ${words(state).toLowerCase()}`)
                      .join(' · ')}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
