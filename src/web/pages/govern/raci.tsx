import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RaciMatrix } from '../../../answers/govern.ts';
import { getRecords } from '../../api/asked.ts';
import { addressOf, ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { useSearchText } from '../../kit/address.ts';
import { Badge, StateBadge } from '../../kit/badge.tsx';
import { plural } from '../../kit/format.ts';
import { Icon } from '../../kit/icons.tsx';
import { Failed, Loading } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { useTitle } from '../../records/record-page.tsx';

const PARTS: Record<string, string> = {
  responsible: 'R',
  accountable: 'A',
  consulted: 'C',
  informed: 'I',
};

/** Who is responsible, accountable, consulted and informed: for one AI system, or for the whole organisation. */
export function RaciPage() {
  const { org, base } = useOrganisation();
  const system = useSearchText('system') ?? '';
  const navigate = useNavigate();
  useTitle('RACI matrix');
  const systems = useQuery({
    queryKey: ['records', org, 'aiSystem', 'for-raci'],
    queryFn: () => getRecords(base, 'aiSystem', { limit: 200, sort: 'name' }),
  });
  const { data, error } = useQuery({
    queryKey: ['raci', org, system],
    queryFn: () => ask(base, 'GET raci', { system }),
  });
  const choose = (next: string) =>
    navigate({ to: '/o/$org/raci', params: { org }, search: next ? { system: next } : {} });
  return (
    <div className="mx-auto max-w-6xl space-y-5 p-4 sm:p-6">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="flex-1">RACI matrix</h1>
        <select
          className="input w-auto! max-w-full"
          aria-label="For"
          value={system}
          onChange={(e) => choose(e.target.value)}
        >
          <option value="">The whole organisation</option>
          {systems.data?.items.map((s) => (
            <option key={s.ref} value={s.ref}>
              {s.ref} {s.title}
            </option>
          ))}
        </select>
        <a className="btn" href={addressOf(base, 'GET raci', { system, format: 'csv' })} download>
          <Icon name="download" /> CSV
        </a>
      </div>
      <Failed error={error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          <p aria-live="polite">
            {data.gaps + data.conflicts === 0 ? (
              <Badge tone="ok">No gaps, no conflicts</Badge>
            ) : (
              <Badge tone={data.conflicts > 0 ? 'bad' : 'warn'}>
                {plural(data.gaps, 'gap')}, {plural(data.conflicts, 'conflict')}
              </Badge>
            )}{' '}
            <span className="text-muted">
              R responsible, A accountable (exactly one), C consulted, I informed; in brackets: not accepted
              yet.
            </span>
          </p>
          <Matrix data={data} />
          <Appointments data={data} />
        </>
      )}
    </div>
  );
}

function Matrix({ data }: { data: RaciMatrix }) {
  const { org } = useOrganisation();
  return (
    <Scroll className="card overflow-x-auto" label="RACI matrix">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Activity</th>
            {data.people.map((p) => (
              <th key={p.ref} scope="col">
                {p.name}
                {p.departed && ' (departed)'}
              </th>
            ))}
            <th scope="col">Gaps and conflicts</th>
          </tr>
        </thead>
        <tbody>
          {data.rows.map((r) => (
            <tr key={r.activity}>
              <th scope="row" className="font-normal! text-ink!">
                {r.label}
              </th>
              {data.people.map((p) => (
                <td key={p.ref} className="whitespace-nowrap">
                  {r.cells
                    .filter((c) => c.person === p.ref)
                    .map((c) => (
                      <span key={c.ref} className="mr-1.5">
                        <RaciLink org={org} cell={c} />
                      </span>
                    ))}
                </td>
              ))}
              <td>
                <span className="flex flex-wrap gap-1">
                  {r.conflicts.map((g) => (
                    <Badge key={g} tone="bad">
                      {g}
                    </Badge>
                  ))}
                  {r.gaps.map((g) => (
                    <Badge key={g} tone="warn">
                      {g}
                    </Badge>
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function RaciLink({ org, cell }: { org: string; cell: RaciMatrix['rows'][number]['cells'][number] }) {
  const letter = PARTS[cell.part] ?? cell.part;
  return (
    <a
      href={`#/o/${org}/responsibility/${cell.ref}`}
      className="font-semibold"
      aria-label={`${cell.part}${cell.state === 'proposed' ? ', not accepted yet' : ''}, ${cell.ref}`}
    >
      {cell.state === 'proposed' ? `(${letter})` : letter}
    </a>
  );
}

function Appointments({ data }: { data: RaciMatrix }) {
  return (
    <section aria-labelledby="appointments">
      <h2 id="appointments" className="mb-2">
        Appointments and competence
      </h2>
      {data.appointments.length === 0 && <p className="text-muted">None recorded.</p>}
      {data.appointments.length > 0 && (
        <Scroll className="card overflow-x-auto" label="Appointments">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Appointment</th>
                <th scope="col">Person</th>
                <th scope="col">Competence needed</th>
                <th scope="col">Shown by</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {data.appointments.map((a) => (
                <tr key={a.ref}>
                  <td>
                    <RefLink to={a.ref} title={a.title} />
                  </td>
                  <td>{a.name}</td>
                  <td className="prose-plain">{a.needed}</td>
                  <td className="prose-plain">
                    {a.shown}
                    {a.gap && <Badge tone="warn">{a.gap}</Badge>}
                  </td>
                  <td>
                    <StateBadge state={a.state} />
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
