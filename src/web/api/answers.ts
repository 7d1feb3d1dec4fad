import type { RegisterMeta } from '../../register/describe.ts';
import type { Answered, StateOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import type { Registers } from '../../registers/index.ts';

/** Anything JSON a record's field can hold. */
export type Value = unknown;

/** Number and name of a record mentioned in an answer. */
export type References = Record<string, { register: string; title: string }>;

/** Who is signed in, and where. */
export interface Me {
  kind: 'person' | 'apiKey';
  name: string;
  email?: string;
  organisations: { slug: string; name: string; ref?: string; roles: string[] }[];
}

export interface Setup {
  firstRun: boolean;
  demo: boolean;
  demoPeople?: { email: string; name: string; role: string }[];
  demoPassword?: string;
}

export interface Meta {
  organisation: { slug: string; name: string; logPublic: boolean };
  me: { ref: string; name: string; kind: string; roles: string[] };
  roles: Record<string, string>;
  steps: (string | { name: string; label?: string })[];
  registers: RegisterMeta[];
  version: string;
}

/** A record as lists and writes answer it: `RecordView<Registers['audit']>` has the fields, links and states of an audit. */
export interface RecordView<R extends Register = Register> extends Answered<R> {
  /** What its state stands on; `alone` where the only person decided, which is no approval. */
  standing?: 'current' | 'alone' | 'stale' | 'ended';
}

export interface Page<T> {
  items: T[];
  next: string | null;
  total?: number;
  references?: References;
}

export interface Decision {
  ref: string;
  kind: string;
  by: string;
  role?: string;
  at: string;
  reason?: string | null;
  until?: string | null;
  method?: string;
  version: number;
  rolesHeld?: string;
  appointment?: string;
  onBehalfOf?: string;
  manner?: string;
  current: boolean;
  ended?: boolean;
  changed?: { ref: string; from: number | null; to: number | null }[];
}

export interface MayTransition {
  name: string;
  label: string;
  to: string;
  allowed: boolean;
  why?: string;
  missing: string[];
  onBehalfOf?: string;
  manner?: string;
  /** Where several people decide. */
  several?: { needed: number; decided: { by: string; role: string }[]; next: string };
}

export interface Inverse {
  label: string;
  register: string;
  items: { ref: string; title: string; state: string }[];
  more: boolean;
}

/** The state that an answer is of, when it is not the present one. */
export interface Point {
  log: number;
  size: number;
  at: string;
}

/** One record with everything its page shows. */
export interface RecordDetail<R extends Register = Register> extends RecordView<R> {
  /** Of an earlier state: groups that were erased since. */
  erased?: string[];
  references: References;
  inverses: Record<string, Inverse>;
  may: { edit: boolean; why?: string; fixed: string[]; transitions: MayTransition[] };
  inUse?: UseTold[];
  decisions: Decision[];
}

export interface Version {
  version: number;
  at: string;
  act: string;
  transition?: string;
  state: string;
  actor: { ref: string; name: string };
  /** Who wrote it before it was imported. */
  madeFor?: { ref: string; name: string };
  reason?: string | null;
  values: Record<string, Value>;
  links: Record<string, string[]>;
  /** Groups that were erased since. */
  erased?: string[];
  digest: string;
  /** Which log its entry is in, and the place there. */
  log: number | null;
  logIndex: number | null;
  changed: string[];
}

type Decided = Answered<Registers['gateDecision']>['values'];

export type Verdict = NonNullable<Decided['verdict']>;

export interface GateCheck {
  id: string;
  title: string;
  status: NonNullable<Decided['checks']>[number]['status'];
  reasons: { text: string; records?: string[] }[];
  next: { text: string; who?: string; ref?: string; action?: string }[];
}

export interface GateResult {
  release: string;
  title: string;
  system: { ref: string; title: string };
  riskClass: string;
  verdict: Verdict;
  evaluatedAt: string;
  subject: string;
  policy: { ref: string; version: number; digest: string };
  /** By which way it asks to go through. */
  basis: NonNullable<Decided['basis']>;
  checks: GateCheck[];
  notChecked: { id: string; title: string; why: string }[];
  /** Where it is in use already. */
  inUse?: { system: string; allowance: string; verdict: Verdict; reasons: string[] };
}

/** A release in use that the gate would not let through now. */
export interface UseTold {
  release: string;
  title: string;
  why: string;
}

export interface LogEntry {
  index: number;
  at: string;
  act: string;
  /** What an entry about the log itself speaks of. */
  about?: string;
  digest: string;
  /** Absent on entries about the log itself, such as its opening. */
  register?: string;
  ref?: string;
  version?: number;
  transition?: string;
  state?: string;
}

export interface LogView {
  origin: string;
  number: number;
  path: string;
  open: boolean;
  size: number;
  root: string;
  vkey: string;
  keys: { vkey: string; since: string; until: string | null }[];
  /** Null until the first one is signed. */
  checkpoint: string | null;
  pending: number;
  public: boolean;
  witnessed: boolean;
  witnesses: { name: string; vkey: string; size: number; at: string }[];
  others: { number: number; origin: string; size: number; open: boolean }[];
  entries: LogEntry[];
}

/** One step of a newcomer's first hour. */
export interface HourStep {
  id: string;
  text: string;
  why: string;
  done: boolean;
  /** In other hands, or a matter of time. */
  waits?: boolean;
  register: string;
  ref?: string;
  create?: boolean;
}

export interface FirstHour {
  people: number;
  preset: string;
  presetTitle: string;
  steps: HourStep[];
  complete: boolean;
}

type Criteria = Answered<Registers['criteria']>['values'];

export interface PresetView {
  name: string;
  title: string;
  summary: string;
  notAsked: string[];
  proposed: boolean;
  looser: { field: string; text: string }[];
  values: {
    appetite: number;
    gatePolicy: NonNullable<Criteria['gatePolicy']>;
    intervals: NonNullable<Criteria['intervals']>;
    retention: NonNullable<Criteria['retention']>;
  };
}

export interface Presets {
  people: number;
  inForce: string | null;
  items: PresetView[];
}

export interface Requirements {
  system: string;
  riskClass: string | null;
  criteria: string | null;
  mode: string | null;
  items: {
    id: string;
    title: string;
    asks: string;
    status: 'done' | 'missing' | 'notAsked';
    text: string;
    records: string[];
    next?: { text: string; who?: string; ref?: string; create?: string };
  }[];
  eachRelease: { check: string; title: string; asks: string }[];
}

export interface Dashboard {
  steps: {
    step: string;
    registers: { name: string; label: string; count: number; byState: Record<string, number> }[];
  }[];
  releases: {
    ref: string;
    title: string;
    system: string | { ref: string; title: string } | null;
    state: StateOf<Registers['release']>;
    verdict: Verdict | null;
  }[];
  /** Of the present only. */
  inUse?: UseTold[];
  log: { size: number };
}

/** A record that was created or changed between two points. */
export interface RecordDifference {
  ref: string;
  register: string;
  title: string;
  created: boolean;
  state: { from: string | null; to: string };
  changed: { name: string; link: boolean; from: Value; to: Value }[];
  versions: {
    version: number;
    at: string;
    act: string;
    transition?: string;
    actor: { ref: string; name: string };
    reason?: string;
    logIndex: number;
  }[];
  versionsTotal: number;
  erased: { from: string[]; to: string[] };
}

export interface Differences {
  from: Point;
  to: Point;
  counts: { register: string; label: string; created: number; changed: number }[];
  items: RecordDifference[];
  next: string | null;
  references: References;
}

export interface ImportResult {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  dryRun: boolean;
  problems: { path: string; message: string }[];
  /** New rows that may be things that are there already. */
  duplicates?: { place: string; like: string; how: 'digest' | 'name' | 'near' }[];
  moreDuplicates?: number;
}
