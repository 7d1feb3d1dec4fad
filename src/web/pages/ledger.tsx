import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LogEntry, LogView } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { useOrganisation } from '../api/queries.ts';
import { CopyButton } from '../kit/copy.tsx';
import { momentText, plural, shortDigest, words } from '../kit/format.ts';
import { TextInput } from '../kit/labelled.tsx';
import { Failed, Loading, Nothing, Notice } from '../kit/notice.tsx';
import { RefLink } from '../kit/refLink.tsx';
import { Scroll } from '../kit/scroll.tsx';
import { VerifyPanel } from '../proof/verifyPanel.tsx';
import { useTitle } from '../records/recordPage.tsx';

/** Logs up to this size are read entry by entry; a larger one is checked by its tree. */
const READ_ALL_UP_TO = 20_000;

/** The organisation's log: what is signed, what waits, every entry, and a check of it made in this browser. */
export function Ledger() {
  const { base, org, register } = useOrganisation();
  useTitle('Ledger');
  const query = useInfiniteQuery({
    queryKey: ['log', org],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      get<LogView>(`${base}/log?limit=50${pageParam === undefined ? '' : `&before=${pageParam}`}`),
    getNextPageParam: (page) => {
      const last = page.entries.at(-1)?.index;
      return last === undefined || last === 0 ? undefined : last;
    },
  });
  const log = query.data?.pages[0];
  const entries = query.data?.pages.flatMap((p) => p.entries) ?? [];
  const nameOf = (name: string) => register(name)?.label.one ?? words(name);
  return (
    <div className="mx-auto max-w-6xl space-y-6 p-4 sm:p-6">
      <header>
        <h1>Ledger</h1>
        <p className="mt-1 max-w-prose text-muted">
          Every change is an entry in an append-only log that anyone holding its key can check. It proves that
          nothing was altered since it was entered, not that it was true when entered.
        </p>
      </header>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      {log && <Signed log={log} />}
      {log && log.size > 0 && <Check />}
      {log && entries.length === 0 && (
        <Nothing title="Nothing recorded yet">The first change makes the first entry.</Nothing>
      )}
      {entries.length > 0 && <Entries entries={entries} nameOf={nameOf} />}
      {query.hasNextPage && (
        <button
          type="button"
          className="btn"
          disabled={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Load older entries
        </button>
      )}
    </div>
  );
}

function Signed({ log }: { log: LogView }) {
  const facts: [string, string][] = [
    ['Origin', log.origin],
    ['Entries under the signature', log.size.toLocaleString('en')],
    ['Waiting for the next checkpoint', log.pending.toLocaleString('en')],
    ['Root', log.root],
    ['Who can read it', log.public ? 'Anyone: the log is published' : 'Members of the organisation'],
  ];
  return (
    <section className="space-y-3" aria-label="Checkpoint">
      {!log.witnessed && (
        <Notice tone="warn" title="Unwitnessed">
          <p>
            No independent witness has signed this log. Its operator could rebuild all of it. Keep a
            checkpoint outside, such as the one in your pipeline's output: the check below then finds any
            rewriting of what came before.
          </p>
        </Notice>
      )}
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
    </section>
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

function Check() {
  const { org } = useOrganisation();
  const [vkey, setVkey] = useState('');
  const [index, setIndex] = useState('');
  const chosen = /^\d+$/.test(index) ? Number(index) : undefined;
  return (
    <section className="card p-4" aria-labelledby="check">
      <h2 id="check" className="mb-2">
        Verify it yourself
      </h2>
      <div className="grid gap-x-4 sm:grid-cols-[minmax(0,1fr)_200px]">
        <TextInput
          label="Verifier key you were given (optional)"
          value={vkey}
          onChange={setVkey}
          help="Without one, the key of this server is used."
        />
        <TextInput
          label="Entry to prove (optional)"
          value={index}
          onChange={setIndex}
          help="Its index, from the list below."
        />
      </div>
      <VerifyPanel
        org={org}
        label="Verify in this browser"
        vkey={vkey}
        index={chosen}
        rebuildUpTo={READ_ALL_UP_TO}
      />
    </section>
  );
}

function Entries({ entries, nameOf }: { entries: LogEntry[]; nameOf: (register: string) => string }) {
  return (
    <section aria-labelledby="entries">
      <h2 id="entries" className="mb-2">
        {plural(entries.length, 'newest entry', 'newest entries')}
      </h2>
      <Scroll className="card overflow-x-auto" label="Entries of the ledger">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col" className="num">
                Index
              </th>
              <th scope="col">At</th>
              <th scope="col">Record</th>
              <th scope="col">Kind</th>
              <th scope="col" className="num">
                Version
              </th>
              <th scope="col">Act</th>
              <th scope="col">State</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((e) => (
              <tr key={e.index}>
                <td className="num">{e.index}</td>
                <td className="tabular-nums whitespace-nowrap">{momentText(e.at)}</td>
                <td>{e.ref ? <RefLink to={e.ref} /> : <span className="text-muted">The log itself</span>}</td>
                <td className="whitespace-nowrap">{e.register && nameOf(e.register)}</td>
                <td className="num">{e.version}</td>
                <td className="whitespace-nowrap">{words(e.transition ?? e.act)}</td>
                <td className="whitespace-nowrap">{e.state && words(e.state)}</td>
                <td className="mono" title={e.digest}>
                  {shortDigest(e.digest)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
