import type { ReactNode } from 'react';

/** What is on paper, and a button that puts it there; everything around it stays on the screen. */
export function Printed({ title, children }: { title: string; children: ReactNode }) {
  return (
    <article className="printed card space-y-4 p-4 sm:p-6" aria-label={title}>
      <div className="not-printed flex justify-end">
        <button type="button" className="btn" onClick={() => window.print()}>
          Print
        </button>
      </div>
      {children}
    </article>
  );
}

/** A heading with text below; nothing when there is no text. */
export function Passage({ label, text }: { label: string; text: unknown }) {
  if (typeof text !== 'string' || text === '') return null;
  return (
    <section>
      <h3 className="mb-1">{label}</h3>
      <p className="prose-plain max-w-prose">{text}</p>
    </section>
  );
}
