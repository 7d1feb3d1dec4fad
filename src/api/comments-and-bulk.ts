import * as action from '../actions/records.ts';
import { commentsOn } from '../app/people/comments.ts';
import { removeFilter, savedFilters, saveFilter } from '../app/read/saved-filters.ts';
import { sinceApproval } from '../app/release/since-approval.ts';
import { demandRead } from '../app/write/access.ts';
import { inBulk } from '../app/write/bulk.ts';
import { Failure } from '../base/failure.ts';
import { askingWith } from './asking.ts';
import { listQuery } from './listing.ts';
import type { Call, Operation } from './operation.ts';
import { registerNamed, serve } from './serve.ts';

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

/** What stands beside records: comments, what changed since an approval, the questions that people keep for lists; and the same for many. */
export const besideOperations = (): Operation[] => [
  ...serve(action.readComments, ({ app, ask, register, params, query }) =>
    commentsOn(app, ask, register, params.ref, query.after, query.limit),
  ),
  ...serve(action.readSince, ({ app, ask, register, params }) =>
    sinceApproval(app, ask, register, params.ref),
  ),
  ...serve(action.listFilters, ({ app, ask, query: { register } }) =>
    savedFilters(app, ask, register === undefined ? undefined : registerNamed(app, register)),
  ),
  ...serve(action.saveFilter, ({ app, ask, body: { name, register, query, shared } }) =>
    saveFilter(app, ask, registerNamed(app, register), {
      name,
      query,
      asked: listQuery(parametersOf(query)),
      shared: shared ?? false,
    }),
  ),
  ...serve(action.removeFilter, ({ app, ask, params: { id } }) => {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
      throw new Failure('NOT_FOUND', 'There is no such filter.');
    return removeFilter(app, ask, id);
  }),
  ...serve(action.bulk, async (c) => {
    const { refs, values, transition, reason, until, password } = c.body;
    const { register } = c;
    if ((values === undefined) === (transition === undefined))
      throw new Failure(
        'INVALID',
        'Give values, to edit the records, or transition, the step they take: one of the two.',
        [{ path: '/transition', message: 'give either values or transition' }],
      );
    demandRead(c.ask, register);
    if (values && until)
      throw new Failure('INVALID', 'until: an edit has no end; it goes with a step.', [
        { path: '/until', message: 'goes with a transition' },
      ]);
    const deed = transition ? { transition, reason, until } : { values, reason };
    return inBulk(c.app, askingWith(c, password), register, refs, deed);
  }),
];
