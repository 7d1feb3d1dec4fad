import * as action from '../actions/assure.ts';
import { openNonconformity } from '../app/assure/findings.ts';
import { readIndependence } from '../app/assure/independence.ts';
import { readReviewInputs } from '../app/assure/review.ts';
import type { Operation } from './operation.ts';
import { serve } from './serve.ts';

/** Audit, corrective action and management review, beyond what their registers have. */
export const assureOperations = (): Operation[] => [
  ...serve(action.readIndependence, ({ app, ask, params }) => readIndependence(app, ask, params.ref)),
  ...serve(action.openNonconformity, async ({ app, ask, params, body, wrote }) =>
    wrote(await openNonconformity(app, ask, params.ref, body)),
  ),
  ...serve(action.readInputs, ({ app, ask, params }) => readReviewInputs(app, ask, params.ref)),
];
