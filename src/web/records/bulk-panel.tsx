import { useState } from 'react';
import type { RegisterMeta } from '../../register/describe.ts';
import { ApiError, ask, fieldOfPath } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { plural, words } from '../kit/format.ts';
import { Labelled, TextInput } from '../kit/labelled.tsx';
import { Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { say } from '../kit/toast.tsx';
import { entriesOf, type Flat, given, labelOf } from './entries.ts';
import { RecordForm } from './form.tsx';

interface BulkProps {
  register: RegisterMeta;
  refs: string[];
  onDone: () => void;
  onClose: () => void;
}

/** The same edit, or the same step, for all that were selected: all or none. */
export function BulkPanel({ register, refs, onDone, onClose }: BulkProps) {
  const { org, base } = useOrganisation();
  const [deed, setDeed] = useState('');
  const [field, setField] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const [password, setPassword] = useState('');
  const [problems, setProblems] = useState<Record<string, string>>({});
  const entries = entriesOf(register);
  const step = register.transitions.find((t) => t.name === deed);
  const asked = deed === 'edit' ? entries.filter((e) => e.name === field) : [];
  const perform = async (values: Flat) => {
    setProblems({});
    const body = {
      refs,
      ...(step ? { transition: step.name } : { values: given(values) }),
      ...(reason.trim() ? { reason: reason.trim() } : {}),
      ...(step?.until && until ? { until } : {}),
      ...(step?.signed && password ? { password } : {}),
    };
    try {
      const done = await ask(base, 'POST :register/bulk', { register: register.name }, body);
      await afterWrite(org);
      say(`${plural(done.changed, 'record')} changed`);
      onDone();
    } catch (error) {
      if (error instanceof ApiError)
        setProblems(Object.fromEntries(error.problems.map((p) => [fieldOfPath(p.path), p.message])));
      setPassword('');
      throw error;
    }
  };
  return (
    <Panel
      open
      onClose={onClose}
      at="side"
      title={`Change ${plural(refs.length, register.label.one, register.label.many)}`}
      description="All of them, or none."
    >
      <Labelled label="What">
        {({ id }) => (
          <select id={id} className="input" value={deed} onChange={(e) => setDeed(e.target.value)}>
            <option value="">Choose</option>
            <option value="edit">Edit a field</option>
            {register.transitions.map((t) => (
              <option key={t.name} value={t.name}>
                {t.label}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      {deed === 'edit' && (
        <Labelled label="Field">
          {({ id }) => (
            <select id={id} className="input" value={field} onChange={(e) => setField(e.target.value)}>
              <option value="">Choose</option>
              {entries.map((e) => (
                <option key={e.name} value={e.name}>
                  {labelOf(e)}
                </option>
              ))}
            </select>
          )}
        </Labelled>
      )}
      {step && (
        <p className="mb-3">
          {step.from.map(words).join(' or ')} → <strong>{words(step.to)}</strong>. For {step.byText}.
        </p>
      )}
      {step?.decision && refs.length > 1 && (
        <div className="mb-3">
          <Notice tone="warn">Each decision will say that it was one of several taken at once.</Notice>
        </div>
      )}
      {(step || asked.length > 0) && (
        <RecordForm
          key={`${deed} ${field}`}
          entries={asked}
          required={asked.map((e) => e.name)}
          elsewhere={['reason', 'until', 'password']}
          submit={`Change ${plural(refs.length, 'record')}`}
          onSubmit={perform}
          onCancel={onClose}
        >
          <TextInput
            label={step?.reason ? 'Reason' : 'Reason (optional)'}
            value={reason}
            onChange={setReason}
            error={problems.reason}
          />
          {step?.until && (
            <TextInput label="Until" type="date" value={until} onChange={setUntil} error={problems.until} />
          )}
          {step?.signed && (
            <TextInput
              label="Your password"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
              error={problems.password}
            />
          )}
        </RecordForm>
      )}
    </Panel>
  );
}
