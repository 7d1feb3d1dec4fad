import type { ReactNode } from 'react';

/** Frame of the pages before one is signed in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto max-w-md px-4 py-[9vh]">
      <p className="mb-5 flex items-center gap-2 text-[17px] font-bold">
        <img src="./icon.svg" alt="" width={28} height={28} />
        OpenAIMS
      </p>
      <div className="card p-5">
        <h1 className="mb-4">{title}</h1>
        {children}
      </div>
      <p className="mt-4 text-muted">An AI management system (ISO/IEC 42001) that proves itself.</p>
    </main>
  );
}
