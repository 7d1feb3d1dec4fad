import * as z from 'zod';
import { GROUPS } from '../ledger/index.ts';
import { type Answer, flag, list, number, object, text } from './shape.ts';

/** What one version loses. `of` is the origin of the log its entry is in, when that is a former one. */
export const erasedVersion = object({
  ref: text,
  version: number,
  groups: list(z.enum(GROUPS)),
  entry: number.nullable().describe('Index of its entry'),
  of: text.optional(),
});
export type ErasedVersion = Answer<typeof erasedVersion>;

/** Somewhere a person's name or address was found, and what becomes of it. */
export const mention = object({
  ref: text,
  version: number,
  group: z.enum(GROUPS),
  entry: number.nullable().describe('Index of the entry, and the former log it is in, if it is in one'),
  of: text.optional(),
  // biome-ignore lint/suspicious/noThenProperty: nobody awaits a mention
  then: z
    .enum(['erase', 'ask', 'edit', 'locked'])
    .describe(
      '`erase`: with this act. `ask`: a past version; erased when `mentions` is asked for. `edit`: the present version; edit the record first. `locked`: the present version of a record that nobody edits any more',
    ),
});
export type Mention = Answer<typeof mention>;

/** What an erasure would do, or did. */
export const erasureView = object({
  kind: z.enum(['person', 'parts']),
  ref: text,
  nothing: flag.describe('Nothing is left to erase: everything asked for was erased before'),
  parts: number.describe('How many parts of versions are erased, each a value and its salt'),
  versions: list(erasedVersion).describe('Which ones, at most 500 versions of them'),
  person: object({
    version: number.nullable(),
    state: text,
    account: flag.describe(
      'Account with password and sessions; one that belongs to another organisation too keeps those',
    ),
    invitations: number,
  })
    .optional()
    .describe('Whole person: what their record becomes, and what goes with the account'),
  mentions: list(mention).describe(
    "Where else the person's name or address was found, at most 500 places; `mentioned` counts all",
  ),
  mentioned: number,
  stays: list(text).describe('Sentences on what stays'),
  entries: number.describe('Entries about it in the log, beside those of the records it writes'),
});
export type ErasureView = Answer<typeof erasureView>;

/** What was done, with the number of the record that says so. */
export const erased = erasureView.extend({
  record: text.optional().describe('Absent when nothing was left to erase'),
});
export type Erased = Answer<typeof erased>;
