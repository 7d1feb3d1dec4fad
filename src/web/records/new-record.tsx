import { useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Changed } from '../../actions/index.ts';
import type { RecordView } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { ask } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { CopyButton } from '../kit/copy.tsx';
import { Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { say } from '../kit/toast.tsx';
import { hasSimilar, Similar } from '../views/component/actions.ts';
import { entriesOf, type Flat, given, isRequired } from './entries.ts';
import { RecordForm } from './form.tsx';

/** A new record: what must be given first, the rest on request. */
export function NewRecord({ register, onClose }: { register: RegisterMeta; onClose: () => void }) {
  const { org, base } = useOrganisation();
  const navigate = useNavigate();
  const [secret, setSecret] = useState<{ text: string; record: RecordView }>();
  const entries = entriesOf(register);
  const first = entries.filter(isRequired);
  const open = (record: RecordView) =>
    navigate({ to: '/o/$org/$register/$ref', params: { org, register: register.name, ref: record.ref } });
  const create = async (values: Flat) => {
    const made: Changed = await ask(base, 'POST :register', { register: register.name }, given(values));
    await afterWrite(org);
    say(`${made.ref} was created`);
    if (made.secret) setSecret({ text: made.secret, record: made });
    else open(made);
  };
  return (
    <Panel
      open
      onClose={onClose}
      at="side"
      title={`New ${register.label.one}`}
      description={register.purpose}
    >
      {secret ? (
        <OnceShown what="secret" text={secret.text} onDone={() => open(secret.record)} />
      ) : (
        <RecordForm
          entries={first.length > 0 ? first : entries}
          more={first.length > 0 ? entries.filter((e) => !isRequired(e)) : []}
          submit={`Create ${register.label.one}`}
          onSubmit={create}
          onCancel={onClose}
          hint={
            hasSimilar(register.name)
              ? (values) => (
                  <Suspense fallback={null}>
                    <Similar register={register} values={values} />
                  </Suspense>
                )
              : undefined
          }
        />
      )}
    </Panel>
  );
}

/** Something that is told once and stored nowhere. */
export function OnceShown({ what, text, onDone }: { what: string; text: string; onDone: () => void }) {
  return (
    <div className="space-y-3">
      <Notice tone="warn">This {what} is shown once and cannot be shown again. Copy it now.</Notice>
      <p className="mono wrap-anywhere rounded-md bg-sunken p-3">{text}</p>
      <div className="flex gap-2">
        <CopyButton text={text} />
        <button type="button" className="btn btn-primary" onClick={onDone}>
          Done
        </button>
      </div>
    </div>
  );
}
