import * as z from 'zod';
import { logStanding } from './log.ts';
import { rowDifferences } from './rows.ts';
import { type Answer, key, list, number, object, person, text } from './shape.ts';

/** Why something waits for somebody. */
export const WORK_KINDS = [
  'due',
  'decisions',
  'standing',
  'acknowledgements',
  'intervals',
  'appointments',
  'mentions',
  'concerns',
  'incidents',
  'emergencies',
  'inUse',
  'gate',
  'refused',
  'risks',
  'results',
  'ending',
] as const;
export type WorkKind = (typeof WORK_KINDS)[number];
const workKind = z.enum(WORK_KINDS);

/** Overdue; within a week; waiting without a day; later. In this order. */
export const URGENCIES = ['overdue', 'soon', 'waiting', 'later'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** One thing to do. Computed from the records on every reading, never stored: it is gone when its reason is gone. */
export const workItem = key.extend({
  kind: workKind,
  rule: text.describe('The rule by which it was found, such as `document.acknowledge`'),
  ref: text,
  register: text,
  title: text,
  state: text,
  why: text.describe('Why it is here, in a sentence with its days'),
  since: text.nullable().describe('Since when it waits'),
  due: text.nullable().describe('The day it has to be done by'),
  urgency: z.enum(URGENCIES),
  for: person.optional().describe('Whom it is decided for: they lent their part, until the delegation ends'),
  next: key
    .extend({ label: text, transition: text.optional() })
    .describe('What to do: in words, and the step of the workflow where it is one'),
});
export type WorkItem = Answer<typeof workItem>;

export const myWork = object({
  person,
  log: logStanding
    .optional()
    .describe('For the people who keep the log, while it is not signed: before everything else'),
  differing: rowDifferences
    .optional()
    .describe('For the people who keep the log: records that differ from their newest version'),
  today: text,
  items: list(workItem),
  total: number,
  counts: z.partialRecord(workKind, number),
  next: text.nullable(),
  cut: list(object({ kind: workKind, listed: number })).describe(
    'Kinds of which there are more than are listed',
  ),
});
export type MyWork = Answer<typeof myWork>;

/** One person's week, as data that one mail is made from. */
export const digest = object({
  person,
  week: text.describe('ISO week, such as 2027-W07, and its first and last day'),
  from: text,
  to: text,
  subject: text.describe('A line for the subject of a mail'),
  counts: object({ overdue: number, dueThisWeek: number, waiting: number }),
  overdue: list(workItem),
  dueThisWeek: list(workItem),
  waiting: list(workItem),
  unnamed: number.describe('Items that there are and that are not named, so that a letter can say so'),
  cut: list(object({ kind: workKind, listed: number })),
});
export type Digest = Answer<typeof digest>;
