import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { registerIn, type ViewProps } from './index.ts';

type Loaded = { Part: ComponentType<ViewProps> };

// `part.tsx` in the folder of a register stands on the pages of its records, above what is recorded.
const pages = import.meta.glob<Loaded>('./*/part.tsx');

const parts = new Map<string, LazyExoticComponent<ComponentType<ViewProps>>>(
  Object.entries(pages).map(([path, load]) => [
    registerIn(path.split('/')[1]!),
    lazy(async () => ({ default: (await load()).Part })),
  ]),
);

/** What stands above the record itself, if its register has something. */
export const partOf = (register: string): LazyExoticComponent<ComponentType<ViewProps>> | undefined =>
  parts.get(register);
