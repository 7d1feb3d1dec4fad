import { sha256 } from '@noble/hashes/sha2.js';
import { useState } from 'react';
import type { Registers } from '../../../registers/index.ts';
import { fetchBytes } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { bytesText } from '../../kit/format.ts';
import { Icon } from '../../kit/icons.tsx';
import { Failed, Notice } from '../../kit/notice.tsx';
import { toHex } from '../../proof/note.ts';
import type { ViewProps } from '../index.ts';

/** The stored file: to take away, and to compare with the digest on record, here or with a tool of one's own. */
export function View({ record }: ViewProps<Registers['evidence']>) {
  const { base } = useOrganisation();
  const [found, setFound] = useState<string>();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<unknown>();
  const path = `${base}/evidence/${record.ref}/file`;
  const digest = record.values.file ?? '';
  const name = record.values.fileName ?? record.ref;
  // What the server shows in a frame; of what else there is, it gives the file alone.
  const shown = /^(text|message)\/|[/+](json|xml)$|^image\/(png|jpeg|gif|webp)$/.test(
    record.values.mediaType ?? '',
  );
  const check = async () => {
    setError(undefined);
    setFound(undefined);
    try {
      const bytes = await fetchBytes(path);
      if (!bytes) throw new Error('The file is not there: its digest is recorded, its bytes are gone.');
      setFound(`sha256:${toHex(sha256(bytes))}`);
    } catch (cause) {
      setError(cause);
    }
  };
  if (record.values.file === undefined)
    return (
      <p className="max-w-3xl">
        Kept elsewhere: <strong className="wrap-anywhere">{record.values.reference}</strong>. Nobody here has
        seen it: it counts as declared.
      </p>
    );
  return (
    <div className="max-w-3xl space-y-4">
      <div className="card space-y-2 p-4">
        <p>
          <strong>{name}</strong>
          {record.values.bytes !== undefined && (
            <span className="text-muted">, {bytesText(record.values.bytes)}</span>
          )}
        </p>
        <p className="mono wrap-anywhere">{digest}</p>
        <p className="flex flex-wrap gap-2">
          <a className="btn" href={path} download={name}>
            <Icon name="download" /> Download
          </a>
          <button type="button" className="btn" onClick={check}>
            Compare with the digest on record
          </button>
        </p>
      </div>
      {shown && !open && (
        <button type="button" className="btn" onClick={() => setOpen(true)}>
          Show a preview
        </button>
      )}
      {open && (
        <iframe
          title={`Preview of ${name}`}
          sandbox=""
          src={`${base}/evidence/${record.ref}/preview`}
          className="card h-96 w-full bg-white"
        />
      )}
      <Failed error={error} />
      {found && (
        <Notice
          tone={found === digest ? 'ok' : 'bad'}
          title={found === digest ? 'Same bytes' : 'Different bytes'}
        >
          <p>
            {found === digest
              ? 'The stored file is, byte for byte, the one whose digest is on record.'
              : `The stored file has ${found}. It is not the one on record.`}
          </p>
        </Notice>
      )}
      <p className="text-muted">
        With a tool of your own: <code>sha256sum "{name}"</code>
      </p>
    </div>
  );
}
