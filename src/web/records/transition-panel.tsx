import { useState } from 'react';
import type { Changed } from '../../actions/index.ts';
import type { MayTransition, RecordPage } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { ApiError, ask, fieldOfPath } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { words } from '../kit/format.ts';
import { Labelled, TextInput } from '../kit/labelled.tsx';
import { Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { PersonName } from '../kit/ref-link.tsx';
import { say } from '../kit/toast.tsx';
import { entriesOf, type Flat, given } from './entries.ts';
import { RecordForm } from './form.tsx';
import { LEAVING, Leaving } from './leaving.tsx';
import { OnceShown } from './new-record.tsx';

interface PanelProps {
  register: RegisterMeta;
  record: RecordPage;
  transition: MayTransition;
  onClose: () => void;
}

/** Asks for whatever a step of the workflow still needs: values, a reason, an end date, the password. */
export function TransitionPanel({ register, record, transition, onClose }: PanelProps) {
  const { org, base } = useOrganisation();
  const spec = register.transitions.find((t) => t.name === transition.name);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const [password, setPassword] = useState('');
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [link, setLink] = useState<string>();
  const [more, setMore] = useState<Record<string, string>>({});
  const [wanted, setWanted] = useState<string[]>([]);
  const asked = entriesOf(register).filter((e) => transition.missing.includes(e.name));
  const perform = async (values: Flat) => {
    setProblems({});
    const body = {
      ...(asked.length > 0 ? { values: given(values) } : {}),
      ...(reason.trim() ? { reason: reason.trim() } : {}),
      ...(until ? { until } : {}),
      ...(password ? { password } : {}),
      ...more,
    };
    try {
      const done: Changed = await ask(
        base,
        'POST :register/:ref/:step',
        { register: register.name, ref: record.ref, step: transition.name },
        body,
      );
      await afterWrite(org);
      say(`${record.ref}: ${transition.manner ? 'decided alone' : words(done.state).toLowerCase()}`);
      if (done.invitation) setLink(done.invitation.link);
      else onClose();
    } catch (error) {
      if (error instanceof ApiError) {
        const told = Object.fromEntries(error.problems.map((p) => [fieldOfPath(p.path), p.message]));
        setProblems(told);
        setWanted((was) => [...new Set([...was, ...LEAVING.filter((name) => told[name])])]);
      }
      setPassword('');
      throw error;
    }
  };
  // What a check finds is told anew each time, never taken from the one before.
  const initial: Flat = { ...record.values, ...record.links };
  for (const name of spec?.finds ?? []) delete initial[name];
  const decision =
    spec?.decision && `Writes the decision "${words(spec.decision)}" over version ${record.version}.`;
  if (link)
    return (
      <Panel open onClose={onClose} title="Invitation">
        <OnceShown what="link" text={link} onDone={onClose} />
      </Panel>
    );
  return (
    <Panel open onClose={onClose} title={`${transition.label}: ${record.ref}`} description={record.title}>
      <p className="mb-3">
        {transition.manner ? (
          'You are the only person here and decide on your own work. The record says "decided alone"; it is no approval.'
        ) : (
          <>
            {words(record.state)} → <strong>{words(transition.to)}</strong>. {decision}
          </>
        )}
        {transition.onBehalfOf && (
          <>
            {' '}
            You decide for <PersonName to={transition.onBehalfOf} references={record.references} />.
          </>
        )}
      </p>
      <RecordForm
        entries={asked}
        initial={initial}
        required={transition.missing}
        references={record.references}
        elsewhere={['reason', 'until', 'password', ...LEAVING]}
        submit={transition.label}
        onSubmit={perform}
        onCancel={onClose}
      >
        <Labelled label="Reason" optional={!spec?.reason} error={problems.reason}>
          {({ id, describedBy, invalid }) => (
            <textarea
              id={id}
              className="input"
              rows={3}
              value={reason}
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              aria-required={spec?.reason || undefined}
              onChange={(e) => setReason(e.target.value)}
            />
          )}
        </Labelled>
        <Leaving wanted={wanted} given={more} problems={problems} onChange={setMore} />
        {spec?.until && (
          <TextInput
            label="Until"
            type="date"
            value={until}
            onChange={setUntil}
            error={problems.until}
            help="The decision ends on that day and must then be taken again."
          />
        )}
        {spec?.signed && (
          <>
            <TextInput
              label="Your password"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
              error={problems.password}
            />
            <div className="mb-3">
              <Notice tone="busy">
                You sign with your password: the entry says that you identified yourself again.
              </Notice>
            </div>
          </>
        )}
      </RecordForm>
    </Panel>
  );
}
