import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import type { RecordPage, RecordView } from '../../../answers/record.ts';
import type { RegisterMeta } from '../../../register/describe.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask, askRecords } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { Badge, StateBadge } from '../../kit/badge.tsx';
import { bytesText, words } from '../../kit/format.ts';
import { Labelled } from '../../kit/labelled.tsx';
import { Failed, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { say } from '../../kit/toast.tsx';

interface Props {
  register: RegisterMeta;
  record: RecordPage;
}

/** What supports the record: the period that each piece covers and until when it holds. A file that is dropped here becomes one. */
export function Evidence({ register, record }: Props) {
  const { org, base, register: named } = useOrganisation();
  const link = named('evidence')?.links.find((l) => l.to === register.name && l.to !== 'evidence')?.name;
  const query = useQuery({
    queryKey: ['evidence-on', org, record.ref],
    queryFn: () => askRecords(base, 'evidence', { [link ?? '']: record.ref, sort: '-number', limit: '100' }),
    enabled: link !== undefined,
  });
  if (link === undefined) return null;
  const items = query.data?.items ?? [];
  return (
    <section className="mt-6" aria-labelledby="evidence-on">
      <h2 id="evidence-on" className="mb-2">
        Evidence
      </h2>
      <Failed error={query.error} />
      {query.data && items.length === 0 && <p className="mb-3 text-muted">Nothing supports it yet.</p>}
      {items.length > 0 && (
        <div className="card mb-3 overflow-x-auto">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Evidence</th>
                <th scope="col">What it shows</th>
                <th scope="col">Covers</th>
                <th scope="col">Holds until</th>
                <th scope="col">Trust</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {items.map((e) => (
                <Row key={e.ref} evidence={e} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {/* Who makes records of other kinds hands in evidence, too. */}
      {named('control')?.mayCreate && <HandIn on={record.ref} />}
    </section>
  );
}

function Row({ evidence: { ref, title, state, values } }: { evidence: RecordView<Registers['evidence']> }) {
  const { coversFrom, coversTo, holdsUntil } = values;
  const ended = holdsUntil !== undefined && holdsUntil < new Date().toISOString().slice(0, 10);
  return (
    <tr>
      <td>
        <RefLink to={ref} title={title} />
      </td>
      <td className="wrap-anywhere">{values.claim ?? <span className="text-muted">Not said</span>}</td>
      <td className="whitespace-nowrap tabular-nums">
        {coversFrom || coversTo ? `${coversFrom ?? '…'} to ${coversTo ?? '…'}` : ''}
      </td>
      <td className="whitespace-nowrap tabular-nums">
        {holdsUntil} {ended && <Badge tone="bad">Ended</Badge>}
      </td>
      <td>{words(values.trust ?? '')}</td>
      <td>
        <StateBadge state={state} />
      </td>
    </tr>
  );
}

const DAYS = [
  ['coversFrom', 'Covers from'],
  ['coversTo', 'Covers to'],
  ['holdsUntil', 'Holds until'],
] as const;

/** A file is dropped or chosen, then it is said what it shows. */
function HandIn({ on }: { on: string }) {
  const { base, org } = useOrganisation();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [misnamed, setMisnamed] = useState('');
  const choose = (chosen: File | undefined) => {
    setError(undefined);
    setMisnamed('');
    setFile(chosen);
    if (!chosen && input.current) input.current.value = '';
  };
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!file) return;
    const told = new FormData(event.currentTarget);
    const said = (name: string) => String(told.get(name) ?? '') || undefined;
    setBusy(true);
    setError(undefined);
    try {
      const asked = {
        for: on,
        fileName: file.name,
        claim: said('claim'),
        coversFrom: said('coversFrom'),
        coversTo: said('coversTo'),
        holdsUntil: said('holdsUntil'),
      };
      const added = await ask(base, 'POST evidence/add', asked, file, { type: 'application/octet-stream' });
      await afterWrite(org);
      choose(undefined);
      say(`${added.evidence.ref} ${added.already ? 'was there already' : 'added'}`);
      if (added.misnamed)
        setMisnamed(
          `${added.evidence.ref} is ${added.evidence.values.format}: its bytes say so, whatever its name.`,
        );
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    choose(event.dataTransfer.files[0]);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for the labelled file input inside */}
      <div
        className={`card border-dashed! px-4 py-3 ${over ? 'border-accent! bg-accent-soft!' : 'border-control!'}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <label className="block">
          <span className="mb-1 block font-semibold">Drop a file here, or choose it</span>
          <input
            ref={input}
            type="file"
            className="file-input w-full"
            disabled={busy}
            onChange={(event) => choose(event.target.files?.[0])}
          />
        </label>
        {file && (
          <form className="mt-3" onSubmit={add}>
            <p className="mb-2">
              <strong className="wrap-anywhere">{file.name}</strong>
              <span className="text-muted">, {bytesText(file.size)}</span>
            </p>
            <Labelled label="What it shows" optional>
              {({ id }) => <input id={id} name="claim" maxLength={1000} className="input w-full" />}
            </Labelled>
            <div className="flex flex-wrap gap-3">
              {DAYS.map(([name, label]) => (
                <Labelled key={name} label={label} optional>
                  {({ id }) => <input id={id} name={name} type="date" className="input" />}
                </Labelled>
              ))}
            </div>
            <p className="flex gap-2">
              <button type="submit" className="btn btn-primary" disabled={busy}>
                {busy ? 'Adding…' : 'Add evidence'}
              </button>
              <button type="button" className="btn" disabled={busy} onClick={() => choose(undefined)}>
                Cancel
              </button>
            </p>
          </form>
        )}
      </div>
      <Failed error={error} />
      {misnamed && <Notice tone="busy">{misnamed}</Notice>}
    </>
  );
}
