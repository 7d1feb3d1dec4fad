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
  const [error, setError] = useState<unknown>();
  const path = `${base}/evidence/${record.ref}/file`;
  const digest = record.values.file ?? '';
  const name = record.values.fileName ?? record.ref;
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
