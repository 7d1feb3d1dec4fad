import { type ChangeEvent, useState } from 'react';
import type { AcknowledgedFile } from '../../../answers/govern.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { plural } from '../../kit/format.ts';
import { Labelled } from '../../kit/labelled.tsx';
import { Failed, Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { say } from '../../kit/toast.tsx';

/** What a file says of who has read what: a trial that stores nothing, then all rows or none. */
export function FilePanel({ document, onClose }: { document: string; onClose: () => void }) {
  const { base, org } = useOrganisation();
  const [text, setText] = useState('');
  const [trial, setTrial] = useState<AcknowledgedFile>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (next: string) => {
    setText(next);
    setTrial(undefined);
    setError(undefined);
  };
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const data = await ask(
        base,
        'POST document/:ref/acknowledgements/import',
        { ref: document, dryRun },
        text,
        { type: 'text/csv' },
      );
      if (dryRun) return setTrial(data);
      await afterWrite(org);
      say(`${plural(data.recorded, 'acknowledgement')} recorded`);
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const ready = trial !== undefined && trial.problems.length === 0;
  return (
    <Panel
      open
      onClose={onClose}
      at="side"
      title="Take over acknowledgements"
      description="CSV with the columns person (e-mail or number), date, and edition where it is not the one in force. All rows or none."
    >
      <Labelled label="File">
        {({ id }) => (
          <input
            id={id}
            type="file"
            accept=".csv,text/csv"
            className="file-input w-full"
            onChange={async (e: ChangeEvent<HTMLInputElement>) => {
              const file = e.target.files?.[0];
              if (file) change(await file.text());
            }}
          />
        )}
      </Labelled>
      <Labelled label="Or paste the rows">
        {({ id }) => (
          <textarea
            id={id}
            className="input mono"
            rows={8}
            spellCheck={false}
            value={text}
            onChange={(e) => change(e.target.value)}
          />
        )}
      </Labelled>
      <div className="mb-3 space-y-2">
        <Failed error={error} />
        {trial && (
          <Notice
            tone={ready ? 'ok' : 'bad'}
            title={
              ready
                ? `${plural(trial.recorded, 'acknowledgement')} to record, ${trial.unchanged} known already`
                : `Nothing can be stored: ${plural(trial.problems.length, 'fault')} in ${plural(trial.rows, 'row')}`
            }
          >
            <ul className="list-disc pl-5">
              {trial.problems.slice(0, 50).map((p) => (
                <li key={`${p.path} ${p.message}`}>
                  <span className="mono">{p.path}</span>: {p.message}
                </li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
      <div className="flex gap-2">
        <button
          type="button"
          className={`btn ${ready ? '' : 'btn-primary'}`}
          disabled={busy || text.trim() === ''}
          onClick={() => run(true)}
        >
          Check
        </button>
        <button
          type="button"
          className={`btn ${ready ? 'btn-primary' : ''}`}
          disabled={busy || !ready}
          onClick={() => run(false)}
        >
          Record
        </button>
      </div>
    </Panel>
  );
}
