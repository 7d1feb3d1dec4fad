import { useState } from 'react';
import type { MayTransition, RecordPage } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { toneOf } from '../kit/badge.tsx';
import { words } from '../kit/format.ts';
import { PersonName } from '../kit/ref-link.tsx';
import { canStart } from './can-start.ts';
import { labelFor } from './entries.ts';
import { TransitionPanel } from './transition-panel.tsx';

interface WorkflowProps {
  register: RegisterMeta;
  record: RecordPage;
  onEdit: () => void;
}

/** What can be done with the record now, and in words why the rest cannot. */
export function Workflow({ register, record, onEdit }: WorkflowProps) {
  const [chosen, setChosen] = useState<MayTransition>();
  const { may } = record;
  const asksReason = (t: MayTransition) => register.transitions.some((m) => m.name === t.name && m.reason);
  // To begin again is what is expected of what was refused only.
  const endsWhatHolds = (t: MayTransition) =>
    (toneOf(record.state) === 'ok' && register.ended.includes(t.to)) ||
    (t.to === register.states[0] && toneOf(record.state) !== 'bad');
  // Deciding again on what still counts is possible, and asked of nobody.
  const again = (t: MayTransition) => t.to === record.state && record.standing === 'current';
  // A document is acknowledged beside its text; who need not do it at all is not urged to here.
  const acknowledges = (t: MayTransition) =>
    register.transitions.some((m) => m.name === t.name && m.decision === 'acknowledge');
  const expected = (t: MayTransition) => !asksReason(t) && !endsWhatHolds(t) && !acknowledges(t) && !again(t);
  const possible = may.transitions
    .filter(canStart)
    .sort((a, b) => Number(asksReason(a)) - Number(asksReason(b)));
  const stopped = may.transitions.filter((t) => !canStart(t));
  const reasonOf = (t: MayTransition): string => {
    const missing = t.missing.map((name) => `"${labelFor(register, name)}"`).join(', ');
    return [t.why, missing && `Missing: ${missing}.`].filter(Boolean).join(' ') || 'Not possible now.';
  };
  return (
    <section aria-label="What can be done">
      <div className="flex flex-wrap gap-2">
        {possible.map((t, i) => (
          <button
            key={t.name}
            type="button"
            // One step is the expected one; what ends, takes back or asks for a reason never looks like it.
            className={i === 0 && expected(t) ? 'btn btn-primary' : 'btn'}
            onClick={() => setChosen(t)}
          >
            {t.label}
          </button>
        ))}
        {may.edit && (
          <button type="button" className="btn" onClick={onEdit}>
            Edit
          </button>
        )}
        {stopped.map((t) => (
          <button key={t.name} type="button" className="btn" disabled aria-describedby={`why-${t.name}`}>
            {t.label}
          </button>
        ))}
      </div>
      {may.transitions.map((t) =>
        t.several ? (
          <p key={t.name} className="mt-2">
            <strong>{t.label}</strong>: {t.several.decided.length} of {t.several.needed} decided
            {t.several.decided.length > 0 && (
              <>
                {' ('}
                {t.several.decided.map((d, i) => (
                  <span key={d.by}>
                    {i > 0 && ', '}
                    <PersonName to={d.by} references={record.references} />
                  </span>
                ))}
                )
              </>
            )}
            , next: {t.several.next}.
          </p>
        ) : null,
      )}
      {(stopped.length > 0 || !may.edit) && (
        <ul className="mt-2 space-y-0.5 text-[12.5px] text-muted">
          {!may.edit && may.why && (
            <li>
              {register.engineWritten ? (
                'System-generated, read-only.'
              ) : (
                <>
                  <strong>Edit</strong>: {may.why}
                </>
              )}
            </li>
          )}
          {stopped.map((t) => (
            <li key={t.name} id={`why-${t.name}`}>
              <strong>{t.label}</strong> (to {words(t.to).toLowerCase()}): {reasonOf(t)}
            </li>
          ))}
        </ul>
      )}
      {chosen && (
        <TransitionPanel
          register={register}
          record={record}
          transition={chosen}
          onClose={() => setChosen(undefined)}
        />
      )}
    </section>
  );
}
