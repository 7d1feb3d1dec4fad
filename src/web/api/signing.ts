import { useSyncExternalStore } from 'react';

/** Whether the newest answer said that the log is not signed: each answer of an organisation does, so that no page has to ask. */
let unsigned = false;
const listeners = new Set<() => void>();

/** Answers that are of no organisation say nothing about its log. */
export function noteSigning(path: string, response: Response): void {
  if (!/^\/api\/v1\/[^/]+\/./.test(path)) return;
  const now = response.headers.has('openaims-log');
  if (now === unsigned) return;
  unsigned = now;
  for (const listener of listeners) listener();
}

export const useUnsigned = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => unsigned,
  );
