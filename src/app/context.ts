import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Identity } from '../identity/index.ts';
import type { Arrival, Intake } from '../intake/intake.ts';
import type { Outgoing } from '../outgoing/index.ts';
import type { Registry } from '../register/register.ts';
import type { Slots } from '../register/slots.ts';
import type { Actor } from '../register/who.ts';
import type { Database } from '../store/db/database.ts';
import type { Storage } from '../store/db/storage.ts';
import type { Blobs } from '../store/files/blobs.ts';
import type { Sequencer } from '../store/ledger/sequencer.ts';
import type { Keys } from './log/keys.ts';
import type { RowWatch } from './passes/row-check.ts';
import type { Counted } from './read/kept-counts.ts';

/** Everything the application works with; made once in `main.ts`, passed in everywhere. */
export interface App {
  db: Database;
  registry: Registry;
  slots: ReadonlyMap<string, Slots>;
  sequencer: Sequencer;
  blobs: Blobs;
  /** Whether the server can write. */
  storage: Storage;
  identity: Identity;
  keys: Keys;
  clock: Clock;
  random: Random;
  /** Asks addresses that people typed; nothing else does. */
  outgoing: Outgoing;
  /** Shown in links: `http://127.0.0.1:42001`. */
  baseUrl: string;
  /** Most bytes of a test report, which is read, and of a file of any other kind, which is kept as it is. */
  limits: { evidenceBytes: number; fileBytes: number };
  /** Reads files that people hand in; nothing else does. */
  intake: Intake;
  /** Counts of records, for as long as nothing was written. */
  counted: Counted;
  /** Records that say otherwise than their newest version, as far as somebody looked. */
  rows: RowWatch;
  /** Where it stands at an earlier state: the records of which contents were erased since. */
  erased?: ReadonlySet<string>;
  log: (line: string) => void;
}

/** Who asks, and how the request came. */
export interface Asking {
  actor: Actor;
  /** Answers whether the person has just proved again who they are; undefined when they were not asked to. */
  reauthenticate?: () => Promise<boolean>;
  idempotency?: { key: string; fingerprint: string };
  /** Person who delegated to the actor what is being decided. */
  onBehalfOf?: string;
  /** How a decision came about; single unless told. */
  manner?: 'bulk' | 'alone';
}

/** The same request, by the system itself. */
export const asEngine = (ask: Asking): Asking => ({
  ...ask,
  actor: { ...ask.actor, kind: 'engine', ref: 'engine', name: 'OpenAIMS', roles: [] },
});

/** A file as whoever asks handed it in. */
export const arrivalOf = (ask: Asking, bytes: Uint8Array): Arrival => ({
  who: whoseOf(ask),
  file: { bytes },
});

/** A file that lies on the disk already. */
export const arrivalAt = (ask: Asking, path: string, size: number): Arrival => ({
  who: whoseOf(ask),
  file: { path, size },
});

const whoseOf = ({ actor }: Asking): string => `${actor.organisation} ${actor.ref}`;
