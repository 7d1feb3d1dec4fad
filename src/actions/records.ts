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
import { strong } from './command.ts';
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

/** Longest value shown in a line; JSON has all of it. */
const MOST = 100;

function inShort(v: unknown): string {
  if (v === null || v === undefined) return '(nothing)';
  const text = typeof v === 'string' ? v : JSON.stringify(v);
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

export const readComments = defineAction({
  id: 'comments',
  method: 'GET',
  path: ':register/:ref/comments',
  tag: 'Records',
  summary: 'What is said beside a record, oldest first',
  query: { after: whole('number of the last comment seen (`next`)', 0, 2 ** 31 - 1, 0), limit },
  answer: comments,
  command: {
    name: ':register comments',
    says: 'What is said beside one {one}, oldest first.',
    takes: { ref: 'number of the {one}, such as {prefix}-0001' },
    form: 'text',
    pages: true,
    json: (found) => found.items,
    shows(found, say) {
      for (const c of found.items) {
        say.line(strong(c.ref), ` ${found.references[c.by]?.title ?? c.by}, ${c.at}, ${c.state}`);
        say.text(c.content);
      }
      if (found.items.length === 0) say.note('No comments yet.');
    },
  },
});

export const readSince = defineAction({
  id: 'sinceApproval',
  method: 'GET',
  path: ':register/:ref/since-approval',
  tag: 'Records',
  summary: 'Exactly what changed in a record, and in what it covers, since the last approval',
  answer: sinceApproval,
  command: {
    name: ':register since-approval',
    says: 'Exactly what changed in one {one}, and in what it covers, since the last approval.',
    takes: { ref: 'number of the {one}, such as {prefix}-0001' },
    form: 'text',
    shows(since, say) {
      const d = since.decision;
      if (!d) return say.note('It was never approved: all of it is new.');
      say.line(`${d.ref}: ${d.kind} by ${d.by}, ${d.at}, on version ${d.version}`);
      if (since.carriedForward)
        say.line(`Nothing material changed${d.current ? ': carried forward.' : '; the decision has ended.'}`);
      for (const c of since.notCovered)
        say.line(`A decision of now would cover ${c.ref} ${c.title} too; this one does not.`);
      for (const c of [since.record, ...since.covered]) {
        if (c.changed.length === 0 && c === since.record) continue;
        say.line(strong(c.ref), ` ${c.title}: version ${c.from ?? 'none'} -> ${c.to ?? 'none'}`);
        for (const v of c.changed)
          say.line(
            `  ${v.label}${v.material ? '' : ' (immaterial)'}: ${inShort(v.from)} -> ${inShort(v.to)}`,
          );
      }
    },
  },
});

export const listFilters = defineAction({
  id: 'filters.list',
  method: 'GET',
  path: 'saved-filters',
  tag: 'Organisation',
  summary: 'The filters you keep, and those that are shared',
  query: { register: raw('only those of this register') },
  answer: savedFilters,
  command: {
    name: 'filters list',
    says: 'The filters you keep, and those that are shared.',
    takes: { register: { as: '--register <name>', says: 'only those of this register' } },
    form: 'text',
    json: (found) => found.items,
    shows(found, say) {
      for (const f of found.items) {
        const by = f.shared ? `  (shared by ${f.by.name})` : '';
        say.line(`${f.id}  `, strong(f.name), `  ${f.register}?${f.query}${by}`);
      }
      if (found.items.length === 0) say.note('No filter is kept yet.');
      if (found.more) say.note('There are more than are listed; name a register.');
    },
  },
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
  command: {
    name: 'filters save',
    says: 'Keep the filter of a list under a name; the same name again replaces it.',
    takes: {
      name: { argument: true, says: 'what it is called' },
      register: { as: '--register <name>', says: 'the register it is for' },
      query: { as: '--query <parameters>', says: 'as the list takes them, such as "state=open&sort=-level"' },
      shared: 'for everybody; for an AIMS manager',
    },
    shows: (saved, say) => say.line(`${saved.id} ${saved.name}: kept.`),
  },
});

export const removeFilter = defineAction({
  id: 'filters.remove',
  method: 'POST',
  path: 'saved-filters/:id/remove',
  tag: 'Organisation',
  summary: 'Remove a filter: one of yours, or as AIMS manager a shared one',
  answer: filterRemoved,
  command: {
    name: 'filters remove',
    says: 'Remove a filter: one of yours, or as AIMS manager a shared one.',
    takes: { id: 'as `filters list` shows it' },
    shows: (done, say) => say.line(`${done.removed}: removed.`),
  },
});
