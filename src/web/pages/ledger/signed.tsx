import type { LogView } from '../../../answers/log.ts';
import { CopyButton } from '../../kit/copy.tsx';
import { momentText, plural } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';

/** The signed head of a log: what it covers, with which keys, and who else has signed it. */
export function Signed({ log }: { log: LogView }) {
  const facts: [string, string][] = [
    ['Origin', log.origin],
    ['Entries under the signature', log.size.toLocaleString('en')],
    ['Waiting for the next checkpoint', log.pending.toLocaleString('en')],
    ['Root', log.root],
    [
      'Who can read it',
      log.public ? 'Anyone: the log is published' : 'Members, and holders of its read token',
    ],
  ];
  return (
    <section className="space-y-3" aria-label="Checkpoint">
      {!log.open && (
        <Notice tone="warn" title="Frozen">
          <p>
            This log is not signed any more. The next one names its last head; a newer checkpoint of this log
            is a forgery.
          </p>
        </Notice>
      )}
      <Witnessed log={log} />
      <dl className="card grid gap-x-6 px-4 py-2 sm:grid-cols-2">
        {facts.map(([label, value]) => (
          <div key={label} className="py-1.5">
            <dt className="text-[12.5px] text-muted">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      {log.checkpoint && <Block title="Checkpoint" text={log.checkpoint} />}
      <Block title="Verifier key" text={log.vkey} />
      {log.keys.length > 1 && (
        <details>
          <summary>Other keys of this log</summary>
          <ul className="card mt-2 divide-y divide-line">
            {log.keys
              .filter((k) => k.vkey !== log.vkey)
              .map((k) => (
                <li key={k.vkey} className="px-3 py-2 wrap-anywhere">
                  <span className="mono block">{k.vkey}</span>
                  <span className="text-muted">
                    since {momentText(k.since)}
                    {k.until && `, until ${momentText(k.until)}`}
                  </span>
                </li>
              ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** Who else has seen this log. A witness that the operator runs is named like any other: only the reader knows who is who. */
function Witnessed({ log }: { log: LogView }) {
  if (!log.witnessed)
    return (
      <Notice tone="warn" title="Unwitnessed">
        <p>
          No witness has signed this log. Its operator could rebuild all of it. Keep a checkpoint outside,
          such as the one in your pipeline's output: the check below then finds any rewriting of what came
          before.
        </p>
      </Notice>
    );
  return (
    <Notice tone="ok" title={`Witnessed by ${log.witnesses.map((w) => w.name).join(', ')}`}>
      <ul>
        {log.witnesses.map((w) => (
          <li key={w.vkey}>
            {w.name} cosigned {plural(w.size, 'entry', 'entries')} on {momentText(w.at)}
            {w.size < log.size &&
              `; ${plural(log.size - w.size, 'newer entry is', 'newer entries are')} not cosigned yet`}
          </li>
        ))}
      </ul>
      <p className="mt-1">A witness says something only to those who know that somebody else runs it.</p>
    </Notice>
  );
}

function Block({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <div className="mb-1 flex items-center justify-between">
        <h2>{title}</h2>
        <CopyButton text={text} label={`Copy ${title.toLowerCase()}`} />
      </div>
      <pre className="card p-3 wrap-anywhere whitespace-pre-wrap">{text}</pre>
    </div>
  );
}
