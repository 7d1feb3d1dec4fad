import { type DragEvent, useRef, useState } from 'react';
import type { Added } from '../../../answers/evidence.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { bytesText } from '../../kit/format.ts';
import { Icon } from '../../kit/icons.tsx';
import { Failed, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { InspectionView } from './inspection.tsx';

/** Adds a test report to the release: dropped or chosen, read by the server, its figures recounted and shown. */
export function EvidenceUpload({ release }: { release: string }) {
  const { base, org } = useOrganisation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState('');
  const [added, setAdded] = useState<Added>();
  const [error, setError] = useState<unknown>();
  const add = async (file: File | undefined) => {
    if (!file) return;
    setBusy(`${file.name}, ${bytesText(file.size)}`);
    setError(undefined);
    setAdded(undefined);
    try {
      const asked = { release, fileName: file.name };
      setAdded(await ask(base, 'POST evidence/add', asked, file, { type: 'application/octet-stream' }));
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy('');
      if (input.current) input.current.value = '';
    }
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    add(e.dataTransfer.files[0]);
  };
  return (
    <section aria-labelledby="evidence" className="space-y-3">
      <h2 id="evidence">Test evidence</h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for the labelled file input inside */}
      <div
        className={`card flex flex-wrap items-center gap-3 border-dashed! px-4 py-4 ${over ? 'border-accent! bg-accent-soft!' : 'border-control!'}`}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Icon name="upload" size={18} />
        <label className="min-w-0 flex-1">
          <span className="block font-semibold">Drop the test tool's own report here, or choose it</span>
          <span className="mb-1 block text-muted">
            Its figures are counted again; a report that contradicts itself is refused.
          </span>
          <input
            ref={input}
            type="file"
            className="file-input w-full"
            disabled={busy !== ''}
            onChange={(e) => add(e.target.files?.[0])}
          />
        </label>
      </div>
      {busy && (
        <p role="status" className="text-muted">
          Reading {busy}…
        </p>
      )}
      <Failed error={error} />
      {added && (
        <Notice tone="busy" title="Added">
          <p className="flex flex-wrap gap-4">
            <RefLink to={added.evidence.ref} title={added.evidence.title} />
            {added.testRun && <RefLink to={added.testRun.ref} title={added.testRun.title} />}
          </p>
        </Notice>
      )}
      {added?.inspection && <InspectionView inspection={added.inspection} />}
    </section>
  );
}
