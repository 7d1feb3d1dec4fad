import { useQuery } from '@tanstack/react-query';
import type { Because, Effect } from '../../answers/effects.ts';
import { ask } from '../api/client.ts';
import { useOrganisation } from '../api/queries.ts';
import { Badge } from '../kit/badge.tsx';
import { ErasedSince } from '../kit/erased-since.tsx';
import { plural } from '../kit/format.ts';
import { Failed } from '../kit/notice.tsx';
import { RefLink } from '../kit/ref-link.tsx';
import type { ViewProps } from '../views/index.ts';

type Status = 'stale' | 'renewed' | 'current';

const SAID: Readonly<Record<string, string>> = {
  approval: 'approval',
  acceptance: 'acceptance',
  waiver: 'decision to leave it out',
  test: 'test',
  allowance: 'allowance by the gate',
  conclusion: 'conclusion',
};

/** What changes of this record, or around it, made stale; and what a change would. */
export function EffectsPart({ record }: ViewProps) {
  const { base, org, asOf } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['effects', org, record.ref, record.version, asOf],
    queryFn: () =>
      ask(base, 'GET :register/:ref/effects', { register: record.register, ref: record.ref, asOf }),
  });
  if (error) return <Failed error={error} />;
  if (!data) return null;
  const of = (status: Status) => data.items.filter((i) => i.status === status);
  const { stale, renewed, current } = data.counts;
  if (stale + renewed + current === 0) return null;
  return (
    <section className="card mb-5 px-4 py-3" aria-labelledby="effects">
      <h2 id="effects">Needs re-approval</h2>
      <ErasedSince of={data} />
      {stale === 0 && <p className="text-muted">Nothing that rests on it is stale.</p>}
      <List items={of('stale')} />
      {renewed > 0 && (
        <Folded label={`${plural(renewed, 'record')} decided again since`} items={of('renewed')} />
      )}
      {current > 0 && (
        <Folded
          label={`Would become stale by a change: ${data.byRegister
            .filter((r) => r.current > 0)
            .map((r) => `${r.label} ${r.current}`)
            .join(', ')}`}
          items={of('current')}
        />
      )}
      {data.more && (
        <p className="mt-2 text-muted">
          {data.items.length} of {stale + renewed + current} are shown; the counts are over all.
        </p>
      )}
      {!data.complete && (
        <p className="mt-2 text-muted">So much rests on this that not all of it was looked through.</p>
      )}
    </section>
  );
}

function Folded({ label, items }: { label: string; items: Effect[] }) {
  return (
    <details className="mt-2">
      <summary className="cursor-pointer py-1">{label}</summary>
      <List items={items} />
    </details>
  );
}

function List({ items }: { items: Effect[] }) {
  return (
    <ul>
      {items.map((i) => (
        <li key={`${i.ref} ${i.said}`} className="border-b border-line py-1.5 last:border-0">
          <p className="flex flex-wrap items-center gap-x-2 wrap-anywhere">
            <RefLink to={i.ref} title={i.title} />
            <span className="text-muted">
              {SAID[i.said] ?? i.said}
              {i.release && (
                <>
                  {' '}
                  of <RefLink to={i.release} />
                </>
              )}
            </span>
            {i.status === 'stale' && <Badge tone="warn">Stale</Badge>}
          </p>
          {i.because.map((b) => (
            <p key={b.ref} className="text-[13px] text-muted">
              <RefLink to={b.ref} title={b.title} /> {reason(b)}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** `changed from version 1 to 3: Digest`, as the rest of a sentence. */
function reason(b: Because): string {
  if (b.from === null) return `is part of it since, in version ${b.to}`;
  if (b.to === null) return `is no longer part of it; it was relied on in version ${b.from}`;
  const what = b.fields.map((f) => f.label).join(', ');
  const erased = b.erased ? ' (part of what it said was erased since)' : '';
  return `changed from version ${b.from} to ${b.to}${what ? `: ${what}` : ''}${erased}`;
}
