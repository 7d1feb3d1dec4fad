import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { RegisterMeta } from '../../register/describe.ts';
import type { RecordDetail } from '../api/answers.ts';

/** What a special view is given: the record it stands beside, and how its register is declared. */
export interface ViewProps {
  register: RegisterMeta;
  record: RecordDetail;
}

export interface SpecialView {
  /** Name of the tab. */
  label: string;
  /** The record's own tab comes first. */
  besides: boolean;
  View: LazyExoticComponent<ComponentType<ViewProps>>;
}

type Loaded = { View: ComponentType<ViewProps> };

// A file here is a view of the register it is named after; its tab's name is the small `label` export beside it, and `besides`
// there says that the record itself is what most people come for.
const pages = import.meta.glob<Loaded>('./*.tsx');
const labels = import.meta.glob<{ label: string; besides?: boolean }>('./*.label.ts', { eager: true });

const views = new Map<string, SpecialView>(
  Object.entries(pages).map(([path, load]) => {
    const name = path.slice(2, -4);
    const View = lazy(async () => ({ default: (await load()).View }));
    const { label = 'Overview', besides = false } = labels[`./${name}.label.ts`] ?? {};
    return [name, { label, besides, View }];
  }),
);

/** The special view of a register, if it has one. It comes before the record's own tab. */
export const viewOf = (register: string): SpecialView | undefined => views.get(register);
