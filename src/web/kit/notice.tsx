import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import type { Tone } from './badge.tsx';

/** A sentence that must be seen: announced to screen readers when it appears. */
export function Notice({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} className={`tone-${tone} rounded-md px-3 py-2`}>
      {title && <p className="font-semibold">{title}</p>}
      {children}
    </div>
  );
}

/** What went wrong, in sentences; with the request id when the server is to blame. */
export function Failed({ error, hidden = [] }: { error: unknown; hidden?: string[] }) {
  if (!error) return null;
  if (!(error instanceof ApiError))
    return (
      <Notice tone="bad" title="This page failed">
        {String(error)}
      </Notice>
    );
  const rest = error.problems.filter((p) => !hidden.includes(p.path));
  const operator = error.status >= 500 && error.requestId;
  return (
    <Notice tone="bad" title={error.status === 0 ? 'Offline' : undefined}>
      <p>{error.message}</p>
      {rest.length > 0 && (
        <ul className="mt-1 list-disc pl-5">
          {rest.map((p) => (
            <li key={`${p.path}${p.message}`}>
              {p.path && <span className="mono">{p.path}: </span>}
              {p.message}
            </li>
          ))}
        </ul>
      )}
      {operator && <p className="mono mt-1">Request {error.requestId}</p>}
    </Notice>
  );
}

export function Loading({ what = 'Loading' }: { what?: string }) {
  return (
    <p role="status" className="p-6 text-muted">
      {what}…
    </p>
  );
}

/** An empty place that says what belongs here. */
export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="px-6 py-10 text-center">
      <p className="font-semibold">{title}</p>
      <div className="mx-auto mt-1 max-w-prose text-muted">{children}</div>
    </div>
  );
}
