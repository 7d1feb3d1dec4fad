import type { ReactNode } from 'react';
import type { DecisionView, RecordPage } from '../../answers/record.ts';
import { useOrganisation } from '../api/queries.ts';
import { Badge } from '../kit/badge.tsx';
import { momentText, roleText, words } from '../kit/format.ts';
import { PersonName, RefLink } from '../kit/ref-link.tsx';

const MANNERS: Record<string, string> = {
  bulk: 'One of several decided at once',
  alone: 'By the author, in an organisation of one person: no approval',
};

/** Decisions on a record: who, in which capacity, holding what that day, and why one does not count any more. */
export function DecisionList({
  decisions,
  record,
}: {
  decisions: readonly DecisionView[];
  record: RecordPage;
}) {
  return (
    <section className="card px-4 py-3" aria-labelledby="decisions">
      <h2 id="decisions">Decisions</h2>
      {decisions.length === 0 && <p className="text-muted">None yet.</p>}
      <ul>
        {decisions.map((d) => (
          <OneDecision key={d.ref} decision={d} record={record} />
        ))}
      </ul>
    </section>
  );
}

function OneDecision({ decision: d, record }: { decision: DecisionView; record: RecordPage }) {
  const { meta } = useOrganisation();
  return (
    <li className="border-b border-line py-2 last:border-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <strong>{words(d.kind)}</strong>
        {d.current ? <Badge tone="ok">Current</Badge> : <Badge tone="warn">No longer counts</Badge>}
        {d.manner && d.manner !== 'single' && <Badge tone="warn">{words(d.manner)}</Badge>}
      </p>
      <p>
        <PersonName to={d.by} references={record.references} />
        {d.onBehalfOf && (
          <>
            {' on behalf of '}
            <PersonName to={d.onBehalfOf} references={record.references} />
          </>
        )}
        {d.role && ` as ${roleText(d.role, meta.roles)}`}, {momentText(d.at)}
      </p>
      {!d.current && <p>{whyNot(d)}</p>}
      {d.reason && <p className="prose-plain text-muted">{d.reason}</p>}
      {d.until && <p className="text-muted">Until {d.until}</p>}
      <details className="text-muted">
        <summary>On version {d.version}</summary>
        <RefLink to={d.ref} />
        <dl className="mt-1 space-y-1 text-[13px]">
          {d.rolesHeld && <Held label="Roles held that day">{d.rolesHeld}</Held>}
          {d.appointment && <Held label="Appointment and competence that day">{d.appointment}</Held>}
          {d.method && <Held label="Identified by">{words(d.method)}</Held>}
          {d.manner && MANNERS[d.manner] && <Held label="Manner">{MANNERS[d.manner]}</Held>}
        </dl>
      </details>
    </li>
  );
}

const Held = ({ label, children }: { label: string; children: ReactNode }) => (
  <div>
    <dt className="text-[12px]">{label}</dt>
    <dd className="prose-plain text-ink">{children}</dd>
  </div>
);

/** Why a decision does not count any more, record by record. */
function whyNot(d: DecisionView): string {
  if (d.ended) return `It ended on ${d.until ?? 'its day'}.`;
  const parts = (d.changed ?? []).map(({ ref, from, to }) => {
    if (from === null) return `${ref} was added to what it covers`;
    if (to === null && !d.changed?.some((c) => c.ref === ref && c.to !== null))
      return `${ref} changed after version ${from}, or is not covered any more`;
    return `${ref} changed from version ${from} to ${to}`;
  });
  return parts.length > 0 ? `${parts.join('; ')}.` : 'The record changed since.';
}
