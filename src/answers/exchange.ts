import * as z from 'zod';
import { problem } from './problem.ts';
import { type Answer, byName, flag, list, number, object, text } from './shape.ts';

/** A new row that may be the same thing as a record, or as an earlier row of the file: by bytes, by name, or by a near name. */
export const duplicate = object({
  place: text,
  like: text.describe('`SYS-0003`, or `line 2`'),
  how: z.enum(['digest', 'name', 'near']),
});
export type Duplicate = Answer<typeof duplicate>;

export const importAnswer = object({
  rows: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  dryRun: flag,
  problems: list(problem),
  unmapped: list(text).optional().describe('Headings of columns that nothing is taken from'),
  duplicates: list(duplicate)
    .optional()
    .describe(
      'New rows that may be things that are there already; at most 100, `moreDuplicates` counts the others',
    ),
  moreDuplicates: z.int().optional(),
});
export type ImportAnswer = Answer<typeof importAnswer>;

/** A column of a file with what it probably is. */
export const inspectedColumn = object({
  heading: text,
  to: text
    .nullable()
    .describe('Proposed field; null when nothing fits, or when the column only repeats what an export shows'),
  how: z.enum(['name', 'label', 'near', 'shown']).nullable(),
  near: list(text).describe('Other fields it may be, best first'),
  samples: list(text),
});
export type InspectedColumn = Answer<typeof inspectedColumn>;

/** What a column of a file can become. */
export const target = object({ name: text, label: text, required: flag });
export type Target = Answer<typeof target>;

export const importInspection = object({
  columns: list(inspectedColumn),
  mapping: byName(text.nullable()),
  missing: list(text),
  targets: list(target),
  sheet: text.optional(),
  sheets: list(text).optional(),
  formulas: list(text).optional(),
  format: z.enum(['csv', 'json', 'xlsx']),
  rows: number,
});
export type ImportInspection = Answer<typeof importInspection>;

export const bulkAnswer = object({
  register: text,
  changed: number,
  unchanged: number,
  items: list(object({ ref: text, version: number, state: text, decision: text.optional() })),
});
export type BulkAnswer = Answer<typeof bulkAnswer>;
