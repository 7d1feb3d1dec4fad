import { Tabs } from '@base-ui/react/tabs';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { RegisterMeta } from '../../register/describe.ts';
import type { RecordDetail } from '../api/answers.ts';
import { recordQuery, useOrganisation } from '../api/queries.ts';
import { StateBadge } from '../kit/badge.tsx';
import { momentText } from '../kit/format.ts';
import { Failed, Loading, Nothing, Notice } from '../kit/notice.tsx';
import { PersonName } from '../kit/refLink.tsx';
import { viewOf } from '../views/index.ts';
import { EditRecord } from './editRecord.tsx';
import { groupWords, mayErase } from './eraseAnswer.ts';
import { RecordBody } from './recordBody.tsx';
import { Workflow } from './workflow.tsx';

const History = lazy(() => import('./history.tsx').then((m) => ({ default: m.History })));
const ErasePerson = lazy(() => import('./erasePerson.tsx').then((m) => ({ default: m.ErasePerson })));
const Proof = lazy(() => import('./proofTab.tsx').then((m) => ({ default: m.ProofTab })));

const TAB =
  'border-b-2 border-transparent px-3 py-1.5 font-medium text-muted hover:text-ink data-active:border-accent data-active:text-ink';

/** One record. */
export function RecordPage() {
  const {
    org,
    register: name,
    ref,
  } = useParams({ strict: false }) as { org: string; register: string; ref: string };
  const { register, asOf } = useOrganisation();
  const meta = register(name);
  const { data, error } = useQuery(recordQuery(org, name, ref, asOf));
  if (!meta) return <Nothing title={`There is no register "${name}"`}>Choose one in the navigation.</Nothing>;
  if (error && !data)
    return (
      <div className="max-w-2xl p-6">
        <h1 className="mb-3">{ref}</h1>
        <Failed error={error} />
      </div>
    );
  if (!data) return <Loading />;
  return <RecordFrame key={`${ref} ${asOf}`} register={meta} record={data.record} etag={data.etag} />;
}

interface FrameProps {
  register: RegisterMeta;
  record: RecordDetail;
  etag: string;
}

function RecordFrame({ register, record, etag }: FrameProps) {
  const { org, meta, people, asOf } = useOrganisation();
  const [editing, setEditing] = useState(false);
  const [erasing, setErasing] = useState(false);
  const erasable = !asOf && register.name === people?.name && mayErase(meta.me, record.ref);
  // What a special view asks (the gate, the stored file) is always the present.
  const view = asOf ? undefined : viewOf(register.name);
  useTitle(`${record.ref} ${record.title}`);
  return (
    <div className="mx-auto max-w-6xl p-4 sm:p-6">
      <p className="mb-1 text-muted">
        <Link to="/o/$org/$register" params={{ org, register: register.name }}>
          {register.label.many}
        </Link>
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="wrap-anywhere">
          <span className="ref font-normal text-muted">{record.ref}</span> {record.title}
        </h1>
        <StateBadge state={record.state} standing={record.standing} />
      </div>
      <p className="mt-1 mb-3 text-[13px] text-muted">
        Version {record.version}, saved {momentText(record.updatedAt)} by{' '}
        <PersonName to={record.updatedBy} references={record.references} />
      </p>
      {asOf ? (
        <ErasedSince groups={record.erased ?? []} />
      ) : (
        <Workflow register={register} record={record} onEdit={() => setEditing(true)} />
      )}
      {erasable && (
        <button type="button" className="btn mt-2" onClick={() => setErasing(true)}>
          Erase personal data…
        </button>
      )}
      <RecordTabs register={register} record={record} special={view} />
      {erasing && (
        <Suspense fallback={null}>
          <ErasePerson record={record} onClose={() => setErasing(false)} />
        </Suspense>
      )}
      {editing && (
        <EditRecord register={register} record={record} etag={etag} onClose={() => setEditing(false)} />
      )}
    </div>
  );
}

function ErasedSince({ groups }: { groups: string[] }) {
  if (groups.length === 0) return null;
  return <Notice tone="plain">Erased since, and so not shown: {groupWords(groups)}.</Notice>;
}

interface TabsProps {
  register: RegisterMeta;
  record: RecordDetail;
  special: ReturnType<typeof viewOf>;
}

function RecordTabs({ register, record, special }: TabsProps) {
  const { org } = useOrganisation();
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const own = special ? 'view' : 'record';
  const choose = (next: string) =>
    navigate({
      to: '/o/$org/$register/$ref',
      params: { org, register: register.name, ref: record.ref },
      search: next === own ? {} : { tab: next },
      replace: true,
    });
  return (
    <Tabs.Root value={tab ?? own} onValueChange={choose} className="mt-4">
      <Tabs.List
        className="mb-4 flex gap-1 overflow-x-auto border-b border-line"
        aria-label={`Parts of ${record.ref}`}
      >
        {special && (
          <Tabs.Tab value="view" className={TAB}>
            {special.label}
          </Tabs.Tab>
        )}
        <Tabs.Tab value="record" className={TAB}>
          Record
        </Tabs.Tab>
        <Tabs.Tab value="history" className={TAB}>
          History
        </Tabs.Tab>
        <Tabs.Tab value="proof" className={TAB}>
          Proof
        </Tabs.Tab>
      </Tabs.List>
      <Suspense fallback={<Loading />}>
        {special && (
          <Tabs.Panel value="view">
            <special.View register={register} record={record} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="record">
          <RecordBody register={register} record={record} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History register={register} record={record} />
        </Tabs.Panel>
        <Tabs.Panel value="proof">
          <Proof register={register} record={record} />
        </Tabs.Panel>
      </Suspense>
    </Tabs.Root>
  );
}

/** The window's title while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · OpenAIMS`;
    return () => {
      document.title = 'OpenAIMS';
    };
  }, [title]);
}
