import { Failure } from '../../base/failure.ts';
import { decodeEntry, encodeEntry, entryDigest } from '../../ledger/index.ts';
import type { Slots } from '../../register/slots.ts';
import { wordsIn } from '../../register/words.ts';
import * as cell from '../db/cells.ts';
import type { Conversation, Database, Query, Row, Statement } from '../db/database.ts';
import { clockBehind, newestTold } from '../ledger/newest-entries.ts';
import { doneBefore } from './idempotency.ts';
import { linksBelowStatement, type OrderedLink, orderedLinks, refuseCircle } from './ordered-links.ts';

/** The whole new state of one record, with the version and ledger entry that go with it. */
export interface Change {
  /** When, as the ledger entry says: the rows say the same, and there is no other place that a write could have its time from. */
  at: string;
  id: string;
  register: string;
  number: number;
  ref: string;
  /** Version that must be the present one; null creates the record. */
  expect: number | null;
  version: number;
  state: string;
  act: string;
  transition: string | null;
  title: string;
  values: Record<string, unknown>;
  derived: Record<string, unknown>;
  owner: string | null;
  /** Digest of what matters in it, nothing covered: tells whether decisions on it are still about it. */
  material: string;
  /** The earliest day on which its owner has to act; null when there is none or it is over. */
  due: string | null;
  /** People who never see it; null for nearly every record. */
  hiddenFrom: string[] | null;
  uniqueKey: string | null;
  /** Values of the typed columns, by column. */
  slots: Slots | Record<string, string | number>;
  search: string;
  /** Links to set anew, by name; links not named stay as they are. */
  links: Record<string, { register: string; refs: string[] }>;
  /** Of the links set anew, those that must not go in a circle. */
  acyclic: readonly string[];
  /** People named in person fields: they must exist. */
  people: { field: string; ref: string }[];
  /** Committed parts: value and salt (hex) by part. */
  parts: Record<string, { value: unknown; salt: string }>;
  /** Canonical JSON of the ledger entry. */
  entry: string;
  digest: string;
  /** For the answer only; the store reads none of these. */
  answer: { links: Record<string, string[]>; createdAt: string | null; createdBy: string | null };
}

export interface Write {
  organisation: number;
  actor: string;
  /** At least one; those of one write are of one instant. */
  changes: Change[];
  /** `result` is kept under the key, for whoever sends the request again. */
  idempotency?: { key: string; fingerprint: string; result: unknown };
  /** Statements of other parts (an API key's hash, an invitation) that stand or fall with the changes. */
  also?: readonly Also[];
  judges?: readonly Judge[];
}

/**
 * What a write rests on beside its own records, asked in its transaction while nothing else of the organisation is written: it throws, or nothing that it
 * read has changed when the write is stored. `within` gives a view of the database as it is in that transaction; nothing else is asked.
 */
export type Judge = (within: (view: Database) => Database) => Promise<void>;

/** A statement that goes with a write; made for the instant that the write takes where it tells the time. */
export type Also = Statement | ((at: Date) => Statement);

/** Times a write is dated anew by an entry that came first before it gives up: only somebody much faster each time could get there. */
const ATTEMPTS = 8;

/** Takes `count` numbers of a register for good; they ascend and may have gaps. */
export async function takeNumbers(
  db: Database,
  organisation: number,
  register: string,
  count: number,
): Promise<number> {
  const [rows] = await db.run(organisation, [
    { text: 'select take_numbers($1, $2) as first', values: [register, count], name: 'take-numbers' },
  ]);
  return rows![0]!.first as number;
}

/**
 * Stores all changes with their versions and ledger entries in one transaction, or none of them.
 * Answers the instant that it took: the one it was built for, or the newest entry's when that is a little later.
 * Throws DoneBefore, VERSION_MISMATCH, ALREADY_EXISTS, INVALID (a reference to nothing), IDEMPOTENCY_MISMATCH, CLOCK_BEHIND.
 */
export async function write(db: Database, w: Write): Promise<Date> {
  const built = new Date(instantOf(w.changes));
  for (let attempt = 1; ; attempt++) {
    const at = db.newest.instantFor(w.organisation, built);
    try {
      await writeAt(db, w, at);
      db.newest.learn(w.organisation, at);
      return at;
    } catch (error) {
      const newest = newestTold(error);
      if (newest === undefined) throw explain(error, w);
      db.newest.learn(w.organisation, newest);
      const followed = db.newest.instantFor(w.organisation, built) > at;
      if (!followed || attempt === ATTEMPTS) throw clockBehind(built, newest);
    }
  }
}

/** The same changes as if they had been built at another instant: their entries say it, so their digests are others. */
export function datedAt<T extends Pick<Write, 'changes'>>(w: T, at: Date): T {
  const text = at.toISOString();
  return { ...w, changes: w.changes.map((c) => (c.at === text ? c : redated(c, text))) };
}

function redated(c: Change, at: string): Change {
  const bytes = entryAt(c.entry, at);
  return { ...c, at, entry: bytes.toString('utf8'), digest: entryDigest(bytes) };
}

/** Canonical JSON of an entry, dated anew. */
const entryAt = (entry: string, at: string): Buffer =>
  encodeEntry({ ...decodeEntry(Buffer.from(entry, 'utf8')), at });

/** Entries about the log itself, in the transaction of what they tell of and dated as it is. */
export const notesStatement = (entries: readonly string[]): Also => {
  return (at) => ({ text: 'select note_in_log($1::text[])', values: [notesAt(entries, at)] });
};

/** Entries as if they had been made at another instant. */
export const notesAt = (entries: readonly string[], at: Date): string[] =>
  entries.map((e) => entryAt(e, at.toISOString()).toString('utf8'));

async function writeAt(db: Database, w: Write, at: Date): Promise<void> {
  const dated = datedAt(w, at);
  const records = recordsStatement(dated);
  const ordered = orderedLinks(dated.changes);
  const judges = w.judges ?? [];
  const also = (w.also ?? []).map((s) => (typeof s === 'function' ? s(at) : s));
  // What the application let somebody change is there for the statement that changes it, whoever may read its register; what it links to is not.
  const changed = w.changes.filter((c) => c.expect !== null);
  const open = db.opened(changed.flatMap((c) => [c.register, c.ref.slice(0, c.ref.indexOf('-'))]));
  const rows =
    (w.idempotency && also.length > 0) || ordered.length > 0 || judges.length > 0
      ? await oneByOne(open, w.organisation, records, also, ordered, judges)
      : await open.run(w.organisation, [records, ...also]);
  const answer = cell.orNull(cell.object)(rows[0]![0]!.answer);
  if (answer) throw doneBefore(w.idempotency!, cell.text(answer.fingerprint), answer.replay);
}

/** The statement that writes records: for changes that stand or fall with those of another write, among its `also`. */
export function recordsStatement(w: Omit<Write, 'also'>): Statement {
  const payload = {
    at: instantOf(w.changes),
    actor: w.actor,
    ...(w.idempotency ? { idempotency: w.idempotency } : {}),
    changes: w.changes.map(({ at: _, slots, answer: __, acyclic: ___, ...c }) => ({
      ...c,
      ...slots,
      search: wordsIn(w.organisation, c.search),
      scope: `${w.organisation}:${c.register}`,
    })),
  };
  return {
    text: 'select write_records($1::jsonb) as answer',
    values: [JSON.stringify(payload)],
    name: 'write-records',
  };
}

/**
 * The one instant of a write. A row whose time is not its entry's would make every audit pack with it fail, so changes that were built at
 * different times are not stored.
 */
function instantOf(changes: readonly Change[]): string {
  const at = changes[0]?.at;
  const strange = changes.find((c) => c.at !== at || !c.entry.includes(`"at":"${at}"`));
  if (at === undefined || strange)
    throw new Error(
      strange
        ? `${strange.ref} is of ${strange.at}, the write is of ${at}: all changes of a write are built with one instant`
        : 'a write without a change has no time',
    );
  return at;
}

/** A request that was answered before must not do again what goes with it: whether it was is known only after the first statement. */
async function oneByOne(
  db: Database,
  organisation: number,
  records: Statement,
  also: Statement[],
  ordered: OrderedLink[],
  judges: readonly Judge[],
): Promise<Row[][]> {
  return db.converse(organisation, async (query) => {
    if (judges.length > 0) await judgeAlone(db, organisation, query, judges);
    const first = await query(records);
    if (first[0]!.answer === null) {
      for (const link of ordered) refuseCircle(link, await query(linksBelowStatement(link)));
      for (const statement of also) await query(statement);
    }
    return [first];
  });
}

/** Waits until nothing else of the organisation is written, asks the judges one after the other, and leaves the transaction whose it was. */
async function judgeAlone(
  db: Database,
  organisation: number,
  query: Query,
  judges: readonly Judge[],
): Promise<void> {
  await query({ text: 'select judge_alone()', name: 'judge-alone' });
  const own = db.viewed();
  const c: Conversation = { organisation, query, view: own, known: new Map() };
  for (const judge of judges) await judge((view) => view.within(c));
  if (c.view !== own) await query(db.viewStatement());
}

/** The database's refusals, in the words of the person who asked. */
function explain(error: unknown, w: Write): unknown {
  const e = error as { code?: string; message?: string; detail?: string; hint?: string; constraint?: string };
  if (e.code === 'AI032')
    return new Failure(
      'CONFLICT',
      `${e.message} is the last of top management who signs in, and others are leaving at this moment. Give that role to somebody who stays, then let ${e.message} depart.`,
      [{ path: '/roles', message: 'is the last of top management' }],
    );
  if (e.code === 'AI002')
    return new Failure(
      'VERSION_MISMATCH',
      `${e.message}; read it again, then repeat your change on the present version.`,
    );
  if (e.code === 'AI003')
    return new Failure('INVALID', `${e.detail}: ${e.message} is no ${e.hint} of this organisation.`, [
      { path: `/${e.detail}`, message: `${e.message} does not exist` },
    ]);
  if (e.code === 'AI022')
    return new Failure(
      'CONFLICT',
      `${e.message}; one person is accountable for an activity. Nothing was stored.`,
    );
  if (e.code === '23505' && e.constraint === 'record_unique_key') {
    const key = w.changes.find((c) => c.uniqueKey !== null);
    return new Failure(
      'ALREADY_EXISTS',
      `There is already a record of ${key?.register ?? 'this register'} with this value: ${JSON.stringify(key?.uniqueKey ?? '').slice(0, 120)}. Open that one instead.`,
    );
  }
  if (e.code === '23505')
    return new Failure(
      'CONFLICT',
      'The same record was made by somebody else at the same moment; try again.',
    );
  // Row-level security: the new state could not be seen by whoever wrote it.
  if (e.code === '42501' && w.changes.some((c) => c.hiddenFrom?.includes(w.actor)))
    return new Failure(
      'INVALID',
      'This would hide the record from yourself in the middle of your own change; ask somebody else to name you in it.',
    );
  if (e.code === '40001' || e.code === '40P01')
    return new Failure(
      'CONFLICT',
      'Two changes met in the same place; nothing of yours was stored. Try again.',
    );
  return error;
}
