import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Difference as Change, Differences } from '../../../answers/log.ts';
import type { Point, References } from '../../../answers/record.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { useSearchTexts } from '../../kit/address.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { momentText, plural, words } from '../../kit/format.ts';
import { Labelled } from '../../kit/labelled.tsx';
import { Failed, Loading, Nothing } from '../../kit/notice.tsx';
import { inputOf, pointOf } from '../../kit/point.ts';
import { PointFields } from '../../kit/point-fields.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { DiffList, differences } from '../../records/diff.tsx';
import { groupWords } from '../../records/erase-answer.ts';
import { useTitle } from '../../records/record-page.tsx';
import { heldOf } from './changes-held.ts';

type Search = Record<string, string>;

/** What was created and changed between two points: per register, record by record, with who and when. */
export function Changes() {
  const search: Search = useSearchTexts();
  useTitle('What changed');
  return (
    <div className="mx-auto max-w-5xl space-y-5 p-4 sm:p-6">
      <div>
        <h1>What changed</h1>
        <p className="text-muted">
          Two points in time, and what was created and changed between them: by whom, and from what to what.
        </p>
      </div>
      <Asked key={`${search.from} ${search.to} ${search.register}`} search={search} />
      {search.from && <Found from={search.from} to={search.to} only={search.register} />}
    </div>
  );
}

function Asked({ search }: { search: Search }) {
  const { org, meta, asOf } = useOrganisation();
  const navigate = useNavigate();
  const [from, setFrom] = useState(() => inputOf(search.from));
  const [to, setTo] = useState(() => inputOf(search.to ?? asOf));
  const [register, setRegister] = useState(search.register ?? '');
  const first = pointOf(from);
  const ask = () => {
    if (!first) return;
    const next = { from: first, to: pointOf(to) ?? '', register };
    navigate({ to: '/o/$org/changes', params: { org }, search: next });
  };
  return (
    <form
      className="card px-4 py-3"
      onSubmit={(e) => {
        e.preventDefault();
        ask();
      }}
    >
      <div className="grid gap-x-6 md:grid-cols-2">
        <PointFields legend="From" value={from} onChange={setFrom} />
        <PointFields legend="To (the present unless given)" value={to} onChange={setTo} />
      </div>
      <Labelled label="Register">
        {({ id }) => (
          <select
            id={id}
            className="input sm:max-w-80"
            value={register}
            onChange={(e) => setRegister(e.target.value)}
          >
            <option value="">All registers</option>
            {meta.registers.map((r) => (
              <option key={r.name} value={r.name}>
                {r.label.many}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <button type="submit" className="btn btn-primary" disabled={first === undefined}>
        Compare
      </button>
    </form>
  );
}

const PointText = ({ point }: { point: Point }) => (
  <>
    <time dateTime={point.at}>{momentText(point.at)}</time> (entry {point.size.toLocaleString('en')}
    {point.log > 1 && ` of log ${point.log}`})
  </>
);

function Found({ from, to, only }: { from: string; to?: string; only?: string }) {
  const { org, base } = useOrganisation();
  const query = useInfiniteQuery({
    queryKey: ['differences', org, from, to, only],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const asked = pageParam ? { after: pageParam } : { from, to, register: only };
      return ask(base, 'GET differences', asked, undefined, { signal });
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const references: References = Object.assign({}, ...(query.data?.pages.map((p) => p.references) ?? []));
  return (
    <section aria-label="Differences" className="space-y-5">
      <Failed error={query.error} />
      {query.isPending && <Loading what="Comparing" />}
      {first && (
        <p aria-live="polite">
          From <PointText point={first.from} /> to <PointText point={first.to} />. Both states were checked
          against the ledger.
        </p>
      )}
      {first && items.length === 0 && (
        <Nothing title="Nothing was created or changed">Choose points that lie further apart.</Nothing>
      )}
      {first && items.length > 0 && <Counts counts={first.counts} />}
      {groups(items).map(([register, mine]) => (
        <Register key={register} name={register} items={mine} references={references} />
      ))}
      {query.hasNextPage && (
        <button
          type="button"
          className="btn"
          disabled={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Load more
        </button>
      )}
    </section>
  );
}

/** Items by register, in the order they came. */
function groups(items: readonly Change[]): [string, Change[]][] {
  const out = new Map<string, Change[]>();
  for (const i of items) out.set(i.register, [...(out.get(i.register) ?? []), i]);
  return [...out];
}

function Counts({ counts }: { counts: Differences['counts'] }) {
  return (
    <Scroll className="card overflow-x-auto" label="Counts by register">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Register</th>
            <th scope="col">Created</th>
            <th scope="col">Changed</th>
          </tr>
        </thead>
        <tbody>
          {counts.map((c) => (
            <tr key={c.register}>
              <td>{c.label}</td>
              <td className="tabular-nums">{c.created}</td>
              <td className="tabular-nums">{c.changed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface RegisterProps {
  name: string;
  items: Change[];
  references: References;
}

function Register({ name, items, references }: RegisterProps) {
  const { register } = useOrganisation();
  const meta = register(name);
  return (
    <section aria-labelledby={`changes-${name}`}>
      <h2 id={`changes-${name}`} className="mb-2">
        {meta?.label.many ?? name}
      </h2>
      <ol className="space-y-3">
        {items.map((d) => (
          <li key={d.ref} className="card px-4 py-3">
            <Difference d={d} references={references} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Difference({ d, references }: { d: Change; references: References }) {
  const { register } = useOrganisation();
  const meta = register(d.register);
  const { before, after } = heldOf(d);
  const erased = [...new Set([...d.erased.from, ...d.erased.to])];
  return (
    <>
      <div className="mb-1 flex flex-wrap items-baseline gap-x-3">
        <h3>
          <RefLink to={d.ref} title={d.title} />
        </h3>
        <StateBadge state={d.state.to} />
        <span className="text-muted">{d.created ? 'Created' : 'Changed'}</span>
      </div>
      {meta && <DiffList list={differences(meta, before, after, references)} />}
      {erased.length > 0 && <p className="text-muted">Erased since: {groupWords(erased)}.</p>}
      <ul className="mt-2 text-[12.5px] text-muted">
        {d.versions.map((v) => (
          <li key={v.version}>
            Version {v.version}: {stepOf(meta?.transitions, v)} by {v.actor.name},{' '}
            <time dateTime={v.at}>{momentText(v.at)}</time>, ledger entry {v.logIndex}
            {v.reason && `: “${v.reason}”`}
          </li>
        ))}
        {d.versionsTotal > d.versions.length && (
          <li>and {plural(d.versionsTotal - d.versions.length, 'older version')} between</li>
        )}
      </ul>
    </>
  );
}

const stepOf = (
  transitions: readonly { name: string; label: string }[] | undefined,
  v: { act: string; transition?: string },
): string => transitions?.find((t) => t.name === v.transition)?.label ?? words(v.transition ?? v.act);
