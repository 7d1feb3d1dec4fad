import * as z from 'zod';
import { computedThen } from './record.ts';
import { type Answer, flag, list, number, object, text } from './shape.ts';

/** A record that changed, and what of it. */
export const because = object({
  ref: text,
  register: text,
  title: text,
  from: number.nullable().describe('Version that was relied on; null when it was not part of it'),
  to: number.nullable().describe('Version now; null when it is no longer part of it'),
  fields: list(object({ name: text, label: text })),
  erased: flag.describe(
    'What one of the two versions said was erased since, so that not every field can be told',
  ),
});
export type Because = Answer<typeof because>;

/** What was said of a record, or of a release. */
export const said = z.enum(['approval', 'acceptance', 'waiver', 'test', 'allowance', 'conclusion']);
export type Said = z.output<typeof said>;

/** One thing that was said about a record, and what a change did to it. */
export const effect = object({
  ref: text,
  register: text,
  title: text,
  state: text,
  said,
  release: text.optional().describe('The release that was tested or let through'),
  status: z.enum(['current', 'stale', 'renewed']),
  by: list(text),
  because: list(because),
});
export type Effect = Answer<typeof effect>;

export const effects = object({
  counts: object({ current: number, stale: number, renewed: number }),
  byRegister: list(object({ register: text, label: text, stale: number, renewed: number, current: number })),
  items: list(effect),
  more: flag.describe('There are more than `items`; the counts are over all'),
  complete: flag.describe('False when so much rests on it that not all was looked through'),
  ...computedThen,
});
export type Effects = Answer<typeof effects>;
