import * as z from 'zod';
import { document } from '../registers/document.ts';
import { problem } from './problem.ts';
import { type Answer, byName, choiceOf, flag, list, named, number, object, text } from './shape.ts';

/** One publication of a document. */
export const edition = object({
  edition: number.describe('First, second, third publication'),
  version: number.describe('The version of the document that was published'),
  digest: text.describe('Of its material contents: two editions with the same digest say the same'),
  publishedAt: text,
  publishedBy: text,
});
export type Edition = Answer<typeof edition>;

/** What the page of a document shows of its publications. */
export const editionsView = object({
  ref: text,
  title: text,
  state: text,
  inForce: edition
    .extend({ title: text, body: text.optional(), address: text.optional(), attachment: text.optional() })
    .nullable(),
  present: object({ version: number, digest: text, body: text.optional() }).describe(
    'What the document says now; the same as in force when nothing is being revised',
  ),
  differs: flag.describe('Whether the present contents differ in substance from those in force'),
  reviewBy: text.nullable(),
  editions: list(edition),
});
export type EditionsView = Answer<typeof editionsView>;

export const acknowledgements = object({
  ref: text,
  title: text,
  edition,
  demanded: choiceOf(document, 'acknowledgedBy'),
  total: number,
  acknowledged: number,
  missing: number,
  linksOpen: number.describe('Links that are out, unused and not over'),
  items: list(
    object({
      person: text,
      name: text,
      state: text,
      acknowledged: object({
        decision: text,
        at: text,
        saidOn: text.optional(),
        method: text,
        edition: number,
      }).nullable(),
    }),
  ),
  next: text.nullable(),
});
export type Acknowledgements = Answer<typeof acknowledgements>;

export const readingCounts = object({
  items: list(
    object({
      ref: text,
      title: text,
      kind: text,
      version: number,
      demanded: choiceOf(document, 'acknowledgedBy'),
      total: number,
      acknowledged: number,
    }),
  ),
  next: text.nullable(),
});
export type ReadingCounts = Answer<typeof readingCounts>;

export const acknowledgedFile = object({
  rows: number,
  recorded: number,
  unchanged: number.describe('Had acknowledged the same text already'),
  dryRun: flag,
  problems: list(problem),
});
export type AcknowledgedFile = Answer<typeof acknowledgedFile>;

export const madeLinks = object({
  communication: text,
  expiresAt: text,
  edition,
  items: list(object({ person: text, name: text, email: text, link: text })),
  withoutEmail: list(text).describe(
    'Still to acknowledge, and without an e-mail address: they cannot be mailed',
  ),
  withAccount: number.describe('Those who can sign in need no link'),
});
export type MadeLinks = Answer<typeof madeLinks>;

export const linksWithdrawn = object({ withdrawn: number, communications: list(text) });

export const openLink = object({
  organisation: text,
  name: text,
  title: text,
  edition: number,
  publishedAt: text,
  body: text.optional(),
  address: text.optional(),
});
export type OpenLink = Answer<typeof openLink>;

export const acknowledgedByLink = object({ title: text, edition: number, at: text });

/** A cell: a part of one person in one activity, and the record that says so. */
export const raciCell = object({
  person: text,
  part: text,
  ref: text,
  state: text,
  departed: flag.describe('The person who holds it has left'),
});
export type RaciCell = Answer<typeof raciCell>;

export const raciRow = object({
  activity: text,
  label: text,
  cells: list(raciCell),
  gaps: list(text).describe('What is wrong with the row: a gap or a conflict, in words'),
  conflicts: list(text),
});
export type RaciRow = Answer<typeof raciRow>;

export const raciMatrix = object({
  system: named.nullable().describe('The system; null for the whole organisation'),
  people: list(object({ ref: text, name: text, departed: flag })),
  rows: list(raciRow),
  gaps: number,
  conflicts: number,
  appointments: list(
    object({
      ref: text,
      title: text,
      person: text,
      name: text,
      state: text,
      needed: text.optional(),
      shown: text.optional(),
      evidence: number,
      gap: text.optional(),
    }),
  ).describe('Appointments for the same system, with the competence they need and what shows it'),
});
export type RaciMatrix = Answer<typeof raciMatrix>;

export const reading = object({
  from: text.optional(),
  to: text,
  value: number,
  note: text.optional(),
});
export type Reading = Answer<typeof reading>;

export const readingsPage = object({
  items: list(
    object({
      version: number,
      recordedAt: text,
      by: text,
      log: number.nullable(),
      logIndex: number.nullable(),
      rows: list(reading),
    }),
  ).describe('Batches, the newest recorded first'),
  total: number.describe('Batches there are in all'),
  next: number.nullable(),
});
export type ReadingsPage = Answer<typeof readingsPage>;

/** A template as the page shows it. */
export const startView = object({
  id: text,
  title: text,
  clauses: list(text),
  values: byName(z.unknown()),
  placeholders: list(text).describe('What has to be filled in'),
});
export type StartView = Answer<typeof startView>;

export const starts = object({ items: list(startView) });
export type Starts = Answer<typeof starts>;
