import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { PresetView, Taken } from '../../../answers/gate.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { momentText, plural, words } from '../../kit/format.ts';
import { TextInput } from '../../kit/labelled.tsx';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';

/** How much is asked of an organisation of this size: three presets of criteria, one of which fits. */
export function Presets() {
  const { org, base } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['presets', org],
    queryFn: () => ask(base, 'GET presets', {}),
  });
  const [chosen, setChosen] = useState<string>();
  const [taken, setTaken] = useState<Taken>();
  const shown = data?.items.find((p) => p.name === chosen) ?? data?.items.find((p) => p.proposed);
  return (
    <div className="mx-auto max-w-4xl space-y-4 p-4 sm:p-6">
      <h1>Starting criteria</h1>
      <Failed error={error} />
      {!data && !error && <Loading />}
      {data && (
        <p>
          {plural(data.people, 'person', 'people')} in the organisation.{' '}
          {data.inForce ? (
            <>
              In force: <RefLink to={data.inForce} />.
            </>
          ) : (
            'No criteria are in force yet, so the release gate lets nothing through.'
          )}
        </p>
      )}
      {taken && <TakenNotice taken={taken} />}
      {data && shown && !taken && (
        <>
          <fieldset className="flex flex-wrap gap-x-5 gap-y-1">
            <legend className="sr-only">Size of the organisation</legend>
            {data.items.map((p) => (
              <label key={p.name} className="flex items-center gap-2">
                <input type="radio" name="preset" checked={p === shown} onChange={() => setChosen(p.name)} />
                {p.title}
                {p.proposed && <span className="text-muted">(fits)</span>}
              </label>
            ))}
          </fieldset>
          <PresetCard key={shown.name} preset={shown} onTaken={setTaken} />
        </>
      )}
    </div>
  );
}

function TakenNotice({ taken }: { taken: Taken }) {
  const { org } = useOrganisation();
  const who = taken.asked.map((p) => p.name).join(' or ');
  return (
    <Notice tone="busy">
      <RefLink to={taken.ref} title={taken.title} /> waits for its decision.{' '}
      {taken.aloneFrom
        ? `As the only person here, you can decide it alone from ${momentText(taken.aloneFrom)}.`
        : who
          ? `Asked: ${who}.`
          : 'Nobody else holds a role of management yet: invite somebody, or name a guest.'}{' '}
      <Link to="/o/$org" params={{ org }}>
        Next steps
      </Link>
    </Notice>
  );
}

function PresetCard({ preset, onTaken }: { preset: PresetView; onTaken: (t: Taken) => void }) {
  const { org, base } = useOrganisation();
  const [appetite, setAppetite] = useState(String(preset.values.appetite));
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const take = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const body = appetite.trim() ? { appetite: Number(appetite) } : {};
      const taken = await ask(base, 'POST presets/:preset/take', { preset: preset.name }, body);
      await afterWrite(org);
      onTaken(taken);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card space-y-3 p-4" aria-labelledby="preset">
      <h2 id="preset">{preset.title}</h2>
      <p>{preset.summary}</p>
      <PolicyTable preset={preset} />
      <p className="text-muted">
        Done again:{' '}
        {preset.values.intervals
          .map((i) => `${words(i.what).toLowerCase()} every ${plural(i.months, 'month')}`)
          .join(', ')}
        .
      </p>
      {preset.notAsked.length > 0 && (
        <div>
          <h3>Not asked of you</h3>
          <ul className="list-disc pl-5">
            {preset.notAsked.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      {preset.looser.length > 0 && (
        <Notice tone="warn">
          Asks for less than the criteria in force, and so needs a change ticket of kind criteria that
          designated management approved:
          <ul className="mt-1 list-disc pl-5">
            {preset.looser.map((l) => (
              <li key={l.text}>{l.text}</li>
            ))}
          </ul>
        </Notice>
      )}
      <form onSubmit={take} noValidate className="max-w-sm">
        <TextInput
          label="Risk appetite"
          help="Highest level, likelihood times impact, that may stay as it is: 1 to 25."
          value={appetite}
          onChange={setAppetite}
        />
        <Failed error={error} />
        <button type="submit" className="btn btn-primary mt-2" disabled={busy}>
          Take it and ask for approval
        </button>
      </form>
    </section>
  );
}

const COLUMNS: readonly [keyof PresetView['values']['gatePolicy'][number], string][] = [
  ['approvals', 'People'],
  ['tests', 'Tests'],
  ['minTrust', 'Evidence from'],
  ['drillMonths', 'Rollback drill, months'],
  ['riskMonths', 'Risk assessment, months'],
];

function PolicyTable({ preset }: { preset: PresetView }) {
  return (
    <Scroll className="overflow-x-auto" label="What the release gate asks of each risk class">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Class</th>
            {COLUMNS.map(([name, label]) => (
              <th key={name} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preset.values.gatePolicy.map((row) => (
            <tr key={row.riskClass}>
              <th scope="row">{words(row.riskClass)}</th>
              {COLUMNS.map(([name]) => (
                <td key={name}>{row[name] === 0 ? 'none' : words(String(row[name]))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
