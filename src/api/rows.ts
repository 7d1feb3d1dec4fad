import * as action from '../actions/rows.ts';
import { mendRow, rowDifferences } from '../app/passes/row-check.ts';
import type { Operation } from './operation.ts';
import { madeBefore, serve } from './serve.ts';

/** Records that say otherwise than their newest version. */
export const rowOperations = (): Operation[] => [
  ...serve(action.check, ({ app, ask }) => rowDifferences(app, ask)),
  ...serve(action.mend, ({ app, ask, body }) => mendRow(app, ask, body), madeBefore),
];
