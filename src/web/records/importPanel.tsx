import { type ChangeEvent, useState } from 'react';
import type { RegisterMeta } from '../../register/describe.ts';
import type { ImportResult } from '../api/answers.ts';
import { send } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { plural } from '../kit/format.ts';
import { Labelled } from '../kit/labelled.tsx';
import { Failed, Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { say } from '../kit/toast.tsx';

/** JSON begins with a bracket; everything else is taken for CSV. */
export const formatOf = (text: string): 'json' | 'csv' => (/^\s*[[{]/.test(text) ? 'json' : 'csv');

/** Import in two steps: a trial that writes nothing and lists every fault, then the import, all or nothing. */
export function ImportPanel({ register, onClose }: { register: RegisterMeta; onClose: () => void }) {
  const { org, base } = useOrganisation();
  const [text, setText] = useState('');
  const [trial, setTrial] = useState<ImportResult>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (next: string) => {
    setText(next);
    setTrial(undefined);
    setError(undefined);
  };
  const read = async (e: ChangeEvent<HTMLInputElement>) => {
    const file = e.target.files?.[0];
    if (file) change(await file.text());
  };
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(undefined);
    const format = formatOf(text);
    try {
      const { data } = await send<ImportResult>(
        `${base}/${register.name}/import?dryRun=${dryRun}&format=${format}`,
        {
          method: 'POST',
          body: text,
          contentType: format === 'json' ? 'application/json' : 'text/csv',
        },
      );
      if (dryRun || data.problems.length > 0) setTrial(data);
      else {
        await afterWrite(org);
        say(`${plural(data.created, 'record')} created, ${data.updated} updated`);
        onClose();
      }
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
      title={`Import ${register.label.many}`}
      description="CSV with a head line, or a JSON array. All rows or none."
    >
      <p className="mb-3">
        <a href={`${base}/${register.name}/template.csv`} download>
          Template with the columns
        </a>
      </p>
      <Labelled label="File">
        {({ id }) => (
          <input
            id={id}
            type="file"
            accept=".csv,.json,text/csv,application/json"
            className="file-input w-full"
            onChange={read}
          />
        )}
      </Labelled>
      <Labelled label="Or paste the rows">
        {({ id }) => (
          <textarea
            id={id}
            className="input mono"
            rows={10}
            spellCheck={false}
            value={text}
            onChange={(e) => change(e.target.value)}
          />
        )}
      </Labelled>
      <div className="mb-3 space-y-2">
        <Failed error={error} />
        {trial && <Trial trial={trial} />}
      </div>
      <div className="flex gap-2">
        <button
          type="button"
          className={`btn ${ready ? '' : 'btn-primary'}`}
          disabled={busy || text.trim() === ''}
          onClick={() => run(true)}
        >
          Check without writing
        </button>
        <button
          type="button"
          className={`btn ${ready ? 'btn-primary' : ''}`}
          disabled={busy || !ready}
          onClick={() => run(false)}
        >
          Import
        </button>
      </div>
    </Panel>
  );
}

function Trial({ trial }: { trial: ImportResult }) {
  if (trial.problems.length === 0)
    return (
      <Notice tone="busy">
        {plural(trial.rows, 'row')}: {trial.created} new, {trial.updated} changed, {trial.unchanged}{' '}
        unchanged. Nothing is written yet.
      </Notice>
    );
  return (
    <Notice tone="bad" title={`${plural(trial.problems.length, 'fault')}. Nothing was written.`}>
      <ul className="mt-1 space-y-0.5">
        {trial.problems.slice(0, 100).map((p) => (
          <li key={`${p.path} ${p.message}`}>
            <strong>{p.path}</strong>: {p.message}
          </li>
        ))}
      </ul>
      {trial.problems.length > 100 && <p>and {trial.problems.length - 100} more</p>}
    </Notice>
  );
}
