import { useQuery } from '@tanstack/react-query';
import type { Registers } from '../../../registers/index.ts';
import { getRecords } from '../../api/asked.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { Badge, StateBadge } from '../../kit/badge.tsx';
import { words } from '../../kit/format.ts';
import { Failed } from '../../kit/notice.tsx';
import { Passage, Printed } from '../../kit/printed.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import type { ViewProps } from '../index.ts';

const WHY: Record<string, string> = {
  author: 'Worked on',
  decider: 'Decided on',
  owner: 'Named in',
  responsible: 'Responsible by',
  lineManager: 'Leads those responsible by',
};

/** The audit on paper: what it is held against, whether its auditors are impartial, what was found. */
export function View({ record }: ViewProps<Registers['audit']>) {
  const { values } = record;
  return (
    <Printed title="Report">
      <header>
        <h2>{record.title}</h2>
        <p className="text-muted">
          {words(values.kind ?? '')}
          {values.from ? `, ${values.from} to ${values.to ?? '?'}` : ''}
          {values.result ? `. Result: ${words(values.result).toLowerCase()}` : ''}
        </p>
      </header>
      <Passage label="Objectives" text={values.objectives} />
      <Passage label="Criteria" text={values.criteria} />
      <Passage label="Scope" text={values.scope} />
      {values.kind === 'audit' && <Auditors audit={record.ref} version={record.version} />}
      <Passage label="Declaration of independence" text={values.declaration} />
      <Findings audit={record.ref} />
      <Passage label="Report" text={values.report} />
      <Passage label="Conclusion" text={values.conclusion} />
    </Printed>
  );
}

function Auditors({ audit, version }: { audit: string; version: number }) {
  const { org, base } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['independence', org, audit, version],
    queryFn: () => ask(base, 'GET audit/:ref/independence', { ref: audit }),
  });
  return (
    <section aria-labelledby="independence">
      <h3 id="independence" className="mb-1">
        Independence of the auditors
      </h3>
      <Failed error={error} />
      {data && (
        <p className="mb-1 text-muted">
          From what is recorded of {data.from} to {data.to}. Nobody can see what was not recorded.
        </p>
      )}
      <ul className="space-y-2">
        {data?.auditors.map((a) => (
          <li key={a.ref}>
            <span className="font-semibold">{a.name}</span>{' '}
            <Badge tone={a.conflicts.length > 0 ? 'bad' : 'plain'}>{words(a.result)}</Badge>
            {a.conflicts.length > 0 && (
              <ul className="mt-1 list-disc pl-5">
                {a.conflicts.map((c) => (
                  <li key={`${c.why}${c.ref}${c.detail}`}>
                    {WHY[c.why] ?? words(c.why)} <RefLink to={c.ref} title={c.title} /> (
                    {words(c.detail).toLowerCase()})
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      {data?.waiver && (
        <p className="mt-1">
          Waived by top management until {data.waiver.until} (<RefLink to={data.waiver.ref} />
          ): {data.waiver.reason}
        </p>
      )}
    </section>
  );
}

function Findings({ audit }: { audit: string }) {
  const { org, base } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['findings', org, audit],
    queryFn: () => getRecords(base, 'auditFinding', { audit, limit: 200, sort: 'number', total: true }),
  });
  return (
    <section aria-labelledby="findings">
      <h3 id="findings" className="mb-1">
        Findings
      </h3>
      <Failed error={error} />
      {data?.items.length === 0 && <p className="text-muted">None are recorded.</p>}
      <ul className="space-y-2">
        {data?.items.map((f) => (
          <li key={f.ref}>
            <RefLink to={f.ref} title={f.title} /> <StateBadge state={f.state} />
            <p className="text-[13px] text-muted">
              {words(f.values.grade ?? '')}
              {f.values.criterion ? `, held against ${f.values.criterion}` : ''}
            </p>
            {f.values.fact ? <p className="prose-plain max-w-prose">{f.values.fact}</p> : null}
          </li>
        ))}
      </ul>
      {data && (data.total ?? 0) > data.items.length && (
        <p className="text-muted">
          The first {data.items.length} of {data.total}; the register has all of them.
        </p>
      )}
    </section>
  );
}
