import { Link } from '@tanstack/react-router';
import type { WorkItem } from '../../../answers/work.ts';
import { useOrganisation } from '../../api/queries.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';

const URGENCY: Record<WorkItem['urgency'], { label: string; tone: Tone }> = {
  overdue: { label: 'Overdue', tone: 'bad' },
  soon: { label: 'This week', tone: 'warn' },
  waiting: { label: 'Waiting', tone: 'busy' },
  later: { label: 'Later', tone: 'plain' },
};

/** What the kinds of work are called, where somebody chooses among them. */
export const KIND_LABELS: Record<WorkItem['kind'], string> = {
  due: 'Due',
  decisions: 'Decisions',
  standing: 'No longer decided',
  acknowledgements: 'To acknowledge',
  intervals: 'Tests and drills',
  appointments: 'Appointments',
  mentions: 'Mentions',
  concerns: 'Concerns',
  incidents: 'Incidents',
  emergencies: 'Emergencies',
  inUse: 'In use, and no longer let through',
  gate: 'Not let through',
  refused: 'Refused',
  risks: 'Risks',
  results: 'Results',
  ending: 'Ending',
};

/** Whether there is such a kind. */
export const isKind = (text: string | undefined): text is WorkItem['kind'] =>
  text !== undefined && Object.hasOwn(KIND_LABELS, text);

/** One line for each thing to do: how urgent, on which record, why, and the next step. */
export function WorkList({ items }: { items: readonly WorkItem[] }) {
  const { org, register } = useOrganisation();
  return (
    <ul className="card divide-y divide-line">
      {items.map((i) => (
        <li
          key={`${i.kind}${i.ref}${i.why}`}
          className="grid gap-x-4 gap-y-0.5 px-4 py-2.5 sm:grid-cols-[5.5rem_minmax(0,1fr)_minmax(0,14rem)] sm:items-baseline"
        >
          <span>
            <Badge tone={URGENCY[i.urgency].tone}>{URGENCY[i.urgency].label}</Badge>
          </span>
          <div className="min-w-0">
            <Link to="/o/$org/$register/$ref" params={{ org, register: i.register, ref: i.ref }}>
              <span className="ref">{i.ref}</span> <span className="font-medium text-ink">{i.title}</span>
            </Link>
            <p className="text-muted">
              {register(i.register)?.label.one}. {i.why}
            </p>
          </div>
          <Link
            to="/o/$org/$register/$ref"
            params={{ org, register: i.register, ref: i.ref }}
            className="justify-self-start text-[13px] font-medium sm:justify-self-end sm:text-right"
            aria-label={`${i.next.label}: ${i.ref}`}
          >
            {i.next.label}
          </Link>
        </li>
      ))}
    </ul>
  );
}
