import { useQuery } from '@tanstack/react-query';
import type { ChangedSince, RecordChange } from '../../answers/comments-and-bulk.ts';
import type { RecordPage, References } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { useOrganisation } from '../api/queries.ts';
import { sinceQuery } from '../api/work.ts';
import { kindOf } from '../kinds/index.ts';
import { Badge } from '../kit/badge.tsx';
import { momentText, words } from '../kit/format.ts';
import { Failed } from '../kit/notice.tsx';
import { PersonName, RefLink } from '../kit/ref-link.tsx';
import { type Difference, DiffList } from './diff.tsx';
import { groupWords } from './erase-answer.ts';

interface SinceProps {
  register: RegisterMeta;
  record: RecordPage;
}

/** Is there something to decide, or a decision that no longer counts? Then what changed is the question. */
export function asksWhatChanged({ register, record }: SinceProps): boolean {
  const open = record.may.transitions.some((t) =>
    register.transitions.some((s) => s.name === t.name && s.decision && s.decision !== 'acknowledge'),
  );
  const approved = record.decisions.some((d) => ['approve', 'accept', 'waive'].includes(d.kind));
  return approved && (open || (record.standing !== undefined && record.standing !== 'current'));
}

const DECIDED: Record<string, string> = { approve: 'Approved', accept: 'Accepted', waive: 'Waived' };

/** Exactly what differs from what was approved last: all that an approver has to look at. */
export function SinceApprovalCard({ register, record }: SinceProps) {
  const { org } = useOrganisation();
  const { data, error } = useQuery(sinceQuery(org, register.name, record.ref, record.version));
  if (error) return <Failed error={error} />;
  if (!data?.decision) return null;
  const { decision } = data;
  const material = data.record.changed.filter((c) => c.material);
  const rest = data.record.changed.filter((c) => !c.material);
  return (
    <section className="card px-4 py-3" aria-labelledby="since">
      <h2 id="since">Changed since the last approval</h2>
      <p className="mb-2 text-muted">
        {DECIDED[decision.kind] ?? words(decision.kind)} by{' '}
        <PersonName to={decision.by} references={data.references} />, {momentText(decision.at)}, on version{' '}
        {decision.version}: <RefLink to={decision.ref} />
      </p>
      {data.carriedForward && (
        <p className="mb-2">
          <Badge tone={decision.current ? 'ok' : 'warn'}>
            Nothing material changed{decision.current ? ': carried forward' : '; the decision has ended'}
          </Badge>
        </p>
      )}
      {(material.length > 0 || rest.length > 0) && (
        <Changes
          register={register}
          change={{ ...data.record, changed: material }}
          references={data.references}
        />
      )}
      {rest.length > 0 && (
        <p className="mt-2 text-muted">
          Changed too, and no part of what was approved: {rest.map((c) => c.label).join(', ')}.
        </p>
      )}
      {data.record.erased.length > 0 && (
        <p className="mt-2 text-muted">
          Erased from the approved version, and so not compared: {groupWords(data.record.erased)}.
        </p>
      )}
      {data.covered.map((c) => (
        <CoveredChange key={c.ref} change={c} references={data.references} />
      ))}
      {data.notCovered.length > 0 && (
        <p className="mt-2 text-muted">
          A decision of now would cover these too, this one does not:{' '}
          {data.notCovered.map((c) => (
            <span key={c.ref} className="mr-2">
              <RefLink to={c.ref} title={c.title === c.ref ? undefined : c.title} />
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

function CoveredChange({ change, references }: { change: RecordChange; references: References }) {
  const { register } = useOrganisation();
  const of = register(change.register);
  const what =
    change.from === null
      ? 'is covered now and was not then'
      : change.to === null
        ? 'was covered then and is not now'
        : `changed from version ${change.from} to ${change.to}`;
  return (
    <div className="mt-3 border-t border-line pt-2">
      <p>
        <RefLink to={change.ref} title={change.title === change.ref ? undefined : change.title} /> {what}
        {change.closed && '; you may not read it'}.
      </p>
      {of && change.changed.length > 0 && <Changes register={of} change={change} references={references} />}
      {change.erased.length > 0 && (
        <p className="text-muted">Erased since, and so not compared: {groupWords(change.erased)}.</p>
      )}
    </div>
  );
}

function Changes({
  register,
  change,
  references,
}: {
  register: RegisterMeta;
  change: RecordChange;
  references: References;
}) {
  const shown = change.changed.map((c) => differenceOf(register, c, references));
  return shown.length > 0 ? <DiffList list={shown} /> : null;
}

function differenceOf(register: RegisterMeta, c: ChangedSince, references: References): Difference {
  const field = register.fields.find((f) => f.name === c.name);
  const text = (v: unknown): string => {
    if (v === null || v === undefined) return '';
    if (field) return kindOf(field.kind).text(v, field, references);
    return [v]
      .flat()
      .map((ref) => (references[String(ref)] ? `${ref} ${references[String(ref)]!.title}` : String(ref)))
      .join(', ');
  };
  return { name: c.name, label: c.label, before: text(c.from), after: text(c.to) };
}
