import { Failure } from '../../base/failure.ts';
import { uuid7 } from '../../base/random.ts';
import { commit, encodeEntry, entryDigest, type RecordEntry } from '../../ledger/index.ts';
import { withEntered } from '../../register/claim.ts';
import { demandUnfixed } from '../../register/fixed.ts';
import type { As, ContentsOf, StateOf, StepOf } from '../../register/rec.ts';
import { type Register, refOf } from '../../register/register.ts';
import { NO_TEXT, slotValues } from '../../register/slots.ts';
import { uniqueKey } from '../../register/unique-key.ts';
import {
  type Contents,
  derive,
  dueOf,
  hiddenFrom,
  materialDigest,
  partsOf,
  peopleIn,
  searchText,
  titleOf,
} from '../../register/values.ts';
import type { Stored } from '../../store/records/records.ts';
import type { Change } from '../../store/records/write.ts';
import type { App } from '../context.ts';

/** What shall become of one record. */
export interface Intent<R extends Register = Register> {
  register: R;
  /** Present record, or the number of a new one. */
  before: As<R, Stored & { digest: string }> | { number: number };
  contents: ContentsOf<R>;
  state: StateOf<R>;
  act: 'create' | 'edit' | 'transition' | 'import';
  transition?: StepOf<R>;
  /** Who did it, in which capacity, and for whom who wrote it first; committed to, never in the clear in the log. */
  actor: { ref: string; as: string; for?: string };
  reason?: string;
  /** What occurs once in the organisation where no field says it; of records that are never changed. */
  once?: string;
  /** Somebody takes over from somebody who leaves: only the people change, in settled places too. */
  takenOver?: boolean;
  /** What a record says is made one with what its newest version says, in settled places too. */
  mended?: boolean;
}

/**
 * Builds the stored form of an intent: the new state, the version's parts with fresh salts, and the ledger entry that
 * commits to them. Nothing is stored here.
 */
export function buildChange(app: Pick<App, 'slots' | 'random'>, at: Date, intent: Intent): Change {
  const { register, before } = intent;
  const existing = 'ref' in before ? before : undefined;
  const contents = intent.mended
    ? intent.contents
    : withEntered(register, existing?.values, intent.contents, at);
  const number = before.number;
  const ref = existing?.ref ?? refOf(register, number);
  const id = existing?.id ?? uuid7(at, app.random);
  const version = (existing?.version ?? 0) + 1;
  refuseOwnLink(register, ref, contents);
  if (existing && intent.actor.as !== 'engine' && !intent.takenOver && !intent.mended)
    demandUnfixed(register, existing, contents, intent.transition);

  const parts: Record<string, { value: unknown; salt: string }> = {};
  const commitments: Record<string, string> = {};
  const plain: Record<string, unknown> = {
    ...partsOf(register, contents),
    actor: intent.actor,
    ...(intent.reason ? { reason: intent.reason } : {}),
  };
  for (const [part, value] of Object.entries(plain)) {
    const salt = app.random.bytes(32);
    parts[part] = { value, salt: salt.toString('hex') };
    commitments[part] = commit(part, value, salt);
  }
  const entry: RecordEntry = {
    v: 1,
    type: 'record',
    at: at.toISOString(),
    register: register.name,
    id,
    number,
    version,
    act: intent.act,
    ...(intent.transition ? { transition: intent.transition } : {}),
    state: intent.state,
    ...(existing ? { prev: existing.digest } : {}),
    c: commitments,
  };
  const bytes = encodeEntry(entry);
  const links = changedLinks(register, existing?.links ?? {}, contents.links);
  const unique =
    register.unique && !register.frees.includes(intent.state) ? contents.values[register.unique] : undefined;
  return {
    at: entry.at,
    id,
    register: register.name,
    number,
    ref,
    expect: existing?.version ?? null,
    version,
    state: intent.state,
    act: intent.act,
    transition: intent.transition ?? null,
    ...columnsOf(app, register, ref, contents, intent.state),
    uniqueKey: unique === undefined || unique === null ? (intent.once ?? null) : uniqueKey(unique),
    links,
    acyclic: Object.keys(register.links).filter((n) => register.links[n]!.acyclic && links[n]?.refs.length),
    people: changedPeople(register, existing?.values ?? {}, contents.values),
    parts,
    entry: bytes.toString('utf8'),
    digest: entryDigest(bytes),
    answer: {
      links: contents.links,
      createdAt: existing?.createdAt ?? null,
      createdBy: existing?.createdBy ?? null,
    },
  };
}

/** What the store keeps of contents for showing, sorting, filtering and searching: follows from them and the state alone. */
export function columnsOf(
  app: Pick<App, 'slots'>,
  register: Register,
  ref: string,
  contents: Contents,
  state: string,
): Pick<
  Change,
  'title' | 'values' | 'derived' | 'owner' | 'slots' | 'search' | 'material' | 'due' | 'hiddenFrom'
> {
  const { values } = contents;
  const derived = derive(register, values);
  return {
    title: titleOf(register, values, ref),
    values,
    derived,
    owner: typeof values.owner === 'string' ? values.owner : register.fields.owner ? NO_TEXT : null,
    slots: wholeCharacters(slotValues(register, app.slots.get(register.name) ?? {}, values, derived)),
    search: searchText(register, ref, values).toWellFormed(),
    material: materialDigest(register, ref, contents),
    due: dueOf(register, values, state),
    hiddenFrom: hiddenFrom(register, values),
  };
}

/** A release before itself or criteria that replace themselves mean nothing; a guessed next number must not make one. */
export function refuseOwnLink(register: Register, ref: string, contents: Contents): void {
  for (const [name, refs] of Object.entries(contents.links))
    if (refs.includes(ref))
      throw new Failure('INVALID', `${register.label.one}: ${name}: ${ref} cannot be linked to itself.`, [
        { path: `/${name}`, message: `${ref} is the record itself` },
      ]);
}

/** Cutting a text to length may halve its last character, which the database does not take. */
const wholeCharacters = (slots: Record<string, string | number>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(slots).map(([k, v]) => [k, typeof v === 'string' ? v.toWellFormed() : v]),
  );

/** Links that differ from before; those named are set anew by the store. */
function changedLinks(
  register: Register,
  before: Record<string, string[]>,
  after: Record<string, string[]>,
): Change['links'] {
  const out: Change['links'] = {};
  for (const [name, spec] of Object.entries(register.links)) {
    const refs = after[name] ?? [];
    if ((before[name] ?? []).join() !== refs.join()) out[name] = { register: spec.to, refs };
  }
  return out;
}

/** People newly named: the store checks that they exist. */
function changedPeople(
  register: Register,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Change['people'] {
  return Object.entries(register.fields).flatMap(([field, f]) => {
    const known = peopleIn(f, before[field]);
    return peopleIn(f, after[field])
      .filter((ref) => !known.includes(ref))
      .map((ref) => ({ field, ref }));
  });
}
