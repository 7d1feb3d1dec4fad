import { useState } from 'react';
import { fetchBytes } from '../api/client.ts';
import { Badge, type Tone } from '../kit/badge.tsx';
import { Failed, Notice } from '../kit/notice.tsx';
import { keepSeen, seenBefore } from './seen.ts';
import { type Step, type Verified, verifyLog } from './verify.ts';

const TONES: Record<Step['status'], Tone> = { passed: 'ok', failed: 'bad', skipped: 'plain' };
const WORDS: Record<Step['status'], string> = { passed: 'Passed', failed: 'Failed', skipped: 'Not checked' };

interface VerifyPanelProps {
  /** Address of the log below the server's root, such as `/log/acme`. */
  log: string;
  /** Entry to prove. */
  index?: number;
  examine?: (entry: Uint8Array) => Promise<Step[]>;
  label: string;
  /** A key from elsewhere; the server's own is taken when there is none. */
  vkey?: string;
  rebuildUpTo?: number;
}

async function textOf(path: string): Promise<string> {
  const bytes = await fetchBytes(path);
  if (!bytes) throw new Error(`The log has no ${path.split('/').pop()} yet.`);
  return new TextDecoder().decode(bytes);
}

/** Runs the check when asked and shows each step as it ends. */
export function VerifyPanel({ log, index, examine, label, vkey, rebuildUpTo }: VerifyPanelProps) {
  const [steps, setSteps] = useState<Step[]>([]);
  const [result, setResult] = useState<Verified>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setSteps([]);
    setResult(undefined);
    setError(undefined);
    try {
      const [checkpoint, serverKey] = await Promise.all([textOf(`${log}/checkpoint`), textOf(`${log}/vkey`)]);
      const key = vkey?.trim() || serverKey;
      const done = await verifyLog(
        {
          checkpoint,
          vkey: key,
          index,
          examine,
          rebuildUpTo,
          seen: seenBefore(key),
          fetchTile: (path) => fetchBytes(`${log}/${path}`),
        },
        (step) => setSteps((was) => [...was, step]),
      );
      if (done.ok && done.checkpoint) keepSeen(key, done.checkpoint);
      setResult(done);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-label={label} className="space-y-3">
      <button type="button" className="btn btn-primary" onClick={run} disabled={busy}>
        {busy ? 'Checking…' : label}
      </button>
      <Failed error={error} />
      {steps.length > 0 && (
        <ol className="card divide-y divide-line" aria-live="polite">
          {steps.map((s) => (
            <li key={s.id} className="flex gap-3 px-3 py-2">
              <span className="w-28 shrink-0">
                <Badge tone={TONES[s.status]}>{WORDS[s.status]}</Badge>
              </span>
              <span className="min-w-0">
                <strong className="block font-semibold">{s.title}</strong>
                <span className="wrap-anywhere text-muted">{s.detail}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
      {result && (
        <Notice tone={result.ok ? 'ok' : 'bad'} title={result.ok ? 'The check passed' : 'The check failed'}>
          <p>
            {result.ok
              ? 'What is shown has not been altered since it entered the log. That it was true when it was entered, the log cannot say.'
              : 'Keep this page and ask the operator: the log, or what stands between you and it, was altered.'}
          </p>
          {!vkey && (
            <p className="mt-1">
              The verifier key came from this same server. Compare it with one you were given another way.
            </p>
          )}
        </Notice>
      )}
      {result?.entry && (
        <details>
          <summary>The entry as it stands in the log</summary>
          <pre className="mt-2 overflow-x-auto rounded-md bg-sunken p-3 wrap-anywhere whitespace-pre-wrap">
            {result.entry}
          </pre>
        </details>
      )}
    </section>
  );
}
