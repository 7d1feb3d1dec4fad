import { lazy } from 'react';

// What components have beyond other records: where they come from, files that describe them, and things like them.

const OF_SYSTEM = 'aiSystem';
export const OF_COMPONENT = 'component';

/** Registers whose records have a lineage. */
export const hasLineage = (register: string): boolean => [OF_COMPONENT, OF_SYSTEM].includes(register);
/** Registers in which a record may be the same thing as another. */
export const hasSimilar = (register: string): boolean =>
  [OF_COMPONENT, OF_SYSTEM, 'supplier'].includes(register);

export const LineageTab = lazy(() => import('./lineage.tsx').then((m) => ({ default: m.LineageTab })));
export const ProposePanel = lazy(() => import('./propose.tsx').then((m) => ({ default: m.ProposePanel })));
export const Similar = lazy(() => import('./similar.tsx').then((m) => ({ default: m.Similar })));
