import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Followed } from '../../../answers/concerns.ts';
import { ask, baseOf } from '../../api/client.ts';
import { useSearchText } from '../../kit/address.ts';
import { CopyButton } from '../../kit/copy.tsx';
import { momentText, words } from '../../kit/format.ts';
import { Labelled, TextInput } from '../../kit/labelled.tsx';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { Messages } from '../../views/concern/messages.tsx';
import { Door } from '../entry/door.tsx';

/** Concerns without a name: raise one, follow one by its code. Nobody is asked who they are, and nothing is kept in the browser. */
export function PublicConcern() {
  const org = useSearchText('org') ?? '';
  const base = baseOf(org);
  const [code, setCode] = useState<string>();
  const [followed, setFollowed] = useState<{ code: string; seen: Followed }>();
  const door = useQuery({
    queryKey: ['door', org],
    queryFn: () => ask(base, 'GET concerns/door', {}),
  });
  if (door.isPending) return <Loading />;
  if (followed)
    return (
      <Door title={followed.seen.title}>
        <Conversation base={base} code={followed.code} seen={followed.seen} />
      </Door>
    );
  if (code)
    return (
      <Door title="Your code">
        <Notice tone="warn">
          It is shown once and can be given to you by nobody. With it you read the answer and can go on
          writing.
        </Notice>
        <p className="mono my-3 rounded-md bg-sunken p-3 wrap-anywhere">{code}</p>
        <p className="mb-3">
          What you wrote is kept. It is passed on at the end of the day, together with what others wrote, so
          that the time does not give you away.
        </p>
        <CopyButton text={code} />
      </Door>
    );
  return (
    <Door
      title={
        door.data?.organisation ? `A concern about AI at ${door.data.organisation}` : 'Concerns about AI'
      }
    >
      <Failed error={door.error} />
      {door.data?.open ? (
        <Raise base={base} onDone={setCode} />
      ) : (
        <p className="mb-4">
          Concerns without a name are not taken here at present. A code that you have still works.
        </p>
      )}
      <hr className="my-5 border-line" />
      <Follow base={base} onFound={setFollowed} />
    </Door>
  );
}

/** One request at a time, and what went wrong. */
function useSending() {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = async (deed: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await deed();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return { error, busy, run };
}

function Raise({ base, onDone }: { base: string; onDone: (code: string) => void }) {
  const [title, setTitle] = useState('');
  const [content, setContent] = useState('');
  const { error, busy, run } = useSending();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    run(async () => onDone((await ask(base, 'POST concerns', {}, { title, content })).code));
  };
  return (
    <form onSubmit={submit} noValidate>
      <p className="mb-4 text-muted">
        Without your name. Neither your address nor your browser nor the time of day is kept. Do not write
        what would give you away.
      </p>
      <TextInput label="In a sentence" value={title} onChange={setTitle} autoComplete="off" />
      <Area label="What worries you" value={content} onChange={setContent} rows={7} />
      <div className="mb-3">
        <Failed error={error} />
      </div>
      <button type="submit" className="btn btn-primary w-full" disabled={busy}>
        {busy ? 'Sending…' : 'Send without a name'}
      </button>
    </form>
  );
}

interface AreaProps {
  label: string;
  value: string;
  onChange: (v: string) => void;
  rows: number;
}

const Area = ({ label, value, onChange, rows }: AreaProps) => (
  <Labelled label={label}>
    {({ id }) => (
      <textarea
        id={id}
        className="input"
        rows={rows}
        autoComplete="off"
        value={value}
        onChange={(e) => onChange(e.target.value)}
      />
    )}
  </Labelled>
);

function Follow({ base, onFound }: { base: string; onFound: (f: { code: string; seen: Followed }) => void }) {
  const [code, setCode] = useState('');
  const { error, busy, run } = useSending();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    run(async () => onFound({ code, seen: await ask(base, 'POST concerns/follow', {}, { code }) }));
  };
  return (
    <form onSubmit={submit} noValidate>
      <h2 className="mb-2">You have a code</h2>
      <TextInput label="Code" value={code} onChange={setCode} autoComplete="off" />
      <div className="mb-3">
        <Failed error={error} />
      </div>
      <button type="submit" className="btn w-full" disabled={busy || code.trim() === ''}>
        Show what became of it
      </button>
    </form>
  );
}

function Conversation({ base, code, seen }: { base: string; code: string; seen: Followed }) {
  const [now, setNow] = useState(seen);
  const [text, setText] = useState('');
  const { error, busy, run } = useSending();
  const over = now.state === 'closed';
  const submit = (e: FormEvent) => {
    e.preventDefault();
    run(async () => {
      await ask(base, 'POST concerns/message', {}, { code, text });
      setText('');
      setNow(await ask(base, 'POST concerns/follow', {}, { code }));
    });
  };
  return (
    <div className="space-y-4">
      <p role="status">
        {now.state === 'waiting' ? 'Received. It is passed on' : `State: ${words(now.state).toLowerCase()}.`}
        {now.state === 'waiting' && now.enteredAfter && ` after ${momentText(now.enteredAfter)}.`}
      </p>
      {now.answer && (
        <Notice tone="ok" title="Answer">
          <p className="prose-plain">{now.answer}</p>
        </Notice>
      )}
      <Messages messages={now.messages} me="raiser" />
      {!over && (
        <form onSubmit={submit} noValidate>
          <Area label="Write more" value={text} onChange={setText} rows={4} />
          <div className="mb-3">
            <Failed error={error} />
          </div>
          <button type="submit" className="btn btn-primary" disabled={busy || text.trim() === ''}>
            Send
          </button>
        </form>
      )}
    </div>
  );
}
