import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Owned } from '../../answers/people.ts';
import { ask } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { ownedQuery } from '../api/work.ts';
import { StateBadge } from '../kit/badge.tsx';
import { plural } from '../kit/format.ts';
import { Labelled, TextInput } from '../kit/labelled.tsx';
import { Failed, Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { RefLink } from '../kit/ref-link.tsx';
import { say } from '../kit/toast.tsx';
import { RecordPicker } from './picker.tsx';

/** What a person owns, approves or looks after; and handing it over. Not shown to those who may not ask. */
export function Holds({ person }: { person: string }) {
  const { org, meta } = useOrganisation();
  const { data } = useQuery(ownedQuery(org, person));
  const [handing, setHanding] = useState(false);
  if (!data || (data.total === 0 && data.keys.length === 0)) return null;
  const manages = meta.me.roles.some((r) => r === 'aimsManager' || r === 'topManagement');
  return (
    <section className="card mt-4 px-4 py-3" aria-labelledby="holds">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="holds">Holds {plural(data.total, 'record')}</h2>
        <span className="text-muted">{data.registers.map((r) => `${r.label} ${r.count}`).join(' · ')}</span>
        {manages && data.total > 0 && (
          <button type="button" className="btn btn-small ml-auto" onClick={() => setHanding(true)}>
            Hand over…
          </button>
        )}
      </div>
      <details className="mt-1">
        <summary className="text-muted">Which</summary>
        <ul className="mt-1">
          {data.items.map((i) => (
            <li key={i.ref} className="flex flex-wrap items-center gap-2 border-t border-line py-1">
              <RefLink to={i.ref} title={i.title} />
              <StateBadge state={i.state} />
              <span className="text-muted">{i.as.join(', ')}</span>
            </li>
          ))}
        </ul>
        {data.next && (
          <p className="text-muted">
            Only the first {data.items.length} of {data.total} are named.
          </p>
        )}
      </details>
      {data.keys.length > 0 && (
        <p className="mt-2 text-muted">
          Made API keys that still work:{' '}
          {data.keys.map((k, i) => (
            <span key={k.ref}>
              {i > 0 && ', '}
              <RefLink to={k.ref} title={k.title} />
            </span>
          ))}
          .
        </p>
      )}
      {handing && <HandOver owned={data} onClose={() => setHanding(false)} />}
    </section>
  );
}

function HandOver({ owned, onClose }: { owned: Owned; onClose: () => void }) {
  const { org, base, people } = useOrganisation();
  const [to, setTo] = useState<string[]>([]);
  const [only, setOnly] = useState('');
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>();
  const send = async () => {
    setError(undefined);
    try {
      const done = await ask(
        base,
        'POST person/:ref/reassign',
        { ref: owned.person },
        {
          successor: to[0] ?? '',
          ...(only ? { registers: [only] } : {}),
          ...(reason.trim() ? { reason: reason.trim() } : {}),
        },
      );
      await afterWrite(org);
      say(`${plural(done.total, 'record')} handed over`);
      onClose();
    } catch (e) {
      setError(e);
    }
  };
  return (
    <Panel open onClose={onClose} title={`Hand over what ${owned.person} holds`}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void send();
        }}
      >
        <Labelled label="To">
          {({ id }) => (
            <RecordPicker
              id={id}
              label="To"
              register={people?.name ?? ''}
              value={to}
              max={1}
              onChange={setTo}
            />
          )}
        </Labelled>
        <Labelled label="What">
          {({ id }) => (
            <select id={id} className="input" value={only} onChange={(e) => setOnly(e.target.value)}>
              <option value="">All {plural(owned.total, 'record')}</option>
              {owned.registers.map((r) => (
                <option key={r.register} value={r.register}>
                  {r.label}: {r.count}
                </option>
              ))}
            </select>
          )}
        </Labelled>
        <TextInput label="Reason" value={reason} onChange={setReason} />
        <Notice tone="plain">
          Each record gets a version that says so. Approvals that covered the old owner are then no longer
          current; appointments wait to be accepted.
        </Notice>
        <div className="my-3">
          <Failed error={error} />
        </div>
        <div className="flex gap-2">
          <button type="submit" className="btn btn-primary" disabled={to.length === 0}>
            Hand over
          </button>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Panel>
  );
}
