import { useState } from 'react';
import { Icon } from './icons.tsx';

/** Copies text. Without a secure context browsers have no clipboard, so the text is always shown as well. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState<'no' | 'yes' | 'failed'>('no');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('yes');
    } catch {
      setDone('failed');
    }
  };
  const said = { no: label, yes: 'Copied', failed: 'Select and copy by hand' }[done];
  return (
    <button type="button" className="btn btn-small" onClick={copy}>
      <Icon name="copy" />
      <span aria-live="polite">{said}</span>
    </button>
  );
}
