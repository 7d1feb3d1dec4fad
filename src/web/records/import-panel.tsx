import { type DragEvent, useEffect, useState } from 'react';
import type { ImportAnswer, ImportInspection } from '../../answers/exchange.ts';
import type { FieldMeta, RegisterMeta } from '../../register/describe.ts';
import { ask } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { plural } from '../kit/format.ts';
import { Labelled } from '../kit/labelled.tsx';
import { Failed } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { say } from '../kit/toast.tsx';
import { EntryInput } from './form.tsx';
import { type Mapping, MappingTable, missingIn } from './import-mapping.tsx';
import { Trial } from './import-trial.tsx';

/** JSON begins with a bracket; everything else that is text is taken for CSV. */
export const formatOf = (text: string): 'json' | 'csv' => (/^\s*[[{]/.test(text) ? 'json' : 'csv');

/** What is imported: a file as it is, or pasted rows. */
interface Source {
  body: Blob;
  /** Unless the file itself tells. */
  format?: 'json' | 'csv';
  name?: string;
}

const MADE_FOR: FieldMeta = {
  name: 'onBehalfOf',
  kind: 'person',
  label: 'Originally written by',
  help: 'The person who wrote them counts as their author, and cannot approve them.',
  required: false,
  optional: true,
  engine: false,
  personal: true,
  due: false,
};

/** Import in three steps: which column is what, a trial that writes nothing and lists every fault, then all or nothing. */
export function ImportPanel({ register, onClose }: { register: RegisterMeta; onClose: () => void }) {
  const { org, base } = useOrganisation();
  const [source, setSource] = useState<Source>();
  const [text, setText] = useState('');
  const [sheet, setSheet] = useState<string>();
  const [file, setFile] = useState<ImportInspection>();
  const [mapping, setMapping] = useState<Mapping>({});
  const [madeFor, setMadeFor] = useState<unknown>();
  const [trial, setTrial] = useState<ImportAnswer>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const { name } = register;
  const change = (next: Source | undefined) => {
    setSource(next);
    setSheet(undefined);
    setFile(undefined);
  };
  const paste = (next: string) => {
    setText(next);
    change(next.trim() === '' ? undefined : { body: new Blob([next]), format: formatOf(next) });
  };
  const take = async (given: File | undefined) => {
    if (!given) return;
    const start = await given.slice(0, 200).text();
    change({
      body: given,
      name: given.name,
      ...(start.startsWith('PK') || /\.xlsx?$/i.test(given.name) ? {} : { format: formatOf(start) }),
    });
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    void take(e.dataTransfer.files[0]);
  };
  useEffect(() => {
    setTrial(undefined);
    setError(undefined);
    if (!source) return;
    const stop = new AbortController();
    // Asked a moment after the last letter of what is pasted.
    const timer = setTimeout(
      () => {
        ask(
          base,
          'POST :register/import/inspect',
          { register: name, format: source.format, sheet },
          source.body,
          {
            type: 'application/octet-stream',
            signal: stop.signal,
          },
        ).then(
          (data) => {
            setFile(data);
            setMapping(data.mapping);
          },
          (cause) => !stop.signal.aborted && setError(cause),
        );
      },
      source.name ? 0 : 400,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [source, sheet, base, name]);
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const data = await ask(
        base,
        'POST :register/import',
        {
          register: name,
          dryRun,
          format: source!.format ?? 'xlsx',
          sheet,
          mapping: JSON.stringify(mapping),
          onBehalfOf: typeof madeFor === 'string' ? madeFor : undefined,
        },
        source!.body,
        { type: 'application/octet-stream' },
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
  const missing = file ? missingIn(file, mapping) : [];
  return (
    <Panel
      open
      onClose={onClose}
      at="side"
      title={`Import ${register.label.many}`}
      description="A spreadsheet (XLSX or CSV) with a header row, or a JSON array. Either all rows are imported or none."
    >
      <p className="mb-3">
        Template with the columns:{' '}
        <a href={`${base}/${register.name}/template.xlsx`} download>
          XLSX
        </a>
        ,{' '}
        <a href={`${base}/${register.name}/template.csv`} download>
          CSV
        </a>
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the file input does the same by keyboard */}
      <div onDragOver={(e) => e.preventDefault()} onDrop={drop}>
        <Labelled
          label="File"
          help={source?.name ? `Chosen: ${source.name}` : 'Choose one, or drop it here.'}
        >
          {({ id, describedBy }) => (
            <input
              id={id}
              aria-describedby={describedBy}
              type="file"
              accept=".csv,.json,.xlsx,text/csv,application/json,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
              className="file-input w-full"
              onChange={(e) => void take(e.target.files?.[0])}
            />
          )}
        </Labelled>
      </div>
      {!source?.name && (
        <Labelled label="Or paste the rows">
          {({ id }) => (
            <textarea
              id={id}
              className="input mono"
              rows={file ? 3 : 8}
              spellCheck={false}
              value={text}
              onChange={(e) => paste(e.target.value)}
            />
          )}
        </Labelled>
      )}
      {file && (
        <>
          {file.sheets && file.sheets.length > 1 && (
            <Labelled label="Sheet">
              {({ id }) => (
                <select
                  id={id}
                  className="input"
                  value={file.sheet}
                  onChange={(e) => setSheet(e.target.value)}
                >
                  {file.sheets!.map((s) => (
                    <option key={s}>{s}</option>
                  ))}
                </select>
              )}
            </Labelled>
          )}
          <MappingTable
            file={file}
            mapping={mapping}
            onChange={(next) => {
              setMapping(next);
              setTrial(undefined);
            }}
          />
          {(file.formulas ?? []).length > 0 && (
            <p className="mb-3 text-muted">
              Formulas are not computed here: the results saved in the file are taken (
              {file.formulas!.join(', ')}).
            </p>
          )}
          {missing.length > 0 && (
            <p className="mb-3 text-muted">Needed, and in no column: {missing.join(', ')}.</p>
          )}
          <EntryInput
            entry={{ name: MADE_FOR.name, field: MADE_FOR }}
            value={madeFor}
            onChange={(v) => {
              setMadeFor(v);
              setTrial(undefined);
            }}
          />
        </>
      )}
      <div className="mb-3 space-y-2">
        <Failed error={error} />
        {trial && <Trial trial={trial} />}
      </div>
      <div className="flex gap-2">
        <button
          type="button"
          className={`btn ${ready ? '' : 'btn-primary'}`}
          disabled={busy || !file}
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
