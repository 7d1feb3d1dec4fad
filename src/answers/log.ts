import * as z from 'zod';
import { committed, point, reference } from './record.ts';
import { type Answer, byName, flag, key, list, number, object, person, sentence, text } from './shape.ts';

/** An entry of the log as the ledger page shows it. */
export const entryView = object({
  index: number,
  at: text,
  act: text,
  about: text
    .optional()
    .describe('What an entry about the log itself speaks of: `erasure`, `key.rotate`, `snapshot`, …'),
  register: text.optional(),
  ref: text.optional(),
  version: number.optional(),
  transition: text.optional(),
  state: text.optional(),
  digest: text,
});
export type EntryView = Answer<typeof entryView>;

export const logView = object({
  origin: text,
  number: number.describe("Which log of the organisation, from 1, and its address below the server's root"),
  path: text,
  open: flag,
  size: number,
  root: text,
  vkey: text.describe('The newest key that signs it'),
  keys: list(object({ vkey: text, since: text, until: text.nullable() })),
  checkpoint: text.nullable(),
  pending: number,
  public: flag,
  witnessed: flag.describe(
    'False: no witness has cosigned, and the operator of this log could still rewrite all of it',
  ),
  witnesses: list(object({ name: text, vkey: text, size: number, at: text })).describe(
    'Each witness that cosigned, with the newest size it saw',
  ),
  others: list(object({ number, origin: text, size: number, open: flag })).describe(
    'The other logs of the organisation: those this one continues, or the one that continues it',
  ),
  entries: list(entryView),
  next: number.nullable(),
});
export type LogView = Answer<typeof logView>;

/** The logs of an organisation, as anybody is told who may read them. */
export const servedLogs = object({
  logs: list(
    object({
      number,
      origin: text,
      path: text,
      open: flag,
      size: number,
      root: text,
      keys: list(object({ vkey: text, since: text, until: text.nullable() })),
    }),
  ),
});
/** Whether the log is signed at this moment; what is recorded while it is not, and who has to do what. */
export const logStanding = object({
  signed: flag,
  still: key
    .extend({
      text: text.describe('Why it is not signed, in a sentence'),
      cause: z
        .enum(['database', 'key', 'storage', 'clock', 'held', 'failing'])
        .describe('The same as a word for programs'),
      since: text.describe('Since when this server knows'),
      writes: z
        .enum(['wait', 'refused'])
        .describe('What is recorded meanwhile waits for its place and is signed later, or is not taken'),
      means: sentence.describe('What that means for what is recorded now'),
      next: sentence.describe('What the people who keep the log do about it'),
    })
    .nullable(),
  waiting: number.describe('Entries that have no place in the log yet'),
  waitingSince: text.nullable().describe('Time of the oldest of them'),
});
export type LogStanding = Answer<typeof logStanding>;

/** A witness that is asked, and what it last said of the open log. */
export const witnessView = object({
  name: text,
  vkey: text,
  url: text.describe('`add-checkpoint` lies below it'),
  addedAt: text,
  cosigned: object({ size: number, at: text })
    .nullable()
    .describe('Newest checkpoint it cosigned, with the time it put under it'),
  askedAt: text.nullable(),
  problem: text.nullable().describe('Why its last answer was no cosignature'),
});
export type WitnessView = Answer<typeof witnessView>;

export const witnessList = object({
  size: number.describe('Entries of the open log'),
  items: list(witnessView),
});
export type WitnessList = Answer<typeof witnessList>;

export const witnessAdded = object({ witness: witnessView });

export const witnessRemoved = object({ witness: z.null() });

/** The authority that stamps an organisation's checkpoints. */
export const stampService = object({
  url: text,
  every: z.enum(['day', 'hour']),
  addedAt: text,
  chain: text.describe(
    'Certificates whose word is taken, as PEM and one by one; `sha256` in hex with colons',
  ),
  certificates: list(object({ name: text, sha256: text, until: text })),
});
export type StampService = Answer<typeof stampService>;

/** A stamp of one checkpoint, had or waited for. */
export const stampView = object({
  log: number.describe('Which log of the organisation, from 1, and the size of the checkpoint in it'),
  size: number,
  checkpoint: text.describe(
    'The signed checkpoint; what is stamped is its text up to the empty line, the last newline included',
  ),
  queuedAt: text,
  stampedAt: text.nullable().describe('When the authority saw it; null while it is waited for'),
  url: text.nullable(),
  tries: number,
  triedAt: text.nullable(),
  nextTry: text.nullable(),
  problem: text.nullable(),
});
export type StampView = Answer<typeof stampView>;

export const stampPage = object({
  service: stampService.nullable(),
  items: list(stampView),
  next: text.nullable(),
});
export type StampPage = Answer<typeof stampPage>;

export const stampsSet = object({ service: stampService });

export const stampsOff = object({ service: z.null() });

/** One field or link with both its values; null where there was none. */
export const changedValue = object({
  name: text,
  label: text,
  link: flag,
  from: z.unknown(),
  to: z.unknown(),
});
export type ChangedValue = Answer<typeof changedValue>;

/** A record that was created or changed between two points. */
export const difference = object({
  ref: text,
  register: text,
  title: text,
  created: flag,
  state: object({ from: text.nullable(), to: text }),
  version: object({ from: number.nullable(), to: number }),
  changed: list(changedValue).describe(
    'Empty when all that was changed was changed back, or only the state is another',
  ),
  versions: list(
    object({
      version: number,
      at: text,
      act: text,
      transition: text.optional(),
      state: text,
      actor: person,
      as: text.optional(),
      reason: text.optional(),
      log: number,
      logIndex: number,
      erased: list(text),
    }),
  ).describe('The versions between, newest first, at most 20 of them; `versionsTotal` counts all'),
  versionsTotal: number,
  erased: object({ from: list(text), to: list(text) }).describe(
    'Parts that were erased since, of the state at either point',
  ),
});
export type Difference = Answer<typeof difference>;

export const differences = object({
  from: point,
  to: point,
  counts: list(object({ register: text, label: text, created: number, changed: number })),
  items: list(difference),
  next: text.nullable(),
  references: byName(reference),
});
export type Differences = Answer<typeof differences>;

/** One stamp with the certificates it was checked with. */
export const stampDetail = stampView.extend({ chain: text.nullable() });

/** What changed the log itself, with what it made. */
export const tokenMade = committed.extend({ token: text.optional().describe('Shown once') });
export const keyRotated = committed.extend({ vkey: text, until: text });
export const logBegun = committed.extend({ origin: text, vkey: text });
