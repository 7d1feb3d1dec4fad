import { Dialog } from '@base-ui/react/dialog';
import { type ReactNode, useRef } from 'react';
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

/** A dialog with a title, closed by Escape, its button, or a press outside. */
export function Panel({ open, onClose, title, description, at = 'middle', children }: PanelProps) {
  const body = useRef<HTMLDivElement>(null);
  // The first thing to fill in, rather than the button that closes.
  const first = () => body.current?.querySelector<HTMLElement>('input, select, textarea') ?? true;
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
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
          <div ref={body} className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
            {children}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
