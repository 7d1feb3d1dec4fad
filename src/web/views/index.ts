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

// A folder here is a register, `ai-system` that of aiSystem. `view.tsx` in it is its view, `hazards.view.tsx` a further one; the name of the tab is the small
// `label` export beside it, and `besides` there says that the record itself is what most people come for, `earlier` that it asks of earlier
// states, too. It takes the records of that register with their types: `ViewProps<Registers['risk']>` in `risk/view.tsx`, which a test compares.
const pages = import.meta.glob<Loaded>(['./*/view.tsx', './*/*.view.tsx']);
const labels = import.meta.glob<{ label: string; besides?: boolean; earlier?: boolean }>('./*/*.label.ts', {
  eager: true,
});

/** The register of a folder. */
export const registerIn = (folder: string): string =>
  folder.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());

const views = Object.entries(pages).map(([path, load]) => {
  const [, folder = '', file = ''] = path.split('/');
  const register = registerIn(folder);
  const key = file.split('.')[0]!;
  const View = lazy(async () => ({ default: (await load()).View }));
  const {
    label = 'Overview',
    besides = false,
    earlier = false,
  } = labels[`./${folder}/${key}.label.ts`] ?? {};
  return { register, key, label, besides, earlier, View };
});

/** The special views of a register. Those that are not besides come before the record's own tab. */
export const viewsOf = (register: string): SpecialView[] => views.filter((v) => v.register === register);
