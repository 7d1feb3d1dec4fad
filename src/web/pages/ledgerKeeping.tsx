import { useState } from 'react';
import type { LogView } from '../api/answers.ts';
import { ApiError, fieldOfPath, post } from '../api/client.ts';
import { afterWrite, metaQuery, queryClient, useOrganisation } from '../api/queries.ts';
import { Labelled, TextInput } from '../kit/labelled.tsx';
import { Failed } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { say } from '../kit/toast.tsx';
import { OnceShown } from '../records/newRecord.tsx';

/** One thing to fill in before an act. */
interface Ask {
  name: string;
  label: string;
  help?: string;
  kind?: 'text' | 'lines' | 'number' | 'choice' | 'password';
  options?: [value: string, label: string][];
  optional?: true;
  value?: string;
}

/** Something the keepers of the log can do to it. */
interface Act {
  label: string;
  path: string;
  explain: string;
  done: string;
  asks: Ask[];
  fixed?: Record<string, unknown>;
  /** Member of the answer that is shown once. */
  once?: 'token';
}

const REASON: Ask = { name: 'reason', label: 'Reason', kind: 'lines', optional: true };
const PASSWORD: Ask = { name: 'password', label: 'Your password', kind: 'password' };

function actsOn(log: LogView): Act[] {
  return [
    {
      label: log.public ? 'Close the log…' : 'Open the log…',
      path: 'log/visibility',
      explain: log.public
        ? 'Only members and holders of the read token will see it. Copies that others made remain.'
        : 'Everybody can then read it. It holds no personal data and no text, but says when which record changed.',
      done: log.public ? 'The log is closed' : 'The log is open',
      fixed: { public: !log.public },
      asks: [REASON],
    },
    {
      label: 'Make a read token…',
      path: 'log/token',
      explain:
        'For an auditor or a monitor of a log that is not public. It takes the place of an earlier one.',
      done: 'The token is made',
      asks: [REASON],
      once: 'token',
    },
    {
      label: 'Add a witness…',
      path: 'log/witnesses',
      explain:
        'Somebody else who signs that the log was only ever added to. Ask them for their key and address.',
      done: 'The witness is added',
      asks: [
        { name: 'vkey', label: 'Key of the witness' },
        { name: 'url', label: 'Address', help: 'Such as https://witness.example.com' },
      ],
    },
    {
      label: 'Set time stamps…',
      path: 'log/stamps/service',
      explain: 'A time-stamping authority (RFC 3161) says when a checkpoint existed at the latest.',
      done: 'Checkpoints will be stamped',
      asks: [
        { name: 'url', label: 'Address of the authority' },
        {
          name: 'chain',
          label: 'Its certificates (PEM)',
          kind: 'lines',
          help: 'The ones it signs with, up to the root.',
        },
        {
          name: 'every',
          label: 'How often',
          kind: 'choice',
          options: [
            ['day', 'Daily'],
            ['hour', 'Hourly'],
          ],
          value: 'day',
        },
      ],
    },
    {
      label: 'Change the key…',
      path: 'log/rotate-key',
      explain:
        'Both keys sign for some days, so that whoever trusts the old one finds the new one in the log.',
      done: 'The log has a new key',
      asks: [
        { name: 'overlapDays', label: 'Days for which both sign', kind: 'number', value: '30' },
        REASON,
        PASSWORD,
      ],
    },
    {
      label: 'Begin a new log…',
      path: 'log/new',
      explain: 'Freezes this log for good. The next one names its last head. There is no way back.',
      done: 'The new log is open',
      asks: [
        {
          name: 'because',
          label: 'What happened',
          kind: 'choice',
          options: [
            ['lost', 'The newest database is lost'],
            ['compromised', 'The key is in other hands'],
          ],
          value: 'lost',
        },
        REASON,
        PASSWORD,
      ],
    },
  ];
}

/** What top management and the AIMS manager can do to the log itself; nothing for everybody else. */
export function Keeping({ log }: { log: LogView }) {
  const { meta, base } = useOrganisation();
  const [act, setAct] = useState<Act>();
  const keeper = meta.me.roles.some((r) => r === 'topManagement' || r === 'aimsManager');
  const reader = keeper || meta.me.roles.includes('auditor');
  if (!reader) return null;
  return (
    <section className="card space-y-3 p-4" aria-labelledby="keeping">
      <h2 id="keeping">Keep and hand on</h2>
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
          actsOn(log).map((a) => (
            <button key={a.label} type="button" className="btn" onClick={() => setAct(a)}>
              {a.label}
            </button>
          ))}
      </div>
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
      const body = Object.fromEntries(
        act.asks
          .filter((a) => values[a.name] !== '')
          .map((a) => [a.name, a.kind === 'number' ? Number(values[a.name]) : values[a.name]]),
      );
      const answer = await post<{ token?: string }>(`${base}/${act.path}`, { ...act.fixed, ...body });
      await afterWrite(org);
      await queryClient.invalidateQueries(metaQuery(org));
      say(act.done);
      if (act.once && answer[act.once]) setOnce(answer[act.once]);
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
