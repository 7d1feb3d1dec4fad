import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Sent } from '../../actions/index.ts';
import type { Erased, ErasureView } from '../../answers/erasure.ts';
import type { RecordPage } from '../../answers/record.ts';
import { ApiError, ask, fieldOfPath } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { words } from '../kit/format.ts';
import { Labelled, TextInput } from '../kit/labelled.tsx';
import { Failed, Loading, Notice } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { RefLink } from '../kit/ref-link.tsx';
import { BASES, groupWords } from './erase-answer.ts';

const THEN = {
  erase: 'is erased too',
  ask: 'stays unless you choose so above',
  edit: 'stays: it is the present version, edit the record first',
  locked: 'stays: it is the present version of a record that nobody edits any more',
};

/** Erases what says who a person is: shown first, then done with a reason, a legal basis and the password. */
export function ErasePerson({ record, onClose }: { record: RecordPage; onClose: () => void }) {
  const { org, base } = useOrganisation();
  const [mentions, setMentions] = useState(false);
  const [done, setDone] = useState<Erased>();
  const what: Sent<'POST erasure/preview'> = { kind: 'person', ref: record.ref, mentions };
  const preview = useQuery({
    queryKey: ['erasure', org, record.ref, record.version, mentions],
    queryFn: () => ask(base, 'POST erasure/preview', {}, what),
    enabled: !done,
    staleTime: 0,
    gcTime: 0,
  });
  const erase = async (how: Why) => {
    const answer = await ask(base, 'POST erasure', {}, { ...what, ...how });
    setDone(answer);
    await afterWrite(org);
  };
  if (done)
    return (
      <Panel open onClose={onClose} title={`Erased: ${record.ref}`}>
        <div className="space-y-3">
          <Notice tone="ok" title={done.nothing ? 'Nothing was left to erase' : 'Erased for good'}>
            {done.record && (
              <p>
                Recorded as <RefLink to={done.record} />, and in {done.entries} entries of the log.
              </p>
            )}
          </Notice>
          <What erasure={done} past />
          <button type="button" className="btn btn-primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Panel>
    );
  return (
    <Panel open onClose={onClose} title={`Erase personal data: ${record.ref}`} description={record.title}>
      <label className="mb-3 flex items-start gap-2">
        <input
          type="checkbox"
          className="mt-1"
          checked={mentions}
          onChange={(e) => setMentions(e.target.checked)}
        />
        <span>Erase past versions of other records that mention the person, too</span>
      </label>
      <Failed error={preview.error} />
      {preview.isPending && <Loading what="Looking through everything that was ever said" />}
      {preview.data && (
        <>
          {preview.data.nothing && <Notice tone="plain">Nothing is left to erase.</Notice>}
          <What erasure={preview.data} />
          {!preview.data.nothing && <Confirm onErase={erase} onCancel={onClose} />}
        </>
      )}
    </Panel>
  );
}

type Why = Pick<Sent<'POST erasure'>, 'basis' | 'reason' | 'password'>;

interface ConfirmProps {
  onErase: (how: Why) => Promise<void>;
  onCancel: () => void;
}

function Confirm({ onErase, onCancel }: ConfirmProps) {
  const [basis, setBasis] = useState<Why['basis']>();
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const problems =
    error instanceof ApiError
      ? Object.fromEntries(error.problems.map((p) => [fieldOfPath(p.path), p.message]))
      : {};
  const submit = async () => {
    if (!basis) return;
    setBusy(true);
    setError(undefined);
    try {
      await onErase({ basis, reason: reason.trim(), password });
    } catch (cause) {
      setError(cause);
      setPassword('');
      setBusy(false);
    }
  };
  return (
    <form
      className="mt-4 border-t border-line pt-4"
      onSubmit={(e) => {
        e.preventDefault();
        if (!busy) submit();
      }}
    >
      <Labelled label="Legal basis" error={problems.basis}>
        {({ id, describedBy, invalid }) => (
          <select
            id={id}
            className="input"
            required
            value={basis ?? ''}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            onChange={(e) => setBasis(BASES.find(([name]) => name === e.target.value)?.[0])}
          >
            <option value="">Choose…</option>
            {BASES.map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <Labelled
        label="Reason"
        error={problems.reason}
        help="It is kept for good: no name and nothing else of the person in it."
      >
        {({ id, describedBy, invalid }) => (
          <textarea
            id={id}
            className="input"
            rows={2}
            required
            maxLength={5000}
            value={reason}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            onChange={(e) => setReason(e.target.value)}
          />
        )}
      </Labelled>
      <TextInput
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={setPassword}
        error={problems.password}
      />
      <Failed error={error} hidden={['/basis', '/reason', '/password']} />
      <p className="my-3">This cannot be undone.</p>
      <div className="flex gap-2">
        <button type="submit" className="btn btn-danger" disabled={busy}>
          {busy ? 'Erasing…' : 'Erase for good'}
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function What({ erasure: e, past = false }: { erasure: ErasureView; past?: boolean }) {
  const will = (one: string, other: string) => (past ? other : one);
  return (
    <div className="space-y-2">
      {e.person && !e.nothing && (
        <ul className="list-disc space-y-1 pl-5">
          {e.person.version !== null && (
            <li>
              {e.ref} {will('gets', 'got')} version {e.person.version} without personal data, state{' '}
              {words(e.person.state).toLowerCase()}.
            </li>
          )}
          {e.person.account && (
            <li>
              The account {will('goes', 'went')}, with its password and sessions, unless it belongs to another
              organisation too.
            </li>
          )}
          {e.person.invitations > 0 && (
            <li>
              Invitations that {will('go', 'went')}: {e.person.invitations}.
            </li>
          )}
          {e.versions.map((v) => (
            <li key={`${v.ref}/${v.version}`}>
              Version {v.version} of <RefLink to={v.ref} />: {groupWords(v.groups)}
              {v.entry !== null && <span className="text-muted"> (ledger entry {v.entry})</span>}
            </li>
          ))}
        </ul>
      )}
      {e.mentions.length > 0 && (
        <>
          <h3>
            Mentioned in {e.mentioned} {e.mentioned === 1 ? 'place' : 'places'}
          </h3>
          <ul className="list-disc space-y-1 pl-5">
            {e.mentions.map((m) => (
              <li key={`${m.ref}/${m.version}/${m.group}`}>
                Version {m.version} of <RefLink to={m.ref} />, {groupWords([m.group])}: {THEN[m.then]}.
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>What stays</h3>
      <ul className="list-disc space-y-1 pl-5 text-muted">
        {e.stays.map((s) => (
          <li key={s}>{s}</li>
        ))}
      </ul>
    </div>
  );
}
