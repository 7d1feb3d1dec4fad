import { type Answer, list, number, object, text } from './shape.ts';

/** A record of which the row and the newest version say different things. */
export const rowDifference = object({
  ref: text,
  register: text,
  title: text,
  version: number,
  differs: list(text).describe(
    'Fields and links that differ; `state`, `owner`, `hidden from` or `version` where that does',
  ),
});
export type RowDifference = Answer<typeof rowDifference>;

export const rowDifferences = object({
  at: text.describe('When they were compared'),
  records: number.describe('How many were compared'),
  total: number.describe('How many differ, with those that you may not know of'),
  items: list(rowDifference).describe('The first of them, at most 200'),
});
export type RowDifferences = Answer<typeof rowDifferences>;
