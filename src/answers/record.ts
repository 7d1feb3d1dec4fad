import * as z from 'zod';
import { GROUPS } from '../ledger/index.ts';
import type { Answered } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import { gateDecision } from '../registers/gate-decision.ts';
import { type Answer, byName, choiceOf, flag, key, list, number, object, person, text } from './shape.ts';

/** What the state of a record stands on: see `standing` below. */
export const standing = z.enum(['current', 'alone', 'stale', 'ended']);
export type Standing = z.infer<typeof standing>;

/** The state that an answer is of, when it is not the present one. */
export const point = object({ log: number, size: number, at: text });
export type Point = Answer<typeof point>;

/** Of an answer that is computed of an earlier state: of which, and the records of which parts were erased since, so that what they said is not known. */
export const computedThen = {
  asOf: point.optional(),
  erased: list(object({ ref: text, register: text, parts: list(z.enum(GROUPS)) })).optional(),
};

/** A record as lists and writes answer it. */
export const recordView = object({
  ref: text.describe('Number that people use, such as RSK-0042'),
  register: text,
  id: z.guid(),
  version: z.int().describe('Grows by one with every change; also the ETag'),
  state: text,
  title: text,
  values: byName(z.unknown()).describe('Fields by name'),
  derived: byName(z.unknown()).describe('Computed values by name'),
  links: byName(list(text)),
  createdAt: z.iso.datetime(),
  createdBy: text,
  updatedAt: z.iso.datetime(),
  updatedBy: text,
  standing: standing
    .optional()
    .describe(
      'What its state stands on, where that was asked: a decision that counts; one that the only person took alone, which is no approval; one that counts no more; one whose end has come',
    ),
  erased: list(text).optional().describe('Of an earlier state: groups that were erased since'),
});
/** `RecordView<Registers['audit']>` has the fields, links and states of an audit. */
export type RecordView<R extends Register = Register> = Answered<R> &
  Omit<Answer<typeof recordView>, keyof Answered>;

/** A whole register, oldest first; as CSV and XLSX it is a table. */
export const recordExport = list(
  byName(z.unknown()).describe('Fields and links by name, as an import takes them'),
);

/** A record as a change left it. */
export const changedRecord = recordView.extend({
  notSigned: text
    .optional()
    .describe('What is true while the log is not signed: it is recorded, and its entry waits'),
  decision: text.optional().describe('Number of the decision that the step recorded'),
  unchanged: flag
    .optional()
    .describe('True when an edit asked for what was there already: no version was written'),
});
/** What a write gave: the record as it is now, and the decision that was recorded with it. */
export const committed = object({
  record: recordView,
  decision: text.optional(),
  replayed: flag
    .optional()
    .describe('True when an earlier request with the same idempotency key had already done it'),
  unchanged: flag
    .optional()
    .describe('True when an edit asked for what was there already: no version was written'),
});
export type Committed = Answer<typeof committed>;

/** Who or what a reference means, for showing. */
export const reference = object({ register: text, title: text, state: text });
export type Reference = Answer<typeof reference>;
export const references = byName(reference).describe('Titles of everything named');
export type References = Answer<typeof references>;

export const recordList = object({
  items: list(recordView),
  next: text.nullable(),
  total: number.optional(),
  references,
  asOf: point.optional(),
});
export interface RecordList<R extends Register = Register> extends Omit<Answer<typeof recordList>, 'items'> {
  readonly items: readonly RecordView<R>[];
}

/** What the gate says of a release. */
export const verdict = choiceOf(gateDecision, 'verdict');
export type Verdict = z.output<typeof verdict>;

/** A release in use that the gate would not let through now, as it is told: on pages, in my work, at home. */
export const useTold = key.extend({
  why: text.describe('All of it in a sentence'),
  judgedAt: text,
  release: text,
  title: text,
  system: text,
  allowance: text,
  verdict,
  reasons: list(text),
  unsaid: number
    .optional()
    .describe('In lists, how many reasons there are beside the first few; the page of the release has all'),
  older: flag,
});
export type UseTold = Answer<typeof useTold>;

/** What whoever asks may do with a record, and why not the rest. */
export const may = object({
  edit: flag,
  why: text.optional(),
  refusal: key.optional(),
  fixed: list(text).describe(
    'Fields and links that are settled in this state: nobody edits them, not even who may edit the rest',
  ),
  transitions: list(
    object({
      name: text,
      label: text,
      to: text,
      allowed: flag,
      why: text.optional(),
      refusal: key.optional().describe('The same as an id with its parameters, for other languages'),
      missing: list(text),
      onBehalfOf: text.optional().describe('Let in by a part that this person lent'),
      manner: z.literal('alone').optional().describe('It would be decided alone, which is no approval'),
      several: object({ needed: number, decided: list(object({ by: text, role: text })), next: text })
        .optional()
        .describe('Where several decide: how many there must be, who has, and whose turn it is'),
    }),
  ),
});
export type May = Answer<typeof may>;
export type MayTransition = May['transitions'][number];

/** A decision as the record's page shows it. */
export const decisionView = object({
  ref: text,
  kind: text,
  by: text,
  role: text,
  at: text,
  reason: text.optional(),
  until: text.optional(),
  method: text.optional(),
  version: number.describe('Version of the record that it was taken on'),
  rolesHeld: text.optional(),
  appointment: text.optional(),
  onBehalfOf: text.optional(),
  manner: text.optional(),
  current: flag,
  ended: flag.optional(),
  changed: list(object({ ref: text, from: number.nullable(), to: number.nullable() }))
    .optional()
    .describe(
      'What is no longer as it was decided on: the record itself, or one it covers, with the versions then and now',
    ),
});
export type DecisionView = Answer<typeof decisionView>;

/** One record with everything its page shows. */
export const recordPage = recordView.extend({
  references,
  inverses: byName(
    object({
      label: text,
      register: text,
      total: number,
      more: flag,
      items: list(object({ ref: text, title: text, state: text })),
    }),
  ).describe('Records that link here, by way back'),
  may: may.describe('What you may do now, and if not, why'),
  inUse: list(useTold)
    .optional()
    .describe('Of a release or an AI system: releases in use that the gate would not let through now'),
  decisions: list(decisionView),
  asOf: point.optional(),
});
export type RecordPage<R extends Register = Register> = RecordView<R> &
  Omit<Answer<typeof recordPage>, keyof RecordView>;

export type Inverse = RecordPage['inverses'][string];

export const versionView = object({
  version: number,
  at: text,
  act: text,
  transition: text.optional(),
  state: text,
  actor: person,
  madeFor: person.optional().describe('Who wrote it before it was imported'),
  as: text.optional().describe('In which capacity'),
  reason: text.optional(),
  values: byName(z.unknown()),
  links: byName(list(text)),
  erased: list(text).describe('Groups that were erased since: values, people, text, links, actor, reason'),
  digest: text,
  log: number.nullable().describe('Which log its entry is in, and the place there'),
  logIndex: number.nullable(),
  changed: list(text),
});
export type VersionView = Answer<typeof versionView>;

export const versions = object({
  items: list(versionView),
  next: z.int().nullable(),
  references,
  asOf: point.optional(),
});
export type Versions = Answer<typeof versions>;

const group = object({ salt: text, value: z.unknown() });

/** What a file that proves something of a record offline begins with; its form is pinned by the verifiers. */
export const disclosure = z
  .looseObject({
    format: z.enum(['openaims.disclosure/1', 'openaims.latest/1']),
    vkey: text,
    origin: text,
    index: number,
    entry: text,
    proof: text,
    disclosed: byName(group).optional(),
    withheld: list(text).optional(),
  })
  .describe('A file of format openaims.disclosure/1 or openaims.latest/1, for `aims verify`');
