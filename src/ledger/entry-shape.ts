import { decodeHash } from './base64.ts';
import { GROUPS } from './commitment.ts';
import { isSize } from './merkle.ts';

/** What can be done to a record. */
export const RECORD_ACTS = ['create', 'edit', 'transition', 'import'] as const;

/** Said by a log, in its first entry or in a note: from here on the row of a version carries the time of its entry. */
export const ROWS_ENTERED = 'rows.entered';

/** Said by a log that continues another, in a note: the key of that one, which the note names, was lost. */
export const KEY_LOST = 'key.lost';

/** Grounds on which personal data is erased: Article 17(1) GDPR, its letters, or the law of another place. */
export const ERASURE_BASES = [
  'gdpr.17.1.a',
  'gdpr.17.1.b',
  'gdpr.17.1.c',
  'gdpr.17.1.d',
  'gdpr.17.1.e',
  'gdpr.17.1.f',
  'retention.ended',
  'other.law',
] as const;

interface FieldRule {
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
  readonly optional?: true;
}

type Rules = Readonly<Record<string, FieldRule>>;

const optional = (rule: FieldRule): FieldRule => ({ ...rule, optional: true });
const is = (expected: unknown): FieldRule => ({
  must: `be ${JSON.stringify(expected)}`,
  holds: (value) => value === expected,
});
const oneOf = (list: readonly string[]): FieldRule => ({
  must: `be one of ${list.join(', ')}`,
  holds: (value) => list.some((known) => known === value),
});
const matching = (pattern: RegExp, must: string): FieldRule => ({
  must,
  holds: (value) => typeof value === 'string' && pattern.test(value),
});

/** A name from our own vocabulary. Without spaces, so that free text (and a person in it) cannot slip in. */
const name = matching(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'be a name of letters, digits, "_", "." and "-"');
const line = matching(/^[\x21-\x7e]{1,512}$/, 'be one line of visible ASCII without spaces');
const digest = matching(/^sha256:[0-9a-f]{64}$/, 'be "sha256:" and 64 lower-case hex digits');
const uuid = matching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'be a lower-case UUID');
const counted: FieldRule = {
  must: 'be a whole number from 1 to 2^53 - 1',
  holds: (value) => isSize(value) && value > 0,
};
const size: FieldRule = { must: 'be a whole number from 0 to 2^53 - 1', holds: isSize };
const instant: FieldRule = {
  must: 'be a UTC time such as 2026-03-01T09:30:00.000Z',
  holds: (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && sameTime(value),
};
const commitments: FieldRule = {
  must: `hold at least one commitment (64 lower-case hex digits), under ${GROUPS.join(', ')}`,
  holds: isCommitments,
};
const rootText: FieldRule = {
  must: 'be the base64 of 32 bytes',
  holds: (value) => typeof value === 'string' && decodeHash(value) !== undefined,
};
const left: FieldRule = {
  must: 'hold a size and a root',
  holds: (value) => shapeProblem(value, { size, root: rootText }, 'rest of a log') === undefined,
};
const head: FieldRule = {
  must: 'hold the origin, size and root of a log, and what is left of it: less, or all',
  holds: (value) =>
    shapeProblem(value, { origin: line, size, root: rootText, left: optional(left) }, 'head') === undefined &&
    isRest(value as Head),
};
const snapshot: FieldRule = {
  must: 'hold the number of records and the root of a snapshot',
  holds: (value) => shapeProblem(value, { records: size, root: rootText }, 'snapshot') === undefined,
};
const listOf = (rule: FieldRule, most: number, must: string): FieldRule => ({
  must,
  holds: (v) =>
    Array.isArray(v) &&
    v.length > 0 &&
    v.length <= most &&
    v.every(rule.holds) &&
    new Set(v).size === v.length,
});

const RECORD: Rules = {
  v: is(1),
  type: is('record'),
  at: instant,
  register: name,
  id: uuid,
  number: counted,
  version: counted,
  act: oneOf(RECORD_ACTS),
  transition: optional(name),
  state: name,
  prev: optional(digest),
  c: commitments,
};

const LOG: Rules = {
  v: is(1),
  type: is('log'),
  at: instant,
  act: oneOf(['open', 'note']),
  origin: line,
  about: optional(name),
  vkey: optional(line),
  previous: optional(head),
  entries: optional(listOf(size, 4096, 'list 1 to 4096 different leaf indexes')),
  of: optional(line),
  basis: optional(oneOf(ERASURE_BASES)),
  snapshot: optional(snapshot),
  groups: optional(listOf(oneOf(GROUPS), GROUPS.length, `list different groups of ${GROUPS.join(', ')}`)),
  c: optional(commitments),
};

/** What is wrong with the shape of a record entry, as a sentence naming the field, or undefined. */
export function recordEntryProblem(value: unknown): string | undefined {
  const problem = shapeProblem(value, RECORD, 'record entry');
  if (problem !== undefined) return problem;
  const entry = value as { act: string; transition?: string; version: number; prev?: string };
  if ((entry.act === 'transition') !== (entry.transition !== undefined)) {
    return `"transition" of a record entry must be given when "act" is "transition", and only then; "act" is "${entry.act}"`;
  }
  if ((entry.version === 1) !== (entry.prev === undefined)) {
    return `"prev" of a record entry must be given from version 2 on, and only then; this is version ${entry.version}`;
  }
  return undefined;
}

/** What is wrong with the shape of a log-level entry, as a sentence naming the field, or undefined. */
export function logEntryProblem(value: unknown): string | undefined {
  const problem = shapeProblem(value, LOG, 'log entry');
  return problem ?? logMeaningProblem(value as LogFields);
}

interface LogFields extends Readonly<Record<string, unknown>> {
  readonly act: string;
  readonly origin: string;
  readonly about?: string;
  readonly of?: string;
  readonly previous?: { readonly origin: string };
}

/** What a note of each kind cannot be without. Kinds that are not named here may carry what they like. */
const NOTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['erasure', ['entries', 'groups', 'basis']],
  ['key.rotate', ['vkey']],
  [KEY_LOST, ['vkey']],
  ['snapshot', ['snapshot']],
  ['witness.add', ['vkey']],
  ['witness.remove', ['vkey']],
]);

/** Fields that mean nothing, or something else, outside one kind of note. */
const ONLY_IN: ReadonlyMap<string, string> = new Map([
  ['basis', 'erasure'],
  ['snapshot', 'snapshot'],
]);

/** What does not fit together in a log entry of the right shape: an entry that says two things proves neither. */
function logMeaningProblem(entry: LogFields): string | undefined {
  const { act, about, origin, previous, of } = entry;
  const has = (field: string) => entry[field] !== undefined;
  if (act === 'open') {
    const stray = ['about', 'entries', 'of', 'basis', 'snapshot', 'groups'].find(
      (field) => has(field) && !(field === 'about' && about === ROWS_ENTERED),
    );
    return stray === undefined
      ? originProblem('previous', previous?.origin, origin)
      : `"${stray}" of a log entry must not be given when "act" is "open"`;
  }
  if (has('previous')) return '"previous" of a log entry must be given when "act" is "open" only';
  const missing = (NOTES.get(about ?? '') ?? []).find((field) => !has(field));
  if (missing !== undefined) return `"${missing}" of a log entry about "${about}" is missing`;
  for (const [field, kind] of ONLY_IN) {
    if (has(field) && about !== kind) return `"${field}" of a log entry must be given about "${kind}" only`;
  }
  if (has('of') && !has('entries')) return '"of" of a log entry must be given with "entries" only';
  return originProblem('of', of, origin);
}

/** Indexes of this log and of an earlier one are told apart by nothing else. */
function originProblem(field: string, other: string | undefined, origin: string): string | undefined {
  return other === origin ? `"${field}" of a log entry must name another log than "origin"` : undefined;
}

function shapeProblem(value: unknown, rules: Rules, what: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `a ${what} must be an object`;
  const fields = new Map(Object.entries(value).filter(([, inner]) => inner !== undefined));
  for (const [field, rule] of Object.entries(rules)) {
    if (!fields.has(field)) {
      if (!rule.optional) return `"${field}" of a ${what} is missing; it must ${rule.must}`;
    } else if (!rule.holds(fields.get(field))) {
      return `"${field}" of a ${what} must ${rule.must}`;
    }
    fields.delete(field);
  }
  const unknown = fields.keys().next();
  return unknown.done ? undefined : `a ${what} has no field ${JSON.stringify(unknown.value.slice(0, 40))}`;
}

type Head = { size: number; root: string; left?: { size: number; root: string } };

const isRest = ({ size: all, root: whole, left: rest }: Head): boolean =>
  rest === undefined || rest.size < all || (rest.size === all && rest.root === whole);

function isCommitments(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const pairs = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const known: readonly string[] = GROUPS;
  return (
    pairs.length > 0 &&
    pairs.every(
      ([group, hex]) => known.includes(group) && typeof hex === 'string' && /^[0-9a-f]{64}$/.test(hex),
    )
  );
}

function sameTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}
