import { Link } from '@tanstack/react-router';
import type { FirstHour, HourStep } from '../../../answers/home.ts';
import { useOrganisation } from '../../api/queries.ts';
import { plural } from '../../kit/format.ts';

/** So many open steps are shown at once. */
const MOST = 3;

/** The first hour: the next three steps, and how far it is. A step that is done is counted, never painted. */
export function FirstSteps({ hour }: { hour: FirstHour }) {
  const done = hour.steps.filter((s) => s.done).length;
  // What only waits comes last: there is nothing to do about it now.
  const open = [...hour.steps.filter((s) => !s.done && !s.waits), ...hour.steps.filter((s) => s.waits)].slice(
    0,
    MOST,
  );
  return (
    <section aria-labelledby="first" className="card px-4 py-3">
      <h2 id="first" className="mb-1">
        {hour.complete ? 'First steps' : 'Next steps'}
      </h2>
      <p className="mb-2 text-muted">
        {plural(hour.people, 'person', 'people')}: {hour.presetTitle.toLowerCase()}. {done} of{' '}
        {hour.steps.length} first steps taken.
      </p>
      <ol className="list-decimal space-y-1.5 pl-5">
        {open.map((s) => (
          <li key={s.id}>
            <StepLink step={s} />
            <span className="block text-muted">
              {s.waits && 'Asked for, and waits. '}
              {s.why}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function StepLink({ step }: { step: HourStep }) {
  const { org } = useOrganisation();
  if (step.id === 'preset')
    return (
      <Link to="/o/$org/presets" params={{ org }}>
        {step.text}
      </Link>
    );
  return step.ref ? (
    <Link to="/o/$org/$register/$ref" params={{ org, register: step.register, ref: step.ref }}>
      {step.text}
    </Link>
  ) : (
    <Link
      to="/o/$org/$register"
      params={{ org, register: step.register }}
      search={step.create ? { new: 'yes' } : {}}
    >
      {step.text}
    </Link>
  );
}
