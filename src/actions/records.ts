import * as z from 'zod';
import {
  comments,
  filterRemoved,
  savedFilter,
  savedFilters,
  sinceApproval,
} from '../answers/comments-and-bulk.ts';
import { bulkAnswer } from '../answers/exchange.ts';
import { defineAction } from './action.ts';
import { limit, raw, whole } from './params.ts';
import { maybe, password, reason, recordRef, untilDay } from './parts.ts';

/** Most records of one bulk act. */
export const BULK_MOST = 200;

export const bulk = defineAction({
  id: 'bulk',
  method: 'POST',
  path: ':register/bulk',
  tag: 'Records',
  summary: `The same edit or the same step for up to ${BULK_MOST} records, all or none; every refused one is named`,
  writes: true,
  body: z.strictObject({
    refs: z
      .array(recordRef('RSK-0001'), { error: 'expected a list of records' })
      .min(1, { error: 'name at least one record' })
      .max(BULK_MOST, { error: `takes at most ${BULK_MOST} records` })
      .refine((a) => new Set(a).size === a.length, { error: 'names a record twice' }),
    values: maybe(z.record(z.string(), z.unknown(), { error: 'expected the fields to change' })).describe(
      'Edit: the new values; null clears a field',
    ),
    transition: maybe(z.string({ error: 'expected the name of a step' }).max(60)).describe(
      'Or the step that all of them take',
    ),
    reason: maybe(reason),
    until: maybe(untilDay),
    password: maybe(password),
  }),
  answer: bulkAnswer,
});

export const readComments = defineAction({
  id: 'comments',
  method: 'GET',
  path: ':register/:ref/comments',
  tag: 'Records',
  summary: 'What is said beside a record, oldest first',
  query: { after: whole('number of the last comment seen (`next`)', 0, 2 ** 31 - 1, 0), limit },
  answer: comments,
});

export const readSince = defineAction({
  id: 'sinceApproval',
  method: 'GET',
  path: ':register/:ref/since-approval',
  tag: 'Records',
  summary: 'Exactly what changed in a record, and in what it covers, since the last approval',
  answer: sinceApproval,
});

export const listFilters = defineAction({
  id: 'filters.list',
  method: 'GET',
  path: 'saved-filters',
  tag: 'Organisation',
  summary: 'The filters you keep, and those that are shared',
  query: { register: raw('only those of this register') },
  answer: savedFilters,
});

export const saveFilter = defineAction({
  id: 'filters.save',
  method: 'POST',
  path: 'saved-filters',
  tag: 'Organisation',
  summary: 'Keep the filter of a list under a name; the same name again replaces it',
  body: z.strictObject({
    name: z
      .string({ error: 'expected text' })
      .trim()
      .min(1, { error: 'must not be empty' })
      .max(80, { error: 'must be at most 80 characters' })
      .refine((s) => !s.includes('\u0000') && s.isWellFormed() && !/[\r\n]/.test(s), {
        error: 'must be one line of text',
      }),
    register: z.string({ error: 'expected the name of a register' }).max(60),
    query: z
      .string({ error: 'expected the parameters of a list' })
      .max(2000, { error: 'must be at most 2000 characters' })
      .describe('The parameters of the list, such as state=open&sort=-level'),
    shared: maybe(z.boolean({ error: 'expected true or false' })).describe(
      'For everybody in the organisation',
    ),
  }),
  answer: savedFilter,
});

export const removeFilter = defineAction({
  id: 'filters.remove',
  method: 'POST',
  path: 'saved-filters/:id/remove',
  tag: 'Organisation',
  summary: 'Remove a filter: one of yours, or as AIMS manager a shared one',
  answer: filterRemoved,
});
