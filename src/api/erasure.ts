import type * as z from 'zod';
import * as action from '../actions/erasure.ts';
import { erase, previewErasure } from '../app/erasure/erasure.ts';
import { Failure } from '../base/failure.ts';
import { GROUPS } from '../ledger/index.ts';
import { askingWith } from './asking.ts';
import type { Operation } from './operation.ts';
import { serve } from './serve.ts';

/** What is meant: each kind takes its own members and none of the other's. */
function requestOf(b: z.output<typeof action.previewErasure.body>) {
  const foreign = b.kind === 'parts' ? (['mentions'] as const) : (['groups', 'versions'] as const);
  for (const name of foreign)
    if (b[name] !== undefined)
      throw new Failure(
        'INVALID',
        `${name}: has no meaning when ${b.kind === 'parts' ? 'parts are' : 'a person is'} erased.`,
        [{ path: `/${name}`, message: `is not taken with kind ${b.kind}` }],
      );
  if (b.kind === 'person') return { kind: b.kind, ref: b.ref, ...(b.mentions ? { mentions: true } : {}) };
  if (!b.groups)
    throw new Failure('INVALID', `groups: name what to erase, of ${GROUPS.join(', ')}.`, [
      { path: '/groups', message: 'is missing' },
    ]);
  return { kind: b.kind, ref: b.ref, groups: b.groups, ...(b.versions ? { versions: b.versions } : {}) };
}

/** Erasing values and salts for good, and what it would do. */
export const erasureOperations = (): Operation[] => [
  ...serve(action.previewErasure, async ({ app, ask, body }) => previewErasure(app, ask, requestOf(body))),
  ...serve(action.erase, async (c) => {
    const { basis, reason, password, ...asked } = c.body;
    return erase(c.app, askingWith(c, password), { ...requestOf(asked), basis, reason });
  }),
];
