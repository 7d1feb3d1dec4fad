import { useState } from 'react';
import type { RecordPage, VersionView } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { addressOf, ask } from '../api/client.ts';
import { useOrganisation } from '../api/queries.ts';
import { Failed, Loading, Notice } from '../kit/notice.tsx';
import { commitmentStep, digestStep, shownStep } from '../proof/disclosed.ts';
import { logPath } from '../proof/place.ts';
import { VerifyPanel } from '../proof/verify-panel.tsx';
import { useVersions } from './history.tsx';

/** Where a version stands in the ledger, and the check of it, made here. */
export function ProofTab({ register, record }: { register: RegisterMeta; record: RecordPage }) {
  const { base, org } = useOrganisation();
  const query = useVersions(register, record);
  const [chosen, setChosen] = useState(record.version);
  const versions = query.data?.pages.flatMap((p) => p.items) ?? [];
  const version = versions.find((v) => v.version === chosen);
  const proof = { register: register.name, ref: record.ref, version: chosen };
  const examine = (shown: VersionView) => async (entry: Uint8Array) => {
    const file = await ask(base, 'GET :register/:ref/proof', proof);
    return [digestStep(entry, shown.digest), commitmentStep(entry, file), shownStep(file, shown)];
  };
  return (
    <div className="max-w-3xl space-y-4">
      <p>
        Each version is an entry of the ledger, written in the same transaction as the record. The check below
        runs in this browser: it reads the signed checkpoint and the hash tree, and works out whether the
        entry is in it.
      </p>
      <Failed error={query.error} />
      {query.isPending && <Loading />}
      <div className="flex flex-wrap items-end gap-3">
        <label className="block">
          <span className="mb-1 block font-semibold">Version</span>
          <select className="input w-40!" value={chosen} onChange={(e) => setChosen(Number(e.target.value))}>
            {versions.map((v) => (
              <option key={v.version} value={v.version}>
                Version {v.version}
              </option>
            ))}
          </select>
        </label>
        <a
          className="btn"
          href={addressOf(base, 'GET :register/:ref/proof', proof)}
          download={`${record.ref}-v${chosen}.proof.json`}
        >
          Download the proof
        </a>
      </div>
      {version && version.logIndex === null && (
        <Notice tone="warn">This version waits for the next checkpoint. Look again in a few seconds.</Notice>
      )}
      {version && version.logIndex !== null && (
        <VerifyPanel
          key={chosen}
          log={logPath(org, version.log ?? 1)}
          index={version.logIndex}
          examine={examine(version)}
          label="Check in this browser"
        />
      )}
      <p className="text-muted">
        The downloaded proof can be checked without this server:{' '}
        <code>
          aims verify {record.ref}-v{chosen}.proof.json
        </code>
      </p>
    </div>
  );
}
