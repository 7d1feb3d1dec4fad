import { useState } from 'react';
import type { RecordPage } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { ApiError, ask } from '../api/client.ts';
import { afterWrite, queryClient, recordQuery, useOrganisation } from '../api/queries.ts';
import { Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { PersonName } from '../kit/ref-link.tsx';
import { say } from '../kit/toast.tsx';
import { DiffList, differences } from './diff.tsx';
import { changes, entriesOf, type Flat, labelFor } from './entries.ts';
import { RecordForm } from './form.tsx';

interface EditProps {
  register: RegisterMeta;
  record: RecordPage;
  etag: string;
  onClose: () => void;
}

interface Base {
  record: RecordPage;
  etag: string;
}

/**
 * Edits a record against the version that was read. When somebody else saved in between, nothing is overwritten:
 * their changes are shown, what was typed stays, and saving again applies it on top of theirs.
 */
export function EditRecord({ register, record, etag, onClose }: EditProps) {
  const { org, base } = useOrganisation();
  const [against, setAgainst] = useState<Base>({ record, etag });
  const [theirs, setTheirs] = useState<{ from: RecordPage; to: RecordPage }>();
  const flat = (r: RecordPage): Flat => ({ ...r.values, ...r.links });
  const [start] = useState(() => flat(record));
  const { fixed } = against.record.may;
  const save = async (values: Flat) => {
    const body = changes(start, values);
    if (Object.keys(body).length === 0) return onClose();
    try {
      await ask(base, 'PATCH :register/:ref', { register: register.name, ref: record.ref }, body, {
        ifMatch: against.etag,
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        const now = await queryClient.fetchQuery({
          ...recordQuery(org, register.name, record.ref),
          staleTime: 0,
        });
        setTheirs({ from: against.record, to: now.record });
        setAgainst(now);
      }
      throw error;
    }
    await afterWrite(org);
    say(`${record.ref} was saved`);
    onClose();
  };
  return (
    <Panel open onClose={onClose} at="side" title={`Edit ${record.ref}`} description={record.title}>
      {fixed.length > 0 && (
        <p className="mb-3 text-muted">
          Settled, and no longer edited: {fixed.map((name) => labelFor(register, name)).join(', ')}.
        </p>
      )}
      <RecordForm
        entries={entriesOf(register).filter((e) => !fixed.includes(e.name))}
        initial={start}
        references={record.references}
        submit="Save"
        onSubmit={save}
        onCancel={onClose}
        conflict={
          theirs && (
            <Notice tone="warn" title="Somebody saved this record while you were editing">
              <p>
                Version {theirs.to.version} by{' '}
                <PersonName to={theirs.to.updatedBy} references={theirs.to.references} /> changed:
              </p>
              <DiffList list={differences(register, theirs.from, theirs.to, theirs.to.references)} />
              <p className="mt-1">
                Your entries are kept. Save again to apply them on top, or cancel to keep theirs.
              </p>
            </Notice>
          )
        }
      />
    </Panel>
  );
}
