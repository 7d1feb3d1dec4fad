import { useEffect } from 'react';

/** True while somebody types: then letters are letters, not commands. */
function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** True while a dialog is open: keys of the page behind it must rest. */
const covered = (): boolean => document.querySelector('[role="dialog"]') !== null;

/** Keys of a page, by `KeyboardEvent.key`. They rest while somebody types or a dialog is open. */
export function useKeys(keys: ReadonlyMap<string, () => void>): void {
  useEffect(() => {
    const listen = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || covered()) return;
      const act = keys.get(e.key);
      if (!act) return;
      e.preventDefault();
      act();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}
