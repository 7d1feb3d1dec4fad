import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Decided, GateResult } from '../../../answers/gate.ts';
import type { Registers } from '../../../registers/index.ts';
import { getRecords } from '../../api/asked.ts';
import { ask } from '../../api/client.ts';
import { afterWrite, useOrganisation } from '../../api/queries.ts';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { momentText } from '../../kit/format.ts';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import { say } from '../../kit/toast.tsx';
import { VERDICTS, VerdictBadge } from '../../kit/verdict.tsx';
import type { ViewProps } from '../index.ts';
import { EvidenceUpload } from './evidence-upload.tsx';
import { GateChecks } from './gate-checks.tsx';

/** May this release ship? The verdict as of now, why, what to do, and the decision on record. */
export function View({ record }: ViewProps<Registers['release']>) {
  const { base, org, asOf } = useOrganisation();
  const gate = useQuery({
    queryKey: ['gate', org, record.ref, record.version, asOf],
    queryFn: () => ask(base, 'GET release/:ref/gate', { ref: record.ref, asOf }),
  });
  const [decided, setDecided] = useState<Decided>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const decide = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await ask(base, 'POST release/:ref/gate', { ref: record.ref });
      setDecided(made);
      say(`${made.decision.ref}: ${VERDICTS[made.result.verdict].word.toLowerCase()}`);
      await afterWrite(org);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="space-y-5">
      <Failed error={gate.error} />
      {gate.isPending && <Loading what="Asking the gate" />}
      {gate.data && (
        <>
          <ErasedSince of={gate.data} />
          <Banner gate={gate.data} busy={busy} onDecide={asOf ? undefined : decide} />
          <Failed error={error} />
          {decided && <Recorded decided={decided} />}
          <GateChecks gate={gate.data} />
        </>
      )}
      {!asOf && <EvidenceUpload release={record.ref} />}
      <Former release={record.ref} />
    </div>
  );
}

/** An allowance says by which way, where it is not the whole of what the class demands. */
const ALLOWED: Readonly<Partial<Record<GateResult['basis'], string>>> = {
  envelope: 'Inside an approved envelope; only tests decided.',
  emergency: 'One person decided in an emergency, for 72 hours; nothing else was asked.',
  useClearance: 'This use of what a vendor runs is cleared. We can end our use; we cannot stop the service.',
};

function Banner({ gate, busy, onDecide }: { gate: GateResult; busy: boolean; onDecide?: () => void }) {
  const v = VERDICTS[gate.verdict];
  const count = (status: GateResult['checks'][number]['status']) =>
    gate.checks.filter((c) => c.status === status).length;
  return (
    <section
      className={`tone-${v.tone} flex flex-wrap items-center gap-4 rounded-lg px-4 py-3`}
      aria-label="Verdict"
    >
      <div className="min-w-56 flex-1">
        <p className="text-[18px] font-bold" role="status">
          {v.word}
        </p>
        <p>{gate.verdict === 'allow' ? (ALLOWED[gate.basis] ?? v.sentence) : v.sentence}</p>
        <p className="mt-1 text-[12.5px]">
          Risk class {gate.riskClass} · {count('passed')} passed, {count('failed')} failed, {count('missing')}{' '}
          missing · policy {gate.policy.ref} version {gate.policy.version} · as of{' '}
          {momentText(gate.evaluatedAt)}
        </p>
        <p className="mono text-[11.5px]! wrap-anywhere">{gate.subject}</p>
      </div>
      {onDecide && (
        <button type="button" className="btn" onClick={onDecide} disabled={busy}>
          {busy ? 'Recording…' : 'Record gate decision'}
        </button>
      )}
    </section>
  );
}

function Recorded({ decided }: { decided: Decided }) {
  return (
    <Notice tone="busy" title="The decision is recorded and signed">
      <p>
        <RefLink to={decided.decision.ref} /> is entry {decided.log.index} of {decided.log.origin} (
        {decided.log.size} entries). Refusals are recorded as well.
      </p>
      <p className="mt-1 flex flex-wrap gap-4">
        <a href={decided.files.vsa} download>
          Signed attestation
        </a>
        <a href={decided.files.proof} download>
          Proof of the entry
        </a>
      </p>
    </Notice>
  );
}

/** Decisions of the gate on this release, newest first. */
function Former({ release }: { release: string }) {
  const { base, org, asOf } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['gateDecisions', org, release, asOf],
    queryFn: () => getRecords(base, 'gateDecision', { release, limit: 50, sort: '-number', asOf }),
  });
  return (
    <section aria-labelledby="former">
      <h2 id="former" className="mb-2">
        Recorded decisions
      </h2>
      <Failed error={error} />
      {data?.items.length === 0 && (
        <p className="text-muted">
          None yet. The verdict above is computed{asOf ? '' : ' now'} and recorded nowhere.
        </p>
      )}
      {data && data.items.length > 0 && (
        <Scroll className="card overflow-x-auto" label="Table of recorded decisions">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Decision</th>
                <th scope="col">Verdict</th>
                <th scope="col">When</th>
                <th scope="col">Attestation</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((d) => (
                <tr key={d.ref}>
                  <td>
                    <RefLink to={d.ref} />
                  </td>
                  <td>{d.values.verdict && <VerdictBadge verdict={d.values.verdict} />}</td>
                  <td className="tabular-nums whitespace-nowrap">{momentText(d.createdAt)}</td>
                  <td>
                    <a href={`${base}/gateDecision/${d.ref}/attestation`} download={`${d.ref}.vsa.dsse.json`}>
                      Download<span className="sr-only"> the attestation of {d.ref}</span>
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
