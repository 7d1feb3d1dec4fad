import * as z from 'zod';
import { FAILURES } from '../base/failure.ts';
import { type Answer, key, list, object, params, text } from './shape.ts';

/** One thing wrong with one place of the input. `path` is a JSON pointer, a column or `line N`. */
export const problem = object({
  path: text,
  message: text.describe('The sentence'),
  id: text.optional().describe('Id of the message that the sentence was made from'),
  params: params.optional(),
});
export type Problem = Answer<typeof problem>;

/** What is answered when a request cannot be carried out: RFC 9457 problem details. */
export const problemDetails = object({
  type: text,
  title: text,
  status: z.int(),
  detail: text.describe('A sentence that names record and next step'),
  ...key.partial().shape,
  code: z.enum(Object.keys(FAILURES)),
  problems: list(problem),
  requestId: text,
});
export type ProblemDetails = Answer<typeof problemDetails>;
