import * as z from 'zod';
import { commentsOn } from '../app/comments.ts';
import { removeFilter, savedFilters, saveFilter } from '../app/savedFilters.ts';
import { sinceApproval } from '../app/sinceApproval.ts';
import { Failure } from '../base/failure.ts';
import type { Register } from '../register/register.ts';
import { checked } from './body.ts';
import { listQuery, wholeNumber } from './listing.ts';
import { type Call, type Operation, single } from './operation.ts';

const BASE = '/api/v1/:org';

/** The register in the path; the routes that take any register share one entry. */
export function registerOf(c: Call): Register {
  return registerNamed(c, c.params.register!);
}

function registerNamed(c: Call, name: string): Register {
  const register = c.app.registry.find(name);
  if (!register)
    throw new Failure(
      'NOT_FOUND',
      `There is no register ${JSON.stringify(name.slice(0, 60))}; there are ${c.app.registry.all.map((r) => r.name).join(', ')}.`,
    );
  return register;
}

const filterBody = z.strictObject({
  name: z
    .string({ error: 'expected text' })
    .trim()
    .min(1, { error: 'must not be empty' })
    .max(80, { error: 'must be at most 80 characters' })
    .refine((s) => !s.includes('\u0000') && s.isWellFormed() && !/[\r\n]/.test(s), {
      error: 'must be one line of text',
    }),
  register: z.string({ error: 'expected the name of a register' }).max(60),
  query: z
    .string({ error: 'expected the parameters of a list' })
    .max(2000, { error: 'must be at most 2000 characters' })
    .describe('The parameters of the list, such as state=open&sort=-level'),
  shared: z
    .boolean({ error: 'expected true or false' })
    .nullish()
    .describe('For everybody in the organisation'),
});

/** The parameters of a saved filter as the list would be asked with them. */
function parametersOf(text: string): Call['query'] {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = Object.hasOwn(out, name) ? out[name]! : undefined;
    out[name] = before === undefined ? value : [before, value].flat();
  }
  for (const name of ['after', 'limit', 'total', 'asOf'])
    if (Object.hasOwn(out, name))
      throw new Failure('INVALID', `query: ${name} belongs to one reading and is not kept; leave it out.`, [
        { path: '/query', message: `holds ${name}` },
      ]);
  return out;
}

/** What stands beside records: comments, what changed since an approval, and the questions that people keep for lists. */
export function besideOperations(): Operation[] {
  const common = { access: 'member' as const, mutates: false };
  return [
    {
      ...common,
      id: 'comments',
      method: 'GET',
      path: `${BASE}/:register/:ref/comments`,
      tag: 'Records',
      summary: 'What is said beside a record, oldest first',
      query: {
        after: 'number of the last comment seen (`next`)',
        limit: 'how many, 1 to 200; 50 unless told',
      },
      handler: (c) =>
        commentsOn(
          c.app,
          c.ask,
          registerOf(c),
          c.params.ref!,
          wholeNumber(single(c.query, 'after') ?? '0', 'after', 0, 2 ** 31 - 1),
          wholeNumber(single(c.query, 'limit') ?? '50', 'limit', 1, 200),
        ),
    },
    {
      ...common,
      id: 'sinceApproval',
      method: 'GET',
      path: `${BASE}/:register/:ref/since-approval`,
      tag: 'Records',
      summary: 'Exactly what changed in a record, and in what it covers, since the last approval',
      handler: (c) => sinceApproval(c.app, c.ask, registerOf(c), c.params.ref!),
    },
    {
      ...common,
      id: 'filters.list',
      method: 'GET',
      path: `${BASE}/saved-filters`,
      tag: 'Organisation',
      summary: 'The filters you keep, and those that are shared',
      query: { register: 'only those of this register' },
      handler: (c) => {
        const name = single(c.query, 'register');
        return savedFilters(c.app, c.ask, name === undefined ? undefined : registerNamed(c, name));
      },
    },
    {
      ...common,
      id: 'filters.save',
      method: 'POST',
      path: `${BASE}/saved-filters`,
      tag: 'Organisation',
      summary: 'Keep the filter of a list under a name; the same name again replaces it',
      input: filterBody,
      handler: (c) => {
        const b = checked(filterBody, c.body);
        return saveFilter(c.app, c.ask, registerNamed(c, b.register), {
          name: b.name,
          query: b.query,
          asked: listQuery(parametersOf(b.query)),
          shared: b.shared ?? false,
        });
      },
    },
    {
      ...common,
      id: 'filters.remove',
      method: 'POST',
      path: `${BASE}/saved-filters/:id/remove`,
      tag: 'Organisation',
      summary: 'Remove a filter: one of yours, or as AIMS manager a shared one',
      body: 'none',
      handler: (c) => {
        if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(c.params.id!))
          throw new Failure('NOT_FOUND', 'There is no such filter.');
        return removeFilter(c.app, c.ask, c.params.id!);
      },
    },
  ];
}
