import type { ReactNode } from 'react';
import { useOrganisation } from '../../api/queries.ts';
import { Notice } from '../../kit/notice.tsx';

/** A page that is computed from the present. While an earlier state is looked at, it says so instead of showing the present as if it were that. */
export function PresentOnly({ title, children }: { title: string; children: ReactNode }) {
  const { asOf } = useOrganisation();
  if (!asOf) return <>{children}</>;
  return (
    <div className="mx-auto max-w-6xl space-y-4 p-4 sm:p-6">
      <h1>{title}</h1>
      <Notice tone="plain">This page shows the present only. Go back to the present to see it.</Notice>
    </div>
  );
}
