import * as z from 'zod';
import { openNonconformity } from '../app/findings.ts';
import { readIndependence } from '../app/independence.ts';
import { readReviewInputs } from '../app/review.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import type { Operation } from './operation.ts';

const BASE = '/api/v1/:org';

const fromFinding = z.strictObject({
  owner: z
    .string({ error: 'expected a person' })
    .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' })
    .optional(),
  title: z.string({ error: 'expected text' }).min(1).max(200).optional(),
});

/** Audit, corrective action and management review, beyond what their registers have. */
export function assureOperations(): Operation[] {
  return [
    {
      id: `${registers.audit.name}.independence`,
      method: 'GET',
      path: `${BASE}/${registers.audit.name}/:ref/independence`,
      tag: 'Audit',
      summary: 'What each auditor has to do with what is audited, from the records',
      access: 'member',
      mutates: false,
      handler: (c) => readIndependence(c.app, c.ask, c.params.ref!),
    },
    {
      id: `${registers.auditFinding.name}.${registers.nonconformity.name}`,
      method: 'POST',
      path: `${BASE}/${registers.auditFinding.name}/:ref/${registers.nonconformity.name}`,
      tag: 'Audit',
      summary: 'Open a nonconformity from this finding, filled in and linked to it',
      access: 'member',
      mutates: true,
      status: 201,
      input: fromFinding,
      handler: async (c) => {
        const { record, replayed } = await openNonconformity(
          c.app,
          c.ask,
          c.params.ref!,
          checked(fromFinding, c.body),
        );
        c.reply
          .code(replayed ? 200 : 201)
          .header('location', `/api/v1/${c.params.org}/${record.register}/${record.ref}`)
          .header('etag', `"${record.version}"`);
        return record;
      },
    },
    {
      id: `${registers.managementReview.name}.inputs`,
      method: 'GET',
      path: `${BASE}/${registers.managementReview.name}/:ref/inputs`,
      tag: 'Management review',
      summary: 'What the records say for a review: as frozen, and drawn again at the same checkpoint',
      access: 'member',
      mutates: false,
      handler: (c) => readReviewInputs(c.app, c.ask, c.params.ref!),
    },
  ];
}
