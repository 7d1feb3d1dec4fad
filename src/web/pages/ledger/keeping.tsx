import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LogView } from '../../../answers/log.ts';
import { ApiError, ask, fieldOfPath } from '../../api/client.ts';
import { afterWrite, metaQuery, queryClient, useOrganisation } from '../../api/queries.ts';
import { Labelled, TextInput } from '../../kit/labelled.tsx';
import { Failed } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { say } from '../../kit/toast.tsx';
import { OnceShown } from '../../records/new-record.tsx';
import { type Act, type Ask, actsOn, doorAct } from './acts.ts';

/** What top management and the AIMS manager can do to the log itself, and to the door; nothing for everybody else. */
export function Keeping({ log }: { log: LogView }) {
  const { meta, base, org } = useOrganisation();
  const [act, setAct] = useState<Act>();
  const keeper = meta.me.roles.some((r) => r === 'topManagement' || r === 'aimsManager');
  const door = useQuery({
    queryKey: ['door', org],
    queryFn: () => ask(base, 'GET concerns/door', {}),
    enabled: keeper,
  });
  const reader = keeper || meta.me.roles.includes('auditor');
  if (!reader) return null;
  return (
    <section className="card space-y-3 p-4" aria-labelledby="keeping">
      <h2 id="keeping">Export and access</h2>
      <p className="text-muted">
        The audit pack holds every record, its history, its evidence and this log in one file that anybody can
        check without this server.
      </p>
      <div className="flex flex-wrap gap-2">
        <a className="btn btn-primary" href={`${base}/audit-pack`} download>
          Download the audit pack
        </a>
        {keeper &&
          log.open &&
          [...actsOn(log), ...(door.data ? [doorAct(door.data.open)] : [])].map((a) => (
            <button key={a.label} type="button" className="btn" onClick={() => setAct(a)}>
              {a.label}
            </button>
          ))}
      </div>
      {door.data && (
        <p className="text-muted">
          {door.data.open ? (
            <>
              Concerns without a name are taken at{' '}
              <a className="link" href={`#/concerns?org=${encodeURIComponent(org)}`}>
                {`${location.origin}/#/concerns?org=${encodeURIComponent(org)}`}
              </a>
              .
            </>
          ) : (
            'Concerns without a name are not taken.'
          )}
        </p>
      )}
      {act && <ActPanel act={act} onClose={() => setAct(undefined)} />}
    </section>
  );
}

function ActPanel({ act, onClose }: { act: Act; onClose: () => void }) {
  const { base, org } = useOrganisation();
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(act.asks.map((a) => [a.name, a.value ?? ''])),
  );
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [once, setOnce] = useState<string>();
  const wrong = error instanceof ApiError ? error.problems : [];
  const set = (name: string) => (value: string) => setValues((was) => ({ ...was, [name]: value }));
  const perform = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const told = Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''));
      const shownOnce = await act.carryOut(base, told);
      await afterWrite(org);
      await queryClient.invalidateQueries(metaQuery(org));
      await queryClient.invalidateQueries({ queryKey: ['door', org] });
      say(act.done);
      if (shownOnce) setOnce(shownOnce);
      else onClose();
    } catch (cause) {
      setError(cause);
      if ('password' in values) set('password')('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel open onClose={onClose} title={act.label.replace('…', '')}>
      {once ? (
        <OnceShown what="token" text={once} onDone={onClose} />
      ) : (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            void perform();
          }}
        >
          <p className="mb-3">{act.explain}</p>
          {act.asks.map((ask) => (
            <Field
              key={ask.name}
              ask={ask}
              value={values[ask.name] ?? ''}
              onChange={set(ask.name)}
              error={wrong.find((p) => fieldOfPath(p.path) === ask.name)?.message}
            />
          ))}
          <Failed error={error} hidden={act.asks.map((a) => `/${a.name}`)} />
          <div className="mt-4 flex justify-end gap-2">
            <button type="button" className="btn" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="btn btn-primary" disabled={busy}>
              {busy ? 'One moment…' : act.label.replace('…', '')}
            </button>
          </div>
        </form>
      )}
    </Panel>
  );
}

interface FieldProps {
  ask: Ask;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

function Field({ ask, value, onChange, error }: FieldProps) {
  const { kind = 'text', label, help, optional, options = [] } = ask;
  if (kind === 'lines' || kind === 'choice')
    return (
      <Labelled label={label} help={help} error={error} optional={optional}>
        {({ id, describedBy, invalid }) => {
          const common = { id, className: 'input', value, 'aria-describedby': describedBy };
          return kind === 'lines' ? (
            <textarea
              {...common}
              rows={3}
              aria-invalid={invalid || undefined}
              onChange={(e) => onChange(e.target.value)}
            />
          ) : (
            <select {...common} onChange={(e) => onChange(e.target.value)}>
              {options.map(([v, text]) => (
                <option key={v} value={v}>
                  {text}
                </option>
              ))}
            </select>
          );
        }}
      </Labelled>
    );
  return (
    <TextInput
      label={label}
      help={help}
      error={error}
      value={value}
      onChange={onChange}
      type={kind === 'password' ? 'password' : 'text'}
      autoComplete={kind === 'password' ? 'current-password' : 'off'}
    />
  );
}
