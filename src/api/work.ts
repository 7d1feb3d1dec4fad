import * as action from '../actions/work.ts';
import { myWork } from '../app/work/my-work.ts';
import { workDigest } from '../app/work/work-digest.ts';
import type { Operation } from './operation.ts';
import { serve } from './serve.ts';

/** What a person has to do, and why. */
export const workOperations = (): Operation[] => [
  ...serve(action.readWork, ({ app, ask, query }) => myWork(app, ask, query)),
  ...serve(action.readDigest, ({ app, ask, query }) => workDigest(app, ask, query)),
];
