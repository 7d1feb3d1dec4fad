import { type FormEvent, useState } from 'react';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { Labelled } from '../../kit/labelled.tsx';
import { Failed } from '../../kit/notice.tsx';
import { say } from '../../kit/toast.tsx';
import type { ViewProps } from '../index.ts';
import { Messages } from './messages.tsx';

/** What was said, by whoever raised it and by whoever handles it. */
export function View({ register, record }: ViewProps<Registers['concern']>) {
  const { base, org } = useOrganisation();
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const messages = record.values.messages ?? [];
  const over = register.ended.includes(record.state);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await ask(base, 'POST concern/:ref/reply', { ref: record.ref }, { text });
      setText('');
      say('The holder of the code can read your message');
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="max-w-3xl space-y-4">
      <div className="card px-4 py-3">
        <p className="text-[12.5px] text-muted">
          {record.values.anonymous
            ? 'Raised without a name. Who, when in the day, and from where is not known here.'
            : 'Raised with a name.'}
        </p>
        <p className="prose-plain mt-1">{record.values.content}</p>
      </div>
      <Messages messages={messages} me="handler" />
      {!over && (
        <form onSubmit={submit} noValidate>
          <Labelled
            label="Write to the person who raised it"
            help="They read it with their code. What they answer comes in once a day."
          >
            {({ id, describedBy }) => (
              <textarea
                id={id}
                className="input"
                rows={4}
                maxLength={2000}
                aria-describedby={describedBy}
                value={text}
                onChange={(e) => setText(e.target.value)}
              />
            )}
          </Labelled>
          <Failed error={error} />
          <button type="submit" className="btn btn-primary" disabled={busy || text.trim() === ''}>
            Send
          </button>
        </form>
      )}
    </div>
  );
}
