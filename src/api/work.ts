import * as action from '../actions/work.ts';
import { myWork } from '../app/myWork.ts';
import { workDigest } from '../app/workDigest.ts';
import type { Operation } from './operation.ts';
import { serve } from './serve.ts';

/** What a person has to do, and why. */
export const workOperations = (): Operation[] => [
  ...serve(action.readWork, ({ app, ask, query }) => myWork(app, ask, query)),
  ...serve(action.readDigest, ({ app, ask, query }) => workDigest(app, ask, query)),
];
