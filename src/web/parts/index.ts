import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { ViewProps } from '../views/index.ts';

type Loaded = { Part: ComponentType<ViewProps> };

// A file here is a part of the page of records of the register it is named after, above what is recorded.
const pages = import.meta.glob<Loaded>('./*.tsx');

const parts = new Map<string, LazyExoticComponent<ComponentType<ViewProps>>>(
  Object.entries(pages).map(([path, load]) => [
    path.slice(2, -4),
    lazy(async () => ({ default: (await load()).Part })),
  ]),
);

/** What stands above the record itself, if its register has something. */
export const partOf = (register: string): LazyExoticComponent<ComponentType<ViewProps>> | undefined =>
  parts.get(register);
