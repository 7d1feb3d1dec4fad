import type { Mention } from '../../answers/erasure.ts';
import { Failure } from '../../base/failure.ts';
import { GROUPS, type Group } from '../../ledger/index.ts';
import { asList, type Register } from '../../register/register.ts';
import { type Contents, changedNames } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import {
  ORIGINS,
  partsStatement,
  type StoredPart,
  saidStatement,
  toPart,
  tracesStatement,
} from '../../store/ledger/erasure.ts';
import type { StoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { readRecord } from '../write/idempotent.ts';
import type { Planned } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';
import { findPerson, type KnownAs } from './mentions.ts';

/** Parts of some versions of one record. `versions` are the first and the last; all of them unless told. */
export interface PartsRequest {
  kind: 'parts';
  ref: string;
  versions?: readonly [number, number];
  groups: readonly Group[];
}

/** Everything that says who a person is. With `mentions`, past versions of other records that mention them too. */
export interface PersonRequest {
  kind: 'person';
  ref: string;
  mentions?: boolean;
}

/** Parts whose present value stands in the record's row too, and is shown from there. */
const IN_ROW: readonly string[] = ['values', 'people', 'text', 'links'];

/** What a person's own record loses in its past versions; links and actors hold numbers only. */
const OF_A_PERSON: readonly string[] = ['values', 'people', 'text', 'reason'];

/** The name that stays in a person's record. */
export const ERASED_NAME = 'Erased person';
/** The transition by which somebody leaves, taken along when the workflow has it. */
const LEAVE = 'depart';

/** A part to be erased, with the record it belongs to. */
export interface PlannedPart extends StoredPart {
  ref: string;
}

/** What becomes of the person's record itself. */
export interface PersonChange {
  contents: Contents;
  state: string;
  transition?: string;
}

/** What an erasure would do, worked out and not done. */
export interface ErasurePlan {
  register: Register;
  before: StoredWithRelations;
  parts: PlannedPart[];
  mentions: Mention[];
  /** Present when the person's record must get a version without personal data. */
  change?: PersonChange;
  planned?: Planned;
  /** Names and addresses to be forgotten; empty for parts. */
  known: KnownAs;
  account: boolean;
  invitations: number;
  /** Sentences on what is left. */
  stays: string[];
  origins: { number: number; origin: string; open: boolean }[];
}

/** True when there is nothing to do: everything was erased before. */
export const isNothing = (p: ErasurePlan): boolean =>
  p.parts.length === 0 && !p.change && !p.account && p.invitations === 0;

/** Works out an erasure; every entry must have its place by now. Throws what forbids it. */
export async function planErasure(
  app: App,
  ask: Asking,
  request: PartsRequest | PersonRequest,
): Promise<ErasurePlan> {
  return request.kind === 'parts' ? planParts(app, ask, request) : planPerson(app, ask, request);
}

async function planParts(app: App, ask: Asking, request: PartsRequest): Promise<ErasurePlan> {
  const { organisation } = ask.actor;
  const register = app.registry.ofRef(request.ref);
  if (!register)
    throw new Failure('NOT_FOUND', `There is no record ${request.ref.slice(0, 40)}.`, [
      { path: '/ref', message: 'is no number of a record' },
    ]);
  const before = await readRecord(app, ask, register, request.ref);
  const [from, to] = request.versions ?? [1, before.version];
  if (from < 1 || to < from || to > before.version)
    throw new Failure(
      'INVALID',
      `versions: ${request.ref} has the versions 1 to ${before.version}; got ${from} to ${to}.`,
      [{ path: '/versions', message: `expected a first and a last version between 1 and ${before.version}` }],
    );
  const [rows, origins] = await app.db.run(organisation, [partsStatement(before.id), ORIGINS]);
  const wanted = rows!
    .map(toPart)
    .filter((p) => p.version >= from && p.version <= to && request.groups.some((g) => g === p.part));
  const shown = wanted.filter((p) => p.version === before.version && IN_ROW.includes(p.part));
  if (shown.length > 0 && request.versions)
    throw new Failure(
      'WRONG_STATE',
      `Version ${before.version} of ${request.ref} is the present one: its ${listed(shown.map((p) => p.part))} would go on being shown. Edit ${request.ref} first, then erase the versions up to ${before.version}.`,
      [{ path: '/versions', message: `the present version is ${before.version}` }],
    );
  const stays = shown.length
    ? [
        `The present version ${before.version} of ${request.ref} keeps its ${listed(shown.map((p) => p.part))}: edit the record first when that must go too.`,
      ]
    : [];
  if (request.groups.includes('actor'))
    stays.push(
      `The number of the person who made each version of ${request.ref} stays in the list of its versions.`,
    );
  return {
    register,
    before,
    parts: wanted.filter((p) => !shown.includes(p)).map((p) => ({ ...p, ref: request.ref })),
    mentions: [],
    known: { names: [], emails: [] },
    account: false,
    invitations: 0,
    stays,
    origins: toOrigins(origins!),
  };
}

async function planPerson(app: App, ask: Asking, request: PersonRequest): Promise<ErasurePlan> {
  const { organisation } = ask.actor;
  const register = app.registry.of(registers.person);
  const before = await readRecord(app, ask, register, request.ref);
  if (before.ref === ask.actor.ref)
    throw new Failure('OWN_WORK', 'Nobody erases themselves: ask another AIMS manager or top management.');
  const change = personChange(register, before);
  // Erased, somebody is gone, whether they had left before or not.
  const planned = await ruled(app, ask, {
    register,
    before,
    contents: change?.contents ?? before,
    state: change?.state ?? before.state,
    act: 'transition',
    transition: LEAVE,
    actor: { ref: ask.actor.ref, as: 'engine' },
  });
  const [own, said, origins, traces] = await app.db.run(organisation, [
    partsStatement(before.id),
    saidStatement(before.id, 'people'),
    ORIGINS,
    tracesStatement(request.ref, { evidence: registers.evidence.name, key: registers.apiKey.name }),
  ]);
  const held = await app.identity.heldAccount({ organisation, personRef: request.ref });
  const known = knownAs(register, [before.values, ...said!.map((r) => cell.object(r.value))]);
  if (held.account) {
    known.names.push(held.account.name);
    known.emails.push(held.account.email);
  }
  const found = await findPerson(app, organisation, register, before, known);
  const places = toOrigins(origins!);
  const parts: PlannedPart[] = own!
    .map(toPart)
    .filter((p) => OF_A_PERSON.includes(p.part))
    // When the record gets a new version, the one that is present now is past.
    .filter((p) => change || p.version < before.version || !IN_ROW.includes(p.part))
    .map((p) => ({ ...p, ref: request.ref }));
  const mentions = found.mentions.map((m): Mention => {
    const shown = m.version === m.present && IN_ROW.includes(m.part);
    const then = shown ? (isLocked(app, m) ? 'locked' : 'edit') : request.mentions ? 'erase' : 'ask';
    if (then === 'erase') parts.push(m);
    return { ref: m.ref, version: m.version, group: groupOf(m.part), ...placeOf(m, places), then };
  });
  const t = traces![0]!;
  return {
    register,
    before,
    parts,
    mentions,
    ...(change ? { change, planned } : {}),
    known,
    account: held.account !== undefined,
    invitations: held.invitations,
    stays: staysOf(request.ref, {
      versions: cell.number(t.versions),
      records: found.numbered.size,
      evidence: cell.texts(t.evidence),
      keys: cell.texts(t.keys),
    }),
    origins: places,
  };
}

/** The person's record without what says who it is; undefined when it is so already. */
function personChange(register: Register, before: StoredWithRelations): PersonChange | undefined {
  const contents: Contents = { values: { [register.title]: ERASED_NAME }, links: {} };
  const leave = register.transitions[LEAVE];
  const leaves = leave !== undefined && asList(leave.from).includes(before.state);
  if (!leaves && changedNames(before, contents).length === 0) return undefined;
  return leaves ? { contents, state: leave.to, transition: LEAVE } : { contents, state: before.state };
}

function knownAs(register: Register, versions: readonly Record<string, unknown>[]): KnownAs {
  const all = (field: string | undefined) => [
    ...new Set(versions.flatMap((v) => (field && typeof v[field] === 'string' ? [v[field]] : []))),
  ];
  return { names: all(register.title).filter((n) => n !== ERASED_NAME), emails: all(register.unique) };
}

function isLocked(app: App, m: { register: string; state: string }): boolean {
  const register = app.registry.get(m.register);
  return register.locked.includes(m.state) || register.permissions.edit.every((w) => w === 'engine');
}

function staysOf(
  ref: string,
  t: { versions: number; records: number; evidence: string[]; keys: string[] },
): string[] {
  const out = [
    `The number ${ref} stays: as author of ${count(t.versions, 'version')}, and in ${count(t.records, 'record')} that ${t.records === 1 ? 'names' : 'name'} the person by it. Nothing stands behind it any more.`,
  ];
  if (t.evidence.length > 0)
    out.push(
      `${ref} handed in ${count(t.evidence.length, 'evidence file')}, whose bytes are not searched: look through ${few(t.evidence)}.`,
    );
  if (t.keys.length > 0)
    out.push(
      `${ref} made API keys that still work: ${few(t.keys)}. Revoke those whose secret only ${ref} knew.`,
    );
  return out;
}

const toOrigins = (rows: Record<string, unknown>[]): ErasurePlan['origins'] =>
  rows.map((r) => ({ number: cell.number(r.number), origin: cell.text(r.origin), open: cell.flag(r.open) }));

/** Where the entry of a part stands; `of` names the log when it is not the open one. */
export function placeOf(
  p: StoredPart,
  origins: ErasurePlan['origins'],
): { entry: number | null; of?: string } {
  const log = origins.find((o) => o.number === p.log);
  return { entry: p.index, ...(log && !log.open ? { of: log.origin } : {}) };
}

/** A part of the database as the ledger calls it. */
export function groupOf(part: string): Group {
  const group = GROUPS.find((g) => g === part);
  if (!group) throw new Error(`there is no group ${part}`);
  return group;
}

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;
const few = (refs: readonly string[]): string =>
  refs.length > 10 ? `${refs.slice(0, 10).join(', ')} and ${refs.length - 10} more` : refs.join(', ');
export const listed = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '');
