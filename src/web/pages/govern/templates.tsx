import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { StartView } from '../../../answers/govern.ts';
import type { RegisterName } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { plural, words } from '../../kit/format.ts';
import { TextInput } from '../../kit/labelled.tsx';
import { Failed, Loading } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { say } from '../../kit/toast.tsx';
import { useTitle } from '../../records/record-page.tsx';

const DOCUMENT: RegisterName = 'document';

/** Documents to start from: each with what it serves and what is to be filled in. */
export function TemplatesPage() {
  const { org, base, register } = useOrganisation();
  const [chosen, setChosen] = useState<StartView>();
  useTitle('Start a document');
  const { data, error } = useQuery({
    queryKey: ['templates', org],
    queryFn: () => ask(base, 'GET :register/templates', { register: DOCUMENT }),
    staleTime: 600_000,
  });
  const may = register('document')?.mayCreate ?? false;
  return (
    <div className="mx-auto max-w-5xl space-y-4 p-4 sm:p-6">
      <h1>Start a document</h1>
      <p className="text-muted">
        Texts in our own words. What stands in square brackets is yours to fill in; as long as any is left,
        the document cannot be approved.
      </p>
      <Failed error={error} />
      {!data && !error && <Loading />}
      <ul className="grid gap-3 md:grid-cols-2">
        {data?.items.map((t) => (
          <li key={t.id} className="card flex flex-col gap-2 px-4 py-3">
            <h2>{t.title}</h2>
            <p className="flex-1 text-muted">
              {words(String(t.values.kind ?? ''))} · {t.clauses.join(', ')} ·{' '}
              {plural(t.placeholders.length, 'place')} to fill in
            </p>
            <p>
              <button type="button" className="btn" onClick={() => setChosen(t)}>
                {may ? 'Read and start' : 'Read'}
                <span className="sr-only">: {t.title}</span>
              </button>
            </p>
          </li>
        ))}
      </ul>
      {chosen && <StartPanel template={chosen} may={may} onClose={() => setChosen(undefined)} />}
    </div>
  );
}

function StartPanel({ template, may, onClose }: { template: StartView; may: boolean; onClose: () => void }) {
  const { org, base } = useOrganisation();
  const navigate = useNavigate();
  const [title, setTitle] = useState(template.title);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await ask(
        base,
        'POST :register/start',
        { register: DOCUMENT },
        { template: template.id, title },
      );
      await afterWrite(org);
      say(`${made.ref} was started`);
      navigate({
        to: '/o/$org/$register/$ref',
        params: { org, register: 'document', ref: made.ref },
        search: { tab: 'record' },
      });
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return (
    <Panel
      open
      onClose={onClose}
      at="side"
      title={template.title}
      description="You become its owner; edit it next."
    >
      {may && (
        <>
          <TextInput label="Title" value={title} onChange={setTitle} />
          <Failed error={error} />
          <button
            type="button"
            className="btn btn-primary mb-4"
            disabled={busy || title.trim() === ''}
            onClick={start}
          >
            Start this document
          </button>
        </>
      )}
      <div className="prose-plain rounded-md bg-sunken p-3 text-[13px]">
        {String(template.values.body ?? '')}
      </div>
    </Panel>
  );
}
