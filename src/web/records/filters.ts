import type { ColumnMeta, RegisterMeta } from '../../register/describe.ts';

/** What a list's address says. Every member other than these names is a filter. */
export type Search = Record<string, string>;

/** Members that order and search, and the earlier state asked for; and members that are about the page, which the API is never asked. */
const ASKED = ['sort', 'q', 'asOf'];
const OF_PAGE = ['new', 'tab'];

export interface Filter {
  /** Column, link, or way back of a link. */
  name: string;
  /** `gte`, `lte`, `gt`, `lt`, `ne`, or equality. */
  op: '' | 'gte' | 'lte' | 'gt' | 'lt' | 'ne';
  values: string[];
}

export const SIGNS: Record<Filter['op'], string> = {
  '': 'is',
  gte: 'at least',
  lte: 'at most',
  gt: 'above',
  lt: 'below',
  ne: 'is not',
};

/** The filter by what a state stands on, as the API calls it. */
export const STANDING = 'standing';

/** What it may be, and how that reads. */
export const STANDING_CHOICES: readonly (readonly [value: string, label: string])[] = [
  ['', 'Approval: any'],
  ['current', 'Decision counts'],
  ['alone', 'Self-approved'],
  ['stale', 'Decision stale'],
  ['ended', 'Decision ended'],
  ['stale,ended', 'Stale or ended'],
];

const isOp = (text: string): text is Filter['op'] => Object.hasOwn(SIGNS, text);
export const OPS: readonly Filter['op'][] = Object.keys(SIGNS).filter(isOp);

/** Filters of an address, in its order. */
export function filtersOf(search: Search): Filter[] {
  return Object.entries(search)
    .filter(([key, value]) => ![...ASKED, ...OF_PAGE].includes(key) && value !== '')
    .map(([key, value]) => {
      const [name = '', op = ''] = key.split('.');
      return { name, op: isOp(op) ? op : '', values: value.split(',').filter(Boolean) };
    });
}

export const keyOf = (filter: Pick<Filter, 'name' | 'op'>): string =>
  filter.op ? `${filter.name}.${filter.op}` : filter.name;

/** The address with this filter set; no values take it away. */
export function withFilter(search: Search, filter: Filter): Search {
  const { [keyOf(filter)]: _, ...rest } = search;
  return filter.values.length === 0 ? rest : { ...rest, [keyOf(filter)]: filter.values.join(',') };
}

/** One value of a filter put in or taken out, as the state chips do. */
export function toggled(search: Search, name: string, value: string): Search {
  const values = (search[name] ?? '').split(',').filter(Boolean);
  const next = values.includes(value) ? values.filter((v) => v !== value) : [...values, value];
  return withFilter(search, { name, op: '', values: next });
}

/** Sorting after a press on a column head: up, then down, then the list's own order (newest number first). */
export function nextSort(sort: string | undefined, column: string): string | undefined {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? undefined : column;
}

/** The query of the list's request; the order of names is that of the address. */
export function listQuery(search: Search, more: Record<string, string> = {}): string {
  const asked = Object.entries(search).filter(([key]) => !OF_PAGE.includes(key));
  return new URLSearchParams({ sort: '-number', ...Object.fromEntries(asked), ...more }).toString();
}

export type FilterKind = 'choice' | 'record' | 'amount' | 'yesNo' | 'words';

/** How the value of a filter on this column is entered. */
export function filterKind(column: ColumnMeta): FilterKind {
  if (column.kind === 'choice' || column.kind === 'state') return 'choice';
  if (column.kind === 'person' || column.kind === 'link') return 'record';
  if (['score', 'number', 'date', 'moment'].includes(column.kind)) return 'amount';
  return column.kind === 'yesNo' ? 'yesNo' : 'words';
}

/** Columns one can filter by; states have chips of their own. */
export const filterable = (register: RegisterMeta): ColumnMeta[] =>
  register.columns.filter((c) => c.filterable && c.kind !== 'state');
