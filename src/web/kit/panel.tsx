import { Dialog } from '@base-ui/react/dialog';
import { type ReactNode, useRef, useState } from 'react';
import { Icon } from './icons.tsx';

interface PanelProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  /** `side` slides in from the right for long forms, `middle` asks one thing. */
  at?: 'side' | 'middle';
  children: ReactNode;
}

const PLACES = {
  side: 'drawer fixed inset-y-0 right-0 w-[560px] max-w-full border-l border-line bg-surface',
  middle:
    'popup fixed left-1/2 top-[8vh] w-[520px] max-w-[calc(100vw-24px)] max-h-[84vh] -translate-x-1/2 bg-surface',
};

/**
 * A dialog with a title, closed by Escape, its button, or a press outside. Once something was typed, only buttons
 * close it: a stray key or press must not throw the entries away.
 */
export function Panel({ open, onClose, title, description, at = 'middle', children }: PanelProps) {
  const body = useRef<HTMLDivElement>(null);
  // The first thing to fill in, rather than the button that closes.
  const first = () => body.current?.querySelector<HTMLElement>('input, select, textarea') ?? true;
  const typed = useRef(false);
  const [warned, setWarned] = useState(false);
  const close = (stray: boolean) => {
    if (stray && typed.current) setWarned(true);
    else onClose();
  };
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next, why) =>
        !next && close(why.reason === 'escape-key' || why.reason === 'outside-press')
      }
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup initialFocus={first} className={`${PLACES[at]} z-50 flex flex-col`}>
          <header className="flex items-start gap-3 border-b border-line px-4 py-3">
            <div className="min-w-0 flex-1">
              <Dialog.Title>{title}</Dialog.Title>
              {description && <Dialog.Description className="text-muted">{description}</Dialog.Description>}
            </div>
            <Dialog.Close className="btn btn-quiet btn-small" aria-label="Close">
              <Icon name="close" />
            </Dialog.Close>
          </header>
          {warned && (
            <p role="alert" className="tone-warn px-4 py-2">
              What you entered is not saved yet. To discard it, use Cancel or the close button.
            </p>
          )}
          <div
            ref={body}
            onInput={() => {
              typed.current = true;
            }}
            className="min-h-0 flex-1 overflow-y-auto px-4 py-4"
          >
            {children}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
