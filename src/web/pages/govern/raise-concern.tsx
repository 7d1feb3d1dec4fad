import { useState } from 'react';
import type { FieldOf, LinkOf } from '../../../register/rec.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { CopyButton } from '../../kit/copy.tsx';
import { Notice } from '../../kit/notice.tsx';
import { entriesOf, type Flat, given } from '../../records/entries.ts';
import { RecordForm } from '../../records/form.tsx';
import { useTitle } from '../../records/record-page.tsx';

type Concern = Registers['concern'];

const FIRST: readonly string[] = ['title', 'content'] satisfies FieldOf<Concern>[];
const ASKED: readonly string[] = [
  ...FIRST,
  ...(['about', 'systems'] satisfies (FieldOf<Concern> | LinkOf<Concern>)[]),
];

/** Whoever belongs here raises a concern with their name, and gets a code to follow it by. */
export function RaisePage() {
  const { org, base, register } = useOrganisation();
  const [done, setDone] = useState<{ ref: string; code: string }>();
  useTitle('Raise a concern');
  const concern = register('concern');
  if (!concern) return null;
  const entries = entriesOf(concern).filter((e) => ASKED.includes(e.name));
  const create = async (values: Flat) => {
    const made = await ask(base, 'POST :register', { register: concern.name }, given(values));
    const { code } = await ask(base, 'POST concern/:ref/code', { ref: made.ref });
    setDone({ ref: made.ref, code });
    await afterWrite(org);
  };
  return (
    <div className="mx-auto max-w-2xl space-y-4 p-4 sm:p-6">
      <h1>Raise a concern</h1>
      {done ? (
        <div className="space-y-3">
          <Notice tone="ok" title={`${done.ref} was received`}>
            <p>With this code you read the answer and can go on writing. It is shown once: keep it.</p>
          </Notice>
          <p className="mono rounded-md bg-sunken p-3 wrap-anywhere">{done.code}</p>
          <div className="flex gap-2">
            <CopyButton text={done.code} />
            <a className="btn" href={`#/concerns?org=${org}`}>
              Where to use it
            </a>
          </div>
        </div>
      ) : (
        <>
          <p className="text-muted">
            With your name. The people it is about cannot see it, whatever their role. Without your name:{' '}
            <a href={`#/concerns?org=${org}`}>this page</a>, best from another device.
          </p>
          <div className="card px-4 py-4">
            <RecordForm
              entries={entries.filter((e) => FIRST.includes(e.name))}
              more={entries.filter((e) => !FIRST.includes(e.name))}
              submit="Raise this concern"
              onSubmit={create}
              onCancel={() => window.history.back()}
            />
          </div>
        </>
      )}
    </div>
  );
}
