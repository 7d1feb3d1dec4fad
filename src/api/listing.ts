import type { Point } from '../app/asOf.ts';
import type { App } from '../app/context.ts';
import { type Erased, readThenBy } from '../app/then.ts';
import { Failure } from '../base/failure.ts';
import type { Comparison, Filter, ListQuery } from '../store/list.ts';
import type { Call } from './operation.ts';
import { single } from './operation.ts';

const OWN = ['limit', 'after', 'sort', 'q', 'total', 'columns', 'asOf'];

/** What every operation that reads earlier states says of the parameter. */
export const AS_OF =
  'the state at a time (RFC 3339), at the end of a day (UTC), or at a size of the log; checked against the log';

/** The same of what is computed from records, which filters and counts find in the tables. */
export const AS_OF_COMPUTED =
  'computed of the records as they were at a time (RFC 3339), at the end of a day (UTC), or at a size of the log';

/** The point a reading is asked of, as it was written; undefined for the present. */
export function asOfOf(c: Call): string | undefined {
  return single(c.query, 'asOf');
}

/** The present answer of a reader, or its answer of the point that is asked for. */
export function eitherWay<T extends object>(
  c: Call,
  read: (app: App) => Promise<T>,
): Promise<T | (T & { asOf: Point; erased: Erased[] })> {
  const asOf = asOfOf(c);
  return asOf === undefined ? read(c.app) : readThenBy(c.app, c.ask, asOf, read);
}

const COMPARISONS: readonly string[] = ['ne', 'gt', 'gte', 'lt', 'lte'];

/** Reads the parameters of a list; everything that is not one of its own is a filter. */
export function listQuery(query: Call['query']): ListQuery {
  for (const own of OWN)
    if (Array.isArray(query[own]))
      throw new Failure('BAD_INPUT', `${own} is given more than once.`, [
        { path: `/${own}`, message: 'is given more than once' },
      ]);
  const limit = wholeNumber(single(query, 'limit') ?? '50', 'limit', 1, 200);
  const sort = single(query, 'sort') ?? '-number';
  const words = single(query, 'q');
  if (words !== undefined && words.length > 400)
    throw new Failure('BAD_INPUT', 'q: at most 400 characters can be searched for.', [
      { path: '/q', message: 'is too long' },
    ]);
  const filters = Object.entries(query)
    // A register may have a column called total: then a number is a filter, and true still asks for the count.
    .filter(
      ([name, v]) => !OWN.includes(name) || (name === 'total' && typeof v === 'string' && /^\d/.test(v)),
    )
    .map(([name, raw]) => filterOf(name, raw));
  const columns = single(query, 'columns');
  return {
    filters,
    ...(columns ? { only: [...new Set(columns.slice(0, 4_000).split(','))] } : {}),
    sort: { name: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
    ...(words?.trim() ? { words } : {}),
    limit,
    after: single(query, 'after'),
    total: single(query, 'total') === 'true',
  };
}

function filterOf(name: string, raw: string | string[] | undefined): Filter {
  const dot = name.lastIndexOf('.');
  const op = dot > 0 ? name.slice(dot + 1) : 'in';
  const field = dot > 0 ? name.slice(0, dot) : name;
  if (op !== 'in' && !COMPARISONS.includes(op))
    throw new Failure(
      'BAD_INPUT',
      `${name.slice(0, 60)}: a comparison is one of ${COMPARISONS.join(', ')}.`,
      [{ path: `/${name.slice(0, 60)}`, message: 'has an unknown comparison' }],
    );
  const values = (Array.isArray(raw) ? raw : [raw ?? '']).flatMap((v) => (op === 'in' ? v.split(',') : [v]));
  if (values.length > 100 || values.some((v) => v.length > 400 || v.includes('\u0000')))
    throw new Failure('BAD_INPUT', `${field.slice(0, 60)}: at most 100 values of at most 400 characters.`, [
      { path: `/${field.slice(0, 60)}`, message: 'is too long' },
    ]);
  return { name: field, op: op as Comparison, values };
}

/** A whole number in a range, or BAD_INPUT naming the parameter. */
export function wholeNumber(text: string, name: string, min: number, max: number): number {
  const n = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(n >= min && n <= max))
    throw new Failure(
      'BAD_INPUT',
      `${name}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(text.slice(0, 40))}.`,
      [{ path: `/${name}`, message: `expected ${min} to ${max}` }],
    );
  return n;
}
