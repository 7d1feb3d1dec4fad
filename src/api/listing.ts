import * as own from '../actions/own.ts';
import { wholeNumber } from '../actions/params.ts';
import { Failure } from '../base/failure.ts';
import type { Comparison, Filter, ListQuery } from '../store/records/list.ts';
import type { Call } from './operation.ts';
import { single } from './operation.ts';

const OWN = ['limit', 'after', 'sort', 'q', 'total', 'columns', 'asOf'];

const COMPARISONS: readonly string[] = ['ne', 'gt', 'gte', 'lt', 'lte'];

/** Reads the parameters of a list; everything that is not one of its own is a filter. */
export function listQuery(query: Call['query']): ListQuery {
  for (const name of OWN)
    if (Array.isArray(query[name]))
      throw new Failure('BAD_INPUT', `${name} is given more than once.`, [
        { path: `/${name}`, message: 'is given more than once' },
      ]);
  const limit = wholeNumber(single(query, 'limit') ?? '50', 'limit', 1, 200);
  const sort = single(query, 'sort') ?? '-number';
  const words = single(query, 'q');
  if (words !== undefined && words.length > 400)
    throw new Failure('BAD_INPUT', 'q: at most 400 characters can be searched for.', [
      { path: '/q', message: 'is too long' },
    ]);
  // A register may have a column called total: then a number is a filter, and true still asks for the count.
  const total = single(query, 'total');
  const numbered = total !== undefined && /^\d/.test(total);
  const filters = Object.entries(query)
    .filter(([name]) => !OWN.includes(name) || (name === 'total' && numbered))
    .map(([name, raw]) => filterOf(name, raw));
  const columns = single(query, 'columns');
  return {
    filters,
    ...(columns ? { only: [...new Set(columns.slice(0, 4_000).split(','))] } : {}),
    sort: { name: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
    ...(words?.trim() ? { words } : {}),
    limit,
    after: single(query, 'after'),
    total: own.list.query.total.read(numbered ? undefined : total, 'total'),
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
