import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { References } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { ask } from '../api/client.ts';
import { useOrganisation } from '../api/queries.ts';
import { textsOf, usePathText, useSearchTexts } from '../kit/address.ts';
import { plural } from '../kit/format.ts';
import { Icon } from '../kit/icons.tsx';
import { Failed, Loading, Nothing } from '../kit/notice.tsx';
import { useKeys } from '../shell/keys.ts';
import { OF_COMPONENT, ProposePanel } from '../views/component/actions.ts';
import { BulkPanel } from './bulk-panel.tsx';
import { DataTable } from './data-table.tsx';
import { FilterBar } from './filter-bar.tsx';
import { filtersOf, listQuery, type Search } from './filters.ts';
import { ImportPanel } from './import-panel.tsx';
import { NewRecord } from './new-record.tsx';
import { SavedFilters } from './saved-filters.tsx';

/** One register: its records, and what can be done with all of them. */
export function ListPage() {
  const name = usePathText('register');
  const { register } = useOrganisation();
  const meta = register(name);
  if (!meta) return <Nothing title={`There is no register "${name}"`}>Choose one in the navigation.</Nothing>;
  return <RegisterPage key={name} register={meta} />;
}

function useRecords(register: RegisterMeta, search: Search) {
  const { base, org } = useOrganisation();
  // What the table shows, and no more: texts of records are long.
  const shown = register.columns
    .filter((c) => !['state', 'createdAt', 'updatedAt'].includes(c.name))
    .map((c) => c.name)
    .join();
  const query = useInfiniteQuery({
    queryKey: ['records', org, register.name, listQuery(search)],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const more = {
        limit: '100',
        columns: shown,
        ...(pageParam ? { after: pageParam } : { total: 'true' }),
      };
      const filters = Object.fromEntries(new URLSearchParams(listQuery(search, more)));
      return ask(base, 'GET :register', { register: register.name }, undefined, { filters, signal });
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const records = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  const references = useMemo<References>(
    () => Object.assign({}, ...(query.data?.pages.map((p) => p.references ?? {}) ?? [])),
    [query.data],
  );
  return { query, records, references, total: query.data?.pages[0]?.total };
}

function RegisterPage({ register }: { register: RegisterMeta }) {
  const navigate = useNavigate();
  const search: Search = useSearchTexts();
  const { org, asOf } = useOrganisation();
  const { query, records, references, total } = useRecords(register, search);
  const [importing, setImporting] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [changing, setChanging] = useState(false);
  const [proposing, setProposing] = useState(false);
  const setSearch = useCallback(
    (next: Search) =>
      navigate({
        to: '/o/$org/$register',
        params: { org, register: register.name },
        search: next,
        replace: true,
      }),
    [navigate, org, register.name],
  );
  const { new: creating, ...rest } = search;
  const filtered = Boolean(search.q) || filtersOf(search).length > 0;
  const mayCreate = register.mayCreate && !register.engineWritten && !asOf;
  const selectable = !register.engineWritten && !asOf;
  useKeys(new Map(mayCreate ? [['n', () => setSearch({ ...rest, new: 'yes' })]] : []));
  const setSort = (sort: string | undefined) => {
    const { sort: _, ...others } = rest;
    setSearch(sort ? { ...others, sort } : others);
  };
  // Told a moment after typing: by then the rest of the address may have changed, so it is taken as it is then.
  const router = useRouter();
  const setWords = useCallback(
    (q: string) => setSearch({ ...textsOf(router.state.location.search), q }),
    [router, setSearch],
  );
  const { fetchNextPage } = query;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return (
    <div className="flex h-full flex-col">
      <header className="space-y-2.5 px-4 pt-4 pb-2.5 sm:px-5">
        <div className="flex flex-wrap items-center gap-2">
          <h1 className="mr-1">{register.label.many}</h1>
          <p className="text-muted" aria-live="polite">
            {query.isSuccess &&
              (total !== undefined
                ? plural(total, 'record')
                : `${records.length}${query.hasNextPage ? '+' : ''} records`)}
          </p>
          <Actions
            register={register}
            onNew={() => setSearch({ ...rest, new: 'yes' })}
            onImport={() => setImporting(true)}
            onPropose={register.name === OF_COMPONENT ? () => setProposing(true) : undefined}
          />
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <SearchBox value={search.q ?? ''} label={register.label.many} onSearch={setWords} />
          <FilterBar register={register} search={rest} onSearch={setSearch} earlier={!!asOf} />
          {!asOf && <SavedFilters register={register} search={rest} onSearch={setSearch} />}
          {selected.size > 0 && !asOf && (
            <span className="ml-auto flex items-center gap-2" aria-live="polite">
              {plural(selected.size, 'record')} selected{selected.size >= BULK_MOST && ', the most at once'}
              <button type="button" className="btn btn-primary btn-small" onClick={() => setChanging(true)}>
                Change…
              </button>
              <button type="button" className="btn btn-small" onClick={() => setSelected(new Set())}>
                Clear
              </button>
            </span>
          )}
        </div>
        <Failed error={query.error} />
      </header>
      {query.isPending && <Loading />}
      {query.isSuccess && records.length === 0 && (
        <Empty register={register} filtered={filtered} onClear={() => setSearch({})} />
      )}
      {records.length > 0 && (
        <DataTable
          {...{ register, records, references, total, onMore }}
          selection={selectable ? { refs: selected, most: BULK_MOST, onChange: setSelected } : undefined}
          sort={search.sort}
          onSort={setSort}
          more={query.hasNextPage}
          loading={query.isFetchingNextPage}
        />
      )}
      {creating && mayCreate && <NewRecord register={register} onClose={() => setSearch(rest)} />}
      {changing && (
        <BulkPanel
          register={register}
          refs={[...selected]}
          onClose={() => setChanging(false)}
          onDone={() => {
            setChanging(false);
            setSelected(new Set());
          }}
        />
      )}
      {proposing && (
        <Suspense fallback={null}>
          <ProposePanel onClose={() => setProposing(false)} />
        </Suspense>
      )}
      {importing && <ImportPanel register={register} onClose={() => setImporting(false)} />}
    </div>
  );
}

/** Most records that are changed at once. */
const BULK_MOST = 200;

interface ActionsProps {
  register: RegisterMeta;
  onNew: () => void;
  onImport: () => void;
  /** Where components can be taken out of a file that describes them. */
  onPropose?: () => void;
}

function Actions({ register, onNew, onImport, onPropose }: ActionsProps) {
  const { base, asOf } = useOrganisation();
  // The whole register is exported, whatever the list is narrowed to.
  const query = (format: string) => new URLSearchParams({ format, ...(asOf ? { asOf } : {}) }).toString();
  if (asOf)
    return (
      <p className="ml-auto flex flex-wrap items-center gap-2 text-muted">
        <ExportLinks base={`${base}/${register.name}`} query={query} />
      </p>
    );
  if (register.engineWritten)
    return (
      <p className="ml-auto flex flex-wrap items-center gap-2 text-muted">
        Written by the system, not by hand.
        <ExportLinks base={`${base}/${register.name}`} query={query} />
      </p>
    );
  return (
    <div className="ml-auto flex flex-wrap items-center gap-2">
      <ExportLinks base={`${base}/${register.name}`} query={query} />
      {register.mayCreate ? (
        <>
          {onPropose && (
            <button type="button" className="btn" onClick={onPropose}>
              <Icon name="upload" /> From a file
            </button>
          )}
          <button type="button" className="btn" onClick={onImport}>
            <Icon name="upload" /> Import
          </button>
          <button type="button" className="btn btn-primary" onClick={onNew} aria-keyshortcuts="n">
            <Icon name="plus" /> New
          </button>
        </>
      ) : (
        <span className="text-muted">Your roles do not let you add records here.</span>
      )}
    </div>
  );
}

const ExportLinks = ({ base, query }: { base: string; query: (format: string) => string }) => (
  <span className="flex gap-2 px-1 text-muted">
    Export
    <a href={`${base}/export?${query('csv')}`} download aria-label="Export CSV">
      CSV
    </a>
    <a href={`${base}/export?${query('xlsx')}`} download aria-label="Export XLSX">
      XLSX
    </a>
    <a href={`${base}/export?${query('json')}`} download aria-label="Export JSON">
      JSON
    </a>
  </span>
);

/** Text search; asked a moment after the last letter, so that typing does not send a request per letter. */
function SearchBox({
  value,
  label,
  onSearch,
}: {
  value: string;
  label: string;
  onSearch: (q: string) => void;
}) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(value);
  useKeys(new Map([['/', () => input.current?.focus()]]));
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onSearch(text);
    }, 250);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <input
      ref={input}
      type="search"
      className="input w-56! max-sm:w-full!"
      placeholder="Search  /"
      aria-label={`Search ${label}`}
      aria-keyshortcuts="/"
      value={text}
      onChange={(e) => setText(e.target.value)}
    />
  );
}

function Empty({
  register,
  filtered,
  onClear,
}: {
  register: RegisterMeta;
  filtered: boolean;
  onClear: () => void;
}) {
  if (filtered)
    return (
      <Nothing title="No record fits">
        <button type="button" className="btn mt-2" onClick={onClear}>
          Show all {register.label.many}
        </button>
      </Nothing>
    );
  const clauses = Object.entries(register.clauses);
  return (
    <Nothing title="Nothing recorded yet">
      <p>{register.purpose}</p>
      {clauses.length > 0 && (
        <>
          <p className="mt-4 font-semibold text-ink">What ISO/IEC 42001 expects of it</p>
          <dl className="mt-1 text-left">
            {clauses.map(([clause, what]) => (
              <div key={clause} className="flex gap-3 py-0.5">
                <dt className="mono w-14 shrink-0 text-ink">{clause}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Nothing>
  );
}
