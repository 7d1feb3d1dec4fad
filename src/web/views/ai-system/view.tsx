import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Requirements } from '../../../answers/gate.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { plural, words } from '../../kit/format.ts';
import { LinkedText } from '../../kit/linked-text.tsx';
import { Failed, Loading } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import type { ViewProps } from '../index.ts';

type Item = Requirements['items'][number];

/** What the risk class asks of this system, with what is there and who does what next; and what it does not ask. */
export function View({ record }: ViewProps<Registers['aiSystem']>) {
  const { org, base, asOf } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['requirements', org, record.ref, record.version, asOf],
    queryFn: () => ask(base, 'GET aiSystem/:ref/requirements', { ref: record.ref, asOf }),
  });
  if (error) return <Failed error={error} />;
  if (!data) return <Loading />;
  const asked = data.items.filter((i) => i.status !== 'notAsked');
  const not = data.items.filter((i) => i.status === 'notAsked');
  const there = asked.filter((i) => i.status === 'done').length;
  return (
    <div className="max-w-3xl space-y-4">
      <ErasedSince of={data} />
      <p>
        {data.riskClass
          ? `Risk class ${words(data.riskClass).toLowerCase()}.`
          : 'No risk class yet: it is treated as high.'}{' '}
        {data.criteria ? (
          <>
            Asked by <RefLink to={data.criteria} />.
          </>
        ) : (
          'No criteria are in force; this is the default for the class.'
        )}{' '}
        {there} of {plural(asked.length, 'point')} recorded.
      </p>
      <section className="card px-4 py-3" aria-labelledby="asked">
        <h2 id="asked">Asked of this system</h2>
        <ul>
          {asked.map((i) => (
            <Asked key={i.id} item={i} system={record.ref} />
          ))}
        </ul>
      </section>
      <section className="card px-4 py-3" aria-labelledby="each-release">
        <h2 id="each-release">Asked of each release</h2>
        <ul>
          {data.eachRelease.map((e) => (
            <li key={e.check} className="py-1">
              {e.title}: {e.asks}
            </li>
          ))}
        </ul>
      </section>
      {not.length > 0 && (
        <section className="card px-4 py-3" aria-labelledby="not-asked">
          <h2 id="not-asked">Not asked of this system</h2>
          <ul className="text-muted">
            {not.map((i) => (
              <li key={i.id} className="py-1">
                {i.title}: {i.text}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Asked({ item, system }: { item: Item; system: string }) {
  const { org, ofRef } = useOrganisation();
  const { next } = item;
  return (
    <li className="border-b border-line py-2 last:border-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <strong>{item.title}</strong>
        <Badge tone={item.status === 'done' ? 'plain' : 'warn'}>
          {item.status === 'done' ? 'Recorded' : 'Missing'}
        </Badge>
      </p>
      <p className="text-muted">{item.asks}</p>
      <p>
        <LinkedText
          text={item.text}
          // The next step names its record itself.
          refs={item.records.filter((ref) => ref !== next?.ref).slice(0, 5)}
        />{' '}
        {next &&
          (next.create ? (
            <Link to="/o/$org/$register" params={{ org, register: next.create }} search={{ new: 'yes' }}>
              {next.text}
            </Link>
          ) : next.ref && next.ref !== system ? (
            <Link
              to="/o/$org/$register/$ref"
              params={{ org, register: ofRef(next.ref)?.name ?? '', ref: next.ref }}
            >
              {next.text}
            </Link>
          ) : next.ref ? (
            <span>Next: {next.text}</span>
          ) : (
            <Link to="/o/$org/presets" params={{ org }}>
              {next.text}
            </Link>
          ))}
        {next?.who && ` (${next.who})`}
      </p>
    </li>
  );
}
