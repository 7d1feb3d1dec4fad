import { useSyncExternalStore } from 'react';

let said = '';
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says what was just done, at the foot of the page and to screen readers, for six seconds. */
export function say(text: string): void {
  said = text;
  clearTimeout(timer);
  if (text) timer = setTimeout(() => say(''), 6000);
  for (const listener of listeners) listener();
}

export function Toast() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-4 z-50 flex justify-center"
    >
      {text && <p className="popup px-4 py-2 font-medium">{text}</p>}
    </div>
  );
}
