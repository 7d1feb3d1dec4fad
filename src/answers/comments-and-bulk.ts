import * as z from 'zod';
import { reference } from './record.ts';
import { type Answer, byName, flag, list, number, object, person, text } from './shape.ts';

export const commentView = object({
  ref: text,
  content: text,
  mentions: list(text),
  state: text,
  version: number,
  by: text,
  at: text,
  edited: flag.describe('Changed after it was made'),
  may: object({ settle: flag }),
});
export type CommentView = Answer<typeof commentView>;

export const comments = object({
  register: text.describe('The register that a new one is made in, and whether the caller may'),
  mayAdd: flag,
  items: list(commentView),
  total: number,
  open: number,
  next: number.nullable(),
  references: byName(reference),
});
export type Comments = Answer<typeof comments>;

/** An approval, as far as a comparison with it needs it. */
export const approvalSeen = object({
  ref: text,
  kind: text,
  by: text,
  role: text,
  at: text,
  until: text.optional(),
  version: number,
  current: flag,
});
export type ApprovalSeen = Answer<typeof approvalSeen>;

/** A field or link that differs; immaterial ones leave the approval as it was. */
export const changedSince = object({
  name: text,
  label: text,
  link: flag,
  from: z.unknown(),
  to: z.unknown(),
  material: flag,
});
export type ChangedSince = Answer<typeof changedSince>;

export const recordChange = object({
  ref: text,
  register: text,
  title: text,
  from: number
    .nullable()
    .describe(
      'Version that was approved, and the present one; null where it was not covered then, or is not now',
    ),
  to: number.nullable(),
  changed: list(changedSince),
  erased: list(text).describe(
    'Parts of the approved version that were erased: nothing can be said about them',
  ),
  closed: flag.optional().describe('You may not read its register: only that it changed is told'),
});
export type RecordChange = Answer<typeof recordChange>;

export const sinceApproval = object({
  decision: approvalSeen.nullable().describe('The approval compared with; null when there was none'),
  record: recordChange,
  covered: list(recordChange),
  notCovered: list(object({ ref: text, register: text, title: text })).describe(
    'What a decision taken now would cover too, and this one does not: it was taken under an earlier rule. No change there makes it stale',
  ),
  carriedForward: flag.describe('Nothing that the approval rests on is different: it carries on'),
  references: byName(reference),
});
export type SinceApproval = Answer<typeof sinceApproval>;

export const savedFilter = object({
  id: text,
  name: text,
  register: text,
  query: text.describe("The list's parameters as its address has them: `state=open&sort=-level`"),
  shared: flag,
  by: person.describe('Whose it is'),
  mine: flag,
});
export type SavedFilter = Answer<typeof savedFilter>;

export const savedFilters = object({ items: list(savedFilter), more: flag });
export type SavedFilters = Answer<typeof savedFilters>;

export const filterRemoved = object({ removed: text });
