import { useState } from 'react';
import type { Proposal, Proposed } from '../../../answers/components.ts';
import type { LinkMeta } from '../../../register/describe.ts';
import type { FieldOf, LinkOf } from '../../../register/rec.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { plural } from '../../kit/format.ts';
import { Labelled } from '../../kit/labelled.tsx';
import { Failed, Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { say } from '../../kit/toast.tsx';
import { textsIn } from '../../records/entries.ts';
import { EntryInput } from '../../records/form.tsx';
import { howText } from './similar.tsx';

/** What becomes of a proposal: a new record, a record that is there, or nothing. */
type Choice = 'new' | 'skip' | string;

const SYSTEM: LinkMeta = {
  name: 'system',
  to: 'aiSystem',
  label: 'AI system they are part of',
  min: 0,
  max: 1,
  engine: false,
};

/** What a person would probably choose: what is surely there is used, what stands twice is left out. */
const firstChoice = (p: Proposal): Choice => {
  if (p.repeats) return 'skip';
  const sure = p.known.find((k) => k.how !== 'near');
  return sure ? sure.ref : 'new';
};

/** Components out of a bill of materials or a card: proposed by the file, chosen by a person. */
export function ProposePanel({ onClose }: { onClose: () => void }) {
  const { org, base } = useOrganisation();
  const [file, setFile] = useState<Proposed>();
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const [system, setSystem] = useState<string[]>([]);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const read = async (given: File | undefined) => {
    if (!given) return;
    setError(undefined);
    setFile(undefined);
    try {
      const data = await ask(base, 'POST component/propose', { fileName: given.name }, given, {
        type: 'application/octet-stream',
      });
      setFile(data);
      setChoices(Object.fromEntries(data.components.map((p) => [p.key, firstChoice(p)])));
    } catch (cause) {
      setError(cause);
    }
  };
  const chosen = (file?.components ?? []).filter((p) => choices[p.key] !== 'skip');
  const adopt = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await ask(
        base,
        'POST component/adopt',
        {},
        {
          ...(system[0] ? { system: system[0] } : {}),
          components: chosen.map((p) => chosenAs(p, choices, file!.components)),
        },
      );
      await afterWrite(org);
      say(`${plural(made.created.length, 'component')} created, ${made.linked.length} linked`);
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel
      open
      onClose={onClose}
      at="side"
      title="Components from a file"
      description="A CycloneDX bill of materials (JSON) or a model or dataset card (Markdown). Nothing is stored before you choose."
    >
      <Labelled label="File">
        {({ id }) => (
          <input
            id={id}
            type="file"
            accept=".json,.md,.markdown,application/json,text/markdown"
            className="file-input w-full"
            onChange={(e) => void read(e.target.files?.[0])}
          />
        )}
      </Labelled>
      {file && <Findings file={file} />}
      {file && file.components.length > 0 && (
        <>
          <EntryInput
            entry={{ name: SYSTEM.name, link: SYSTEM }}
            value={system}
            onChange={(v) => setSystem(textsIn(v))}
          />
          <ul className="mb-3 divide-y divide-line border-y border-line">
            {file.components.map((p) => (
              <ProposalLine
                key={p.key}
                proposal={p}
                from={p.derivedFrom.map((k) => file.components.find((c) => c.key === k)?.name ?? k)}
                choice={choices[p.key]!}
                onChange={(choice) => setChoices({ ...choices, [p.key]: choice })}
              />
            ))}
          </ul>
        </>
      )}
      <div className="mb-3">
        <Failed error={error} />
      </div>
      <button
        type="button"
        className="btn btn-primary"
        disabled={busy || chosen.length === 0}
        onClick={adopt}
      >
        {chosen.length > 0 ? `Take over ${plural(chosen.length, 'component')}` : 'Take over'}
      </button>
    </Panel>
  );
}

type Component = Registers['component'];

/** A proposal as the server takes it; what it comes from is named by what was chosen for that. */
function chosenAs(p: Proposal, choices: Record<string, Choice>, all: readonly Proposal[]) {
  const choice = choices[p.key]!;
  if (choice !== 'new') return { key: p.key, use: choice };
  const given = {
    name: p.name,
    kind: p.kind,
    componentVersion: p.version,
    digest: p.digest,
    source: p.source,
    licence: p.licence,
    rights: p.rights,
    provenance: p.provenance,
    quality: p.quality,
    supplier: p.supplierRef ? [p.supplierRef] : null,
  } satisfies Partial<Record<FieldOf<Component> | LinkOf<Component>, unknown>>;
  const resolved = (key: string): string[] => {
    const target = all.find((c) => c.key === key);
    const chosen = choices[key];
    if (chosen === 'skip') return target?.repeats ? resolved(target.repeats) : [];
    return chosen === undefined || chosen === 'new' ? [key] : [chosen];
  };
  return {
    key: p.key,
    values: Object.fromEntries(Object.entries(given).filter(([, v]) => v !== null)),
    derivedFrom: [...new Set(p.derivedFrom.flatMap(resolved))],
  };
}

function Findings({ file }: { file: Proposed }) {
  if (file.findings.length === 0) return null;
  return (
    <div className="mb-3">
      <Notice
        tone={file.accepted ? 'warn' : 'bad'}
        title={file.accepted ? 'To look at' : 'The file is refused. Nothing was stored.'}
      >
        <ul className="mt-1 list-disc pl-5">
          {file.findings.slice(0, 20).map((f) => (
            <li key={`${f.code} ${f.location}`} className="wrap-anywhere">
              {f.message} {f.location && <span className="mono">{f.location}</span>}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

interface LineProps {
  proposal: Proposal;
  from: string[];
  choice: Choice;
  onChange: (choice: Choice) => void;
}

function ProposalLine({ proposal: p, from, choice, onChange }: LineProps) {
  const facts = [p.kind, p.version, p.licence ?? 'no licence named', p.supplier].filter(Boolean).join(' · ');
  return (
    <li className="py-2">
      <p className="font-semibold wrap-anywhere">{p.name}</p>
      <p className="text-[12.5px] text-muted wrap-anywhere">{facts}</p>
      {from.length > 0 && (
        <p className="text-[12.5px] text-muted wrap-anywhere">Derived from {from.join(', ')}</p>
      )}
      {p.digest && <p className="mono text-[11.5px]! text-muted wrap-anywhere">{p.digest}</p>}
      {p.repeats && <p className="text-[12.5px] text-muted">Stands in the file twice.</p>}
      <select
        className="input mt-1"
        aria-label={`What becomes of ${p.name}`}
        value={choice}
        onChange={(e) => onChange(e.target.value)}
      >
        <option value="new">Create a new component</option>
        {p.known.map((k) => (
          <option key={k.ref} value={k.ref}>
            Use {k.ref} {k.title} ({howText(k)})
          </option>
        ))}
        <option value="skip">Leave out</option>
      </select>
    </li>
  );
}
