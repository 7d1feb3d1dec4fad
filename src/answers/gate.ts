import * as z from 'zod';
import { RISK_CLASSES } from '../registers/ai-system.ts';
import { criteria, MODES } from '../registers/criteria.ts';
import { gateDecision } from '../registers/gate-decision.ts';
import type { RegisterName } from '../registers/index.ts';
import { computedThen, recordView, verdict } from './record.ts';
import {
  type Answer,
  choiceOf,
  contentOf,
  flag,
  key,
  list,
  named,
  number,
  object,
  person,
  sentence,
  text,
} from './shape.ts';

const titleMessage = text.describe('Id of the message that is the title');

/** A sentence that names records and figures; `records` are the references in it, for links. */
export const reason = sentence.extend({ records: list(text) });
export type Reason = Answer<typeof reason>;

/** What somebody does about it: in words, and as the record and transition where it is done, or the register in which a record is made. */
export const nextStep = sentence.extend({
  who: text.optional(),
  whom: list(z.union([text, sentence]))
    .optional()
    .describe('The same, one by one: names, and sentences where nobody is named'),
  ref: text.optional(),
  action: text.optional(),
  create: z.custom<RegisterName>((v) => typeof v === 'string').optional(),
});
export type NextStep = Answer<typeof nextStep>;

export const gateCheck = object({
  id: text,
  title: text,
  titleMessage,
  status: z.enum(['passed', 'failed', 'missing', 'notApplicable']),
  reasons: list(reason),
  next: list(nextStep),
});
export type GateCheck = Answer<typeof gateCheck>;

/** Something the class demands and the gate cannot look at: told, never passed over in silence. */
export const notChecked = key.extend({ id: text, title: text, titleMessage, why: text });
export type NotChecked = Answer<typeof notChecked>;

/** What the gate would say now of a release in use. */
export const useVerdict = object({
  system: text,
  allowance: text,
  verdict,
  reasons: list(text).describe('Of each check that did not pass, the first thing that it says'),
  said: list(key).describe('What the reasons were made from'),
});
export type UseVerdict = Answer<typeof useVerdict>;

/** The gate's answer about one release. The same input always gives the same result. */
export const gateResult = object({
  release: text,
  title: text,
  system: named,
  riskClass: z.enum(RISK_CLASSES),
  verdict,
  evaluatedAt: text.describe('RFC 3339, as passed in'),
  subject: text.describe('Digest of the release, its components included: what the verdict is about'),
  policy: object({ ref: text, version: number, digest: text }),
  basis: choiceOf(gateDecision, 'basis'),
  checks: list(gateCheck),
  notChecked: list(notChecked),
  inUse: useVerdict.optional().describe('Where it is in use already: whether it still would be let through'),
  ...computedThen,
});
export type GateResult = Answer<typeof gateResult>;

export const decided = object({
  result: gateResult,
  decision: recordView,
  log: object({ origin: text, index: number, size: number, root: text }),
  files: object({ vsa: text, proof: text, gateKey: text, vkey: text }),
});
export type Decided = Answer<typeof decided>;

/** One thing that a class asks of a system: a part of one of the gate's checks, or all of it. */
export const requirement = object({
  id: text,
  check: text.describe("The gate's check that it is a part of"),
  title: text,
  titleMessage,
  asks: text.describe('What the criteria ask of this class, in a sentence; where they ask for nothing, that'),
  asksSaid: key.describe('What that was made from'),
  status: z.enum(['missing', 'done', 'notAsked']).describe('`done`: this holds up no release now'),
  text: text.describe('What the gate says of it'),
  said: list(key).describe('The sentences in it'),
  records: list(text),
  next: nextStep.optional().describe('Where the next step is taken: on a record, or by making one'),
});
export type Requirement = Answer<typeof requirement>;

/** What is asked of each release by itself, and so cannot be there before it is. */
export const ofEachRelease = requirement.pick({
  check: true,
  title: true,
  titleMessage: true,
  asks: true,
  asksSaid: true,
});
export type OfEachRelease = Answer<typeof ofEachRelease>;

export const requirements = object({
  system: text,
  title: text,
  riskClass: z.enum(RISK_CLASSES).nullable().describe('Null while it has none; then it is treated as high'),
  criteria: text.nullable(),
  mode: text.nullable(),
  items: list(requirement),
  eachRelease: list(ofEachRelease),
  ...computedThen,
});
export type Requirements = Answer<typeof requirements>;

/** Something that later criteria ask less of than earlier ones, in a sentence without a full stop. */
export const loosening = sentence.extend({ field: text.describe('Field of the criteria') });
export type Loosening = Answer<typeof loosening>;

export const presetView = object({
  proposed: flag.describe('Fits the number of people'),
  looser: list(loosening).describe(
    'What it asks less of than the criteria in force: then a change ticket is needed',
  ),
  name: z.enum(MODES),
  title: text,
  from: number.describe('From so many people on, up to where the next one begins'),
  summary: text,
  notAsked: list(text),
  values: object({
    mode: contentOf(criteria, 'mode'),
    appetite: number,
    acceptAtLevel: number.optional(),
    gatePolicy: contentOf(criteria, 'gatePolicy'),
    intervals: contentOf(criteria, 'intervals'),
    retention: contentOf(criteria, 'retention'),
  }).describe('Fields of the criteria record'),
});
export type PresetView = Answer<typeof presetView>;

export const presets = object({
  people: number.describe(
    'People of the organisation: as said at the first run, or as the directory has them, whichever is more',
  ),
  inForce: text.nullable(),
  items: list(presetView),
});
export type Presets = Answer<typeof presets>;

export const taken = recordView.extend({
  asked: list(person).describe('Who may approve it: management, except the person who took it'),
  aloneFrom: text.optional().describe('In an organisation of one person: from when it may be decided alone'),
  decision: text.optional(),
  replayed: flag.optional(),
});
export type Taken = Answer<typeof taken>;

/** The signed statement of a decision: a DSSE envelope. */
export const attestation = object({
  payloadType: text,
  payload: text,
  signatures: list(object({ keyid: text.optional(), sig: text })),
});
export type Attestation = Answer<typeof attestation>;
