import { Tabs } from '@base-ui/react/tabs';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { RecordPage as Shown } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { recordQuery, useOrganisation } from '../api/queries.ts';
import { usePathText, useSearchText } from '../kit/address.ts';
import { StateBadge } from '../kit/badge.tsx';
import { momentText } from '../kit/format.ts';
import { InUse } from '../kit/in-use.tsx';
import { Failed, Loading, Nothing, Notice } from '../kit/notice.tsx';
import { PersonName } from '../kit/ref-link.tsx';
import { hasLineage, LineageTab } from '../views/component/actions.ts';
import { Evidence } from '../views/evidence/on-record.tsx';
import { viewsOf } from '../views/index.ts';
import { partOf } from '../views/parts.ts';
import { StandingBadge } from './cell.tsx';
import { Comments } from './comments.tsx';
import { EditRecord } from './edit-record.tsx';
import { groupWords, mayErase } from './erase-answer.ts';
import { RecordBody } from './record-body.tsx';
import { asksWhatChanged, SinceApprovalCard } from './since-approval.tsx';
import { Holds } from './what-a-person-holds.tsx';
import { Workflow } from './workflow.tsx';

const History = lazy(() => import('./history.tsx').then((m) => ({ default: m.History })));
const ErasePerson = lazy(() => import('./erase-person.tsx').then((m) => ({ default: m.ErasePerson })));
const Proof = lazy(() => import('./proof-tab.tsx').then((m) => ({ default: m.ProofTab })));

const TAB =
  'border-b-2 border-transparent px-3 py-1.5 font-medium whitespace-nowrap text-muted hover:text-ink data-active:border-accent data-active:text-ink';

/** One record. */
export function RecordPage() {
  const name = usePathText('register');
  const ref = usePathText('ref');
  const { org, register, asOf } = useOrganisation();
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
  record: Shown;
  etag: string;
}

function RecordFrame({ register, record, etag }: FrameProps) {
  const { org, meta, people, asOf } = useOrganisation();
  const [editing, setEditing] = useState(false);
  const [erasing, setErasing] = useState(false);
  const erasable = !asOf && register.name === people?.name && mayErase(meta.me, record.ref);
  // What some special views ask (the stored file) is always the present.
  const views = viewsOf(register.name).filter((v) => v.earlier || !asOf);
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
        <StandingBadge standing={record.standing} />
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
      {record.inUse && record.inUse.length > 0 && (
        <div className="mt-4">
          <InUse uses={record.inUse} />
        </div>
      )}
      {!asOf && register.name === people?.name && <Holds person={record.ref} />}
      {!asOf && asksWhatChanged({ register, record }) && (
        <div className="mt-4">
          <SinceApprovalCard register={register} record={record} />
        </div>
      )}
      <RecordTabs register={register} record={record} special={views} />
      {!asOf && <Evidence register={register} record={record} />}
      {!asOf && <Comments register={register} record={record} />}
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

function ErasedSince({ groups }: { groups: readonly string[] }) {
  if (groups.length === 0) return null;
  return <Notice tone="plain">Erased since, and so not shown: {groupWords(groups)}.</Notice>;
}

interface TabsProps {
  register: RegisterMeta;
  record: Shown;
  special: ReturnType<typeof viewsOf>;
}

function RecordTabs({ register, record, special }: TabsProps) {
  const { org, asOf } = useOrganisation();
  // Lineage is always the present one.
  const lineage = !asOf && hasLineage(register.name);
  const navigate = useNavigate();
  const tab = useSearchText('tab');
  const Part = partOf(register.name);
  const before = special.filter((v) => !v.besides);
  const after = special.filter((v) => v.besides);
  const own = before[0]?.key ?? 'record';
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
        {before.map((v) => (
          <Tabs.Tab key={v.key} value={v.key} className={TAB}>
            {v.label}
          </Tabs.Tab>
        ))}
        <Tabs.Tab value="record" className={TAB}>
          Record
        </Tabs.Tab>
        {lineage && (
          <Tabs.Tab value="lineage" className={TAB}>
            Lineage
          </Tabs.Tab>
        )}
        {after.map((v) => (
          <Tabs.Tab key={v.key} value={v.key} className={TAB}>
            {v.label}
          </Tabs.Tab>
        ))}
        <Tabs.Tab value="history" className={TAB}>
          History
        </Tabs.Tab>
        <Tabs.Tab value="proof" className={TAB}>
          Proof
        </Tabs.Tab>
      </Tabs.List>
      <Suspense fallback={<Loading />}>
        {special.map((v) => (
          <Tabs.Panel key={v.key} value={v.key}>
            <v.View register={register} record={record} />
          </Tabs.Panel>
        ))}
        <Tabs.Panel value="record">
          {Part && <Part register={register} record={record} />}
          <RecordBody register={register} record={record} />
        </Tabs.Panel>
        {lineage && (
          <Tabs.Panel value="lineage">
            <LineageTab register={register} record={record} />
          </Tabs.Panel>
        )}
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
