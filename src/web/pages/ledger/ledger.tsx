import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EntryView, LogView } from '../../../answers/log.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { momentText, plural, shortDigest, words } from '../../kit/format.ts';
import { TextInput } from '../../kit/labelled.tsx';
import { Failed, Loading, Nothing } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { VerifyPanel } from '../../proof/verify-panel.tsx';
import { useTitle } from '../../records/record-page.tsx';
import { Keeping } from './keeping.tsx';
import { Signed } from './signed.tsx';

/** Logs up to this size are read entry by entry; a larger one is checked by its tree. */
const READ_ALL_UP_TO = 20_000;

/** The organisation's log: what is signed, what waits, every entry, and a check of it made in this browser. */
export function Ledger() {
  const { base, org, register } = useOrganisation();
  useTitle('Ledger');
  const [number, setNumber] = useState<number>();
  const query = useInfiniteQuery({
    queryKey: ['log', org, number],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => ask(base, 'GET log', { limit: 50, before: pageParam, number }),
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
      {log && log.others.length > 0 && <Which log={log} onChoose={setNumber} />}
      {log && <Signed log={log} />}
      {log && log.size > 0 && <Check key={log.path} log={log} />}
      {log && <Keeping log={log} />}
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

/** An organisation has more than one log when one had to be frozen and continued. */
function Which({ log, onChoose }: { log: LogView; onChoose: (number: number) => void }) {
  const all = [...log.others, log].sort((a, b) => b.number - a.number);
  return (
    <label className="block">
      <span className="mb-1 block font-semibold">Which log</span>
      <select
        className="input max-w-md"
        value={log.number}
        onChange={(e) => onChoose(Number(e.target.value))}
      >
        {all.map((l) => (
          <option key={l.number} value={l.number}>
            {l.number}: {l.origin} ({l.open ? 'open' : 'frozen'}, {plural(l.size, 'entry', 'entries')})
          </option>
        ))}
      </select>
    </label>
  );
}

function Check({ log }: { log: LogView }) {
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
        log={log.path}
        label="Verify in this browser"
        vkey={vkey}
        index={chosen}
        rebuildUpTo={READ_ALL_UP_TO}
      />
    </section>
  );
}

function Entries({ entries, nameOf }: { entries: EntryView[]; nameOf: (register: string) => string }) {
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
                <td className="whitespace-nowrap">
                  {words(e.transition ?? e.about?.replace('.', ' ') ?? e.act)}
                </td>
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
