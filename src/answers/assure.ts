import * as z from 'zod';
import { type Answer, byName, flag, list, number, object, text } from './shape.ts';

export const conflict = object({
  why: z.enum(['owner', 'author', 'responsible', 'decider', 'lineManager']),
  ref: text,
  title: text,
  detail: text.describe('The field, part, act or kind of decision'),
  at: text,
});

export const independence = object({
  audit: text,
  from: text,
  to: text,
  auditors: list(
    object({
      ref: text,
      name: text,
      result: z
        .enum(['no conflict found', 'conflicts found'])
        .describe('Never more than that: records show what was recorded'),
      conflicts: list(conflict),
      totals: byName(number).describe('How many there are of each kind; of a kind the first 20 are shown'),
    }),
  ),
  waiver: object({ ref: text, by: text, reason: text, until: text })
    .nullable()
    .describe('The decision of top management to let it begin all the same, when there is one that counts'),
});
export type Independence = Answer<typeof independence>;

/** A row of a `table` field: the cells of required columns are there, others may be absent or null. */
export const tableRow = object({
  input: text,
  found: text,
  count: number.nullable().optional(),
  missing: flag.nullable().optional(),
});
export type TableRow = Answer<typeof tableRow>;

/** A row of a review's frozen inputs: what the records say, of how many, and whether there is nothing that could say it. */
export const reviewInput = object({ input: text, found: text, count: number, missing: flag });
export type ReviewInput = Answer<typeof reviewInput>;

export const drawn = object({
  at: text.describe('`log 1, size 532, 2027-03-31T08:00:00.000Z`: the checkpoint that was seen'),
  inputs: list(reviewInput),
});
export type Drawn = Answer<typeof drawn>;

export const reviewInputsAnswer = object({
  ref: text,
  frozen: object({ at: text, inputs: list(tableRow) })
    .nullable()
    .describe('As they were frozen into the record; null while they were not'),
  redrawn: drawn.describe('Drawn now: at the checkpoint of the frozen ones, else at the newest'),
  same: flag.nullable().describe('Whether both say the same; null while nothing is frozen'),
});
export type ReviewInputsAnswer = Answer<typeof reviewInputsAnswer>;
