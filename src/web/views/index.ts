import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { RecordPage } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';

/** What a special view is given: the record it stands beside, and how its register is declared. */
export interface ViewProps<R extends Register = Register> {
  register: RegisterMeta;
  record: RecordPage<R>;
}

export interface SpecialView {
  /** In the address: `view`, or the name of the part. */
  key: string;
  /** Name of the tab. */
  label: string;
  /** The record's own tab comes first. */
  besides: boolean;
  /** Shown of an earlier state, too. */
  earlier: boolean;
  View: LazyExoticComponent<ComponentType<ViewProps>>;
}

type Loaded = { View: ComponentType<ViewProps> };

// A file here is a view of the register it is named after, `register.tsx` or `register.part.tsx`; its tab's name is the small `label` export
// beside it, and `besides` there says that the record itself is what most people come for, `earlier` that it asks of earlier states, too. It takes the records of that register with their types:
// `ViewProps<Registers['risk']>` in `risk.tsx`, which a test compares.
const pages = import.meta.glob<Loaded>('./*.tsx');
const labels = import.meta.glob<{ label: string; besides?: boolean; earlier?: boolean }>('./*.label.ts', {
  eager: true,
});

const views = Object.entries(pages).map(([path, load]) => {
  const name = path.slice(2, -4);
  const [register, key = 'view'] = name.split('.');
  const View = lazy(async () => ({ default: (await load()).View }));
  const { label = 'Overview', besides = false, earlier = false } = labels[`./${name}.label.ts`] ?? {};
  return { register, key, label, besides, earlier, View };
});

/** The special views of a register. Those that are not besides come before the record's own tab. */
export const viewsOf = (register: string): SpecialView[] => views.filter((v) => v.register === register);
