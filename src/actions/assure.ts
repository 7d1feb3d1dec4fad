import * as z from 'zod';
import { independence, reviewInputsAnswer } from '../answers/assure.ts';
import { recordView } from '../answers/record.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { personRef } from './parts.ts';

const { audit, auditFinding, nonconformity, managementReview } = registers;

export const readIndependence = defineAction({
  id: `${audit.name}.independence`,
  method: 'GET',
  path: `${audit.name}/:ref/independence`,
  tag: 'Audit',
  summary: 'What each auditor has to do with what is audited, from the records',
  answer: independence,
});

export const openNonconformity = defineAction({
  id: `${auditFinding.name}.${nonconformity.name}`,
  method: 'POST',
  path: `${auditFinding.name}/:ref/${nonconformity.name}`,
  tag: 'Audit',
  summary: 'Open a nonconformity from this finding, filled in and linked to it',
  writes: true,
  status: 201,
  body: z.strictObject({
    owner: personRef.optional(),
    title: z.string({ error: 'expected text' }).min(1).max(200).optional(),
  }),
  answer: recordView,
});

export const readInputs = defineAction({
  id: `${managementReview.name}.inputs`,
  method: 'GET',
  path: `${managementReview.name}/:ref/inputs`,
  tag: 'Management review',
  summary: 'What the records say for a review: as frozen, and drawn again at the same checkpoint',
  answer: reviewInputsAnswer,
});
