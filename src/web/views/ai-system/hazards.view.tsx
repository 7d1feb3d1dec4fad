import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Proposals } from '../../../answers/risk.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { chosenOf } from '../../kit/chosen.ts';
import { words } from '../../kit/format.ts';
import { Failed, Loading } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { say } from '../../kit/toast.tsx';
import type { ViewProps } from '../index.ts';

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
type Severity = (typeof SEVERITIES)[number];

/** Hazards of the system: those on record, and at most eight that fit by what is recorded about it. */
export function View({ record }: ViewProps<Registers['aiSystem']>) {
  const { base, org } = useOrganisation();
  const found = useQuery({
    queryKey: ['hazardProposals', org, record.ref],
    queryFn: () => ask(base, 'GET aiSystem/:ref/hazards', { ref: record.ref }),
  });
  return (
    <div className="space-y-5">
      <Failed error={found.error} />
      {found.isPending && <Loading />}
      {found.data && (
        <>
          <Known known={found.data.known} />
          <Proposed
            key={found.data.proposals.map((p) => p.code).join()}
            found={found.data}
            system={record.ref}
          />
        </>
      )}
    </div>
  );
}

function Known({ known }: { known: Proposals['known'] }) {
  return (
    <section aria-labelledby="known">
      <h2 id="known" className="mb-1">
        On record
      </h2>
      {known.length === 0 && <p className="text-muted">No hazard is recorded for this system yet.</p>}
      <ul className="space-y-1">
        {known.map((h) => (
          <li key={h.ref} className="flex flex-wrap items-center gap-x-2">
            <RefLink to={h.ref} title={h.title} /> <StateBadge state={h.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Proposed({ found, system }: { found: Proposals; system: string }) {
  const { base, org } = useOrganisation();
  const [chosen, setChosen] = useState<Record<string, Severity>>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const toggle = (code: string, severity: Severity) =>
    setChosen(({ [code]: was, ...rest }) => (was === undefined ? { ...rest, [code]: severity } : rest));
  const take = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const hazards = Object.entries(chosen).map(([code, severity]) => ({ code, severity }));
      const done = await ask(base, 'POST aiSystem/:ref/hazards', { ref: system }, { hazards });
      say(`${done.created.length} recorded, ${done.linked.length} linked`);
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  const count = Object.keys(chosen).length;
  return (
    <section aria-labelledby="proposed">
      <h2 id="proposed">Proposed</h2>
      <p className="mb-2 text-muted">
        Chosen from the catalogue by role, class, components and the words of the purpose. What nobody wrote
        down is not found.
      </p>
      <Failed error={error} />
      <ul className="space-y-2">
        {found.proposals.map((p) => (
          <li key={p.code} className="card flex flex-wrap items-start gap-3 px-3 py-2">
            <label className="flex min-w-0 flex-1 basis-80 items-start gap-2.5">
              <input
                type="checkbox"
                className="mt-1"
                checked={chosen[p.code] !== undefined}
                onChange={() => toggle(p.code, p.severity)}
              />
              <span className="min-w-0">
                <strong>
                  {p.code} {p.title}
                </strong>
                <span className="block">{p.description}</span>
                <span className="block text-muted">
                  Because {p.why.join('; ')}.
                  {p.record && ` On record as ${p.record.ref} for other systems: it is linked.`}
                </span>
              </span>
            </label>
            {!p.record && (
              <select
                className="input w-auto!"
                aria-label={`Severity of ${p.code}`}
                value={chosen[p.code] ?? p.severity}
                onChange={(e) => {
                  const severity = chosenOf(SEVERITIES, e.target.value);
                  setChosen((c) => ({ ...c, [p.code]: severity }));
                }}
              >
                {SEVERITIES.map((s) => (
                  <option key={s} value={s}>
                    {words(s)}
                  </option>
                ))}
              </select>
            )}
          </li>
        ))}
      </ul>
      {found.proposals.length > 0 && (
        <button type="button" className="btn btn-primary mt-3" disabled={count === 0 || busy} onClick={take}>
          {count === 0 ? 'Add selected' : `Add ${count}`}
        </button>
      )}
    </section>
  );
}
