import * as action from '../actions/components.ts';
import { likenesses } from '../app/read/similar.ts';
import { adoptComponents, proposeComponents } from '../app/release/components.ts';
import { readLineage } from '../app/release/lineage.ts';
import { demandRead } from '../app/write/access.ts';
import { Failure } from '../base/failure.ts';
import type { Operation } from './operation.ts';
import { serve } from './serve.ts';

/** Components out of files, what is like them, and what comes from what. */
export const componentOperations = (): Operation[] => [
  ...serve(action.proposeComponents, ({ app, ask, body, query }) =>
    proposeComponents(app, ask, body, query.fileName),
  ),
  ...serve(action.adoptComponents, ({ app, ask, body }) => adoptComponents(app, ask, body)),
  ...serve(action.readLineage, ({ app, ask, register, params }) =>
    readLineage(app, ask, register, params.ref),
  ),
  ...serve(action.similar, async ({ app, ask, register, query: { name, version, digest } }) => {
    demandRead(ask, register);
    if (!name)
      throw new Failure('BAD_INPUT', 'name: say what it is called.', [
        { path: '/name', message: 'is missing' },
      ]);
    const [items] = await likenesses(app, ask, register, [
      { name, version: version || undefined, digest: digest || undefined },
    ]);
    return { items: items ?? [] };
  }),
];
