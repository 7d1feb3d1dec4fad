import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Reading } from '../../answers/govern.ts';
import type { Registers } from '../../registers/index.ts';
import { ask } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { momentText, plural } from '../kit/format.ts';
import { TextInput } from '../kit/labelled.tsx';
import { Failed, Loading } from '../kit/notice.tsx';
import { PersonName } from '../kit/ref-link.tsx';
import { Scroll } from '../kit/scroll.tsx';
import { say } from '../kit/toast.tsx';
import type { ViewProps } from '../views/index.ts';

/** Readings over time against what is wanted, and a form for the next one. `wanted` is the value to keep to, if any. */
export function Readings({
  record,
  register,
  wanted,
}: ViewProps<Registers['monitor'] | Registers['objective']> & { wanted: number | undefined }) {
  const { base, org } = useOrganisation();
  const of = { register: register.name, ref: record.ref };
  const query = useInfiniteQuery({
    queryKey: ['readings', org, record.ref, record.version],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      ask(
        base,
        'GET :register/:ref/readings',
        { ...of, limit: 200, after: pageParam || undefined },
        undefined,
        { signal },
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const batches = query.data?.pages.flatMap((p) => p.items) ?? [];
  const unit = record.values.unit ? ` ${record.values.unit}` : '';
  const all = batches.flatMap((b) => b.rows.map((row) => ({ ...row, recordedAt: b.recordedAt, by: b.by })));
  return (
    <div className="space-y-5">
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <>
          <Chart rows={all} wanted={wanted} unit={unit} />
          <Add of={of} over={register.ended.includes(record.state)} />
          <Table rows={all} unit={unit} />
          {query.hasNextPage && (
            <button type="button" className="btn" onClick={() => query.fetchNextPage()}>
              Load more
            </button>
          )}
        </>
      )}
    </div>
  );
}

const WIDTH = 640;
const HEIGHT = 180;
const PAD = 24;

/** Of each period the value that was recorded last, in the order of the periods. */
function byPeriod(rows: readonly (Reading & { recordedAt: string })[]): Reading[] {
  const newest = new Map<string, Reading>();
  // Newest recorded first: the first of a period stands.
  for (const r of rows) if (!newest.has(r.to)) newest.set(r.to, r);
  return [...newest.values()].sort((a, b) => (a.to < b.to ? -1 : 1));
}

interface ChartProps {
  rows: readonly (Reading & { recordedAt: string })[];
  wanted: number | undefined;
  unit: string;
}

function Chart({ rows, wanted, unit }: ChartProps) {
  const points = byPeriod(rows);
  if (points.length < 2) return null;
  const values = [...points.map((p) => p.value), ...(wanted === undefined ? [] : [wanted])];
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const first = Date.parse(points[0]!.to);
  const days = Date.parse(points.at(-1)!.to) - first || 1;
  const x = (day: string) => PAD + ((Date.parse(day) - first) / days) * (WIDTH - 2 * PAD);
  const y = (v: number) => HEIGHT - PAD - ((v - low) / span) * (HEIGHT - 2 * PAD);
  const last = points.at(-1)!;
  const says = `${points.length} readings from ${points[0]!.to} to ${last.to}; the newest is ${last.value}${unit}${wanted === undefined ? '' : `, wanted is ${wanted}${unit}`}.`;
  return (
    <figure className="card p-3">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="h-auto w-full max-w-3xl"
        role="img"
        aria-label={says}
      >
        {wanted !== undefined && (
          <line
            x1={PAD}
            x2={WIDTH - PAD}
            y1={y(wanted)}
            y2={y(wanted)}
            stroke="var(--warn)"
            strokeWidth="1.5"
            strokeDasharray="6 4"
          />
        )}
        <polyline
          points={points.map((p) => `${x(p.to)},${y(p.value)}`).join(' ')}
          fill="none"
          stroke="var(--accent)"
          strokeWidth="2"
        />
        {points.map((p) => (
          <circle key={p.to} cx={x(p.to)} cy={y(p.value)} r="3.5" fill="var(--accent)">
            <title>{`${p.to}: ${p.value}${unit}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption className="text-[12.5px] text-muted">
        {says}
        {wanted !== undefined && ' Dashed: what is wanted.'}
      </figcaption>
    </figure>
  );
}

function Add({ of, over }: { of: { register: string; ref: string }; over: boolean }) {
  const { base, org } = useOrganisation();
  const [values, setValues] = useState({ from: '', to: '', value: '', note: '' });
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (over) return <p className="text-muted">It is over and takes no further readings.</p>;
  const put = (name: keyof typeof values) => (v: string) => setValues((was) => ({ ...was, [name]: v }));
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { from, to, value, note } = values;
      const number = value.trim() === '' ? null : Number(value.replace(',', '.'));
      const row = { ...(from ? { from } : {}), to, value: number, ...(note ? { note } : {}) };
      await ask(base, 'POST :register/:ref/readings', { ...of, format: 'json' }, JSON.stringify([row]));
      setValues({ from: '', to: '', value: '', note: '' });
      say('The reading is recorded');
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} noValidate className="card px-4 py-3">
      <h2 className="mb-2">A further reading</h2>
      <div className="grid gap-x-4 sm:grid-cols-2 lg:grid-cols-4">
        <TextInput label="Period from (optional)" type="date" value={values.from} onChange={put('from')} />
        <TextInput label="Period to" type="date" value={values.to} onChange={put('to')} />
        <TextInput label="Value" value={values.value} onChange={put('value')} />
        <TextInput label="Note (optional)" value={values.note} onChange={put('note')} />
      </div>
      <Failed error={error} />
      <button type="submit" className="btn btn-primary mt-2" disabled={busy}>
        Record
      </button>
    </form>
  );
}

function Table({ rows, unit }: { rows: (Reading & { recordedAt: string; by: string })[]; unit: string }) {
  if (rows.length === 0) return <p className="text-muted">No reading yet.</p>;
  return (
    <section aria-labelledby="readings">
      <h2 id="readings" className="mb-2">
        {plural(rows.length, 'reading')}
      </h2>
      <Scroll className="card overflow-x-auto" label="Table of readings">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Period</th>
              <th scope="col" className="num">
                Value
              </th>
              <th scope="col">Recorded</th>
              <th scope="col">By</th>
              <th scope="col">Note</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a reading has no identity but its place
              <tr key={i}>
                <td className="whitespace-nowrap tabular-nums">{r.from ? `${r.from} to ${r.to}` : r.to}</td>
                <td className="num whitespace-nowrap">
                  {r.value.toLocaleString('en')}
                  {unit}
                </td>
                <td className="whitespace-nowrap tabular-nums">{momentText(r.recordedAt)}</td>
                <td>
                  <PersonName to={r.by} />
                </td>
                <td className="wrap-anywhere">{r.note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
