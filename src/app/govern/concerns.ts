import type { Followed } from '../../answers/concerns.ts';
import type { Committed } from '../../answers/record.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { codeOf } from '../../base/thrown.ts';
import { inSentence } from '../../register/describe.ts';
import { type Rec, recIf } from '../../register/rec.ts';
import { mergeContents, parseInput } from '../../register/values.ts';
import { admittedAs, whoText } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Database } from '../../store/db/database.ts';
import {
  codeOfConcern,
  codeStatement,
  concernOfCode,
  concernsWaiting,
  doorOpen,
  openConcernDoor,
  waitingStatement,
  wordsOfCode,
} from '../../store/govern/concerns.ts';
import { iso, readStatement, type Stored, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandKeeper, recordLogChange } from '../log/log-admin.ts';
import type { Organisation } from '../people/organisations.ts';
import { opened } from '../read/hidden.ts';
import { admitEdit } from '../write/admission.ts';
import { store } from '../write/commit.ts';
import { capacityOf } from '../write/edit.ts';
import { retrying } from '../write/idempotent.ts';
import { together } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';
import { codeHash, newCode } from './concern-codes.ts';

/** What comes in without a name is entered together with what else came in the same day (UTC), in milliseconds. */
export const INTERVAL = 86_400_000;
/** Words that may wait at once in an organisation, and for one concern. */
const MOST_WAITING = 2_000;
const MOST_OF_ONE = 20;
/** Messages that a concern can hold; the table of a field takes 500 rows. */
export const MOST_MESSAGES = 400;

/** Somebody said something: one line of a concern's conversation. */
export interface Message {
  from: 'raiser' | 'handler';
  text: string;
}

/** On behalf of nobody: what waits is read by the engine alone. */
const engine = (app: App): Database => app.db.as('');

const closed = () =>
  new Failure(
    'NOT_FOUND',
    'Concerns without a name are not taken at this address. If you belong to the organisation, sign in and raise it there.',
  );

/** Is the door open? */
export async function concernDoor(
  app: App,
  organisation: Organisation | undefined,
): Promise<{ open: boolean; organisation?: string }> {
  if (!organisation || !(await isOpen(app, organisation))) return { open: false };
  return { open: true, organisation: organisation.name };
}

async function isOpen(app: App, organisation: Organisation): Promise<boolean> {
  const [rows] = await engine(app).run(organisation.id, [doorOpen]);
  return rows![0]?.open === true;
}

/** Opens or closes the door for concerns without a name; a log change says who and why. */
export async function setConcernDoor(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { open: boolean; reason?: string },
): Promise<Committed> {
  const as = demandKeeper(ask, deed('openDoor'));
  if ((await isOpen(app, organisation)) === o.open)
    throw new Failure('CONFLICT', `Concerns without a name are ${o.open ? 'taken' : 'not taken'} already.`);
  return recordLogChange(app, ask, organisation, {
    as,
    kind: o.open ? 'concernsOpened' : 'concernsClosed',
    reason: o.reason,
    also: [openConcernDoor(o.open)],
  });
}

/** End of the interval that this moment lies in. */
export const dueAfter = (now: Date): Date => new Date((Math.floor(now.getTime() / INTERVAL) + 1) * INTERVAL);

/**
 * Takes a concern from somebody who has no name here, and answers the code by which it is followed. What was said is durable when the code is
 * answered. It is entered in the register and the log later, together with others: see decision 0010. Of the sender nothing is kept.
 */
export async function raiseAnonymously(
  app: App,
  organisation: Organisation | undefined,
  input: { title: string; content: string },
): Promise<{ code: string; enteredAfter: string }> {
  if (!organisation || !(await isOpen(app, organisation))) throw closed();
  const register = app.registry.of(registers.concern);
  parseInput(register, input, 'create');
  await demandRoom(app, organisation.id);
  const code = newCode(app.random);
  const hash = codeHash(code)!;
  const due = dueAfter(app.clock.now());
  await engine(app).run(organisation.id, [codeStatement(hash, null), waitingStatement(hash, 0, due, input)]);
  return { code, enteredAfter: due.toISOString() };
}

async function demandRoom(app: App, organisation: number): Promise<void> {
  const [rows] = await engine(app).run(organisation, [concernsWaiting]);
  if (cell.number(rows![0]!.n) >= MOST_WAITING)
    throw new Failure(
      'TOO_MANY',
      'Very much waits to be entered; nothing of yours was stored. Try again tomorrow, or speak with somebody you trust.',
    );
}

interface Found {
  hash: string;
  concern: Stored | undefined;
  waiting: { n: number; due: string; content: Record<string, unknown> }[];
}

/** One answer for every code that opens nothing. */
const unknownCode = () =>
  new Failure(
    'NOT_FOUND',
    'No concern is followed by this code. Look whether it is complete; it has 26 letters and digits.',
  );

async function find(app: App, organisation: Organisation | undefined, code: string): Promise<Found> {
  const hash = codeHash(code);
  if (!organisation || !hash) throw unknownCode();
  const [codes, waiting] = await engine(app).run(organisation.id, [concernOfCode(hash), wordsOfCode(hash)]);
  if (!codes![0]) throw unknownCode();
  const ref = cell.textOrNull(codes![0]!.ref);
  const concern = ref ? await readConcern(app, organisation.id, ref) : undefined;
  return {
    hash,
    concern,
    waiting: waiting!.map((w) => ({
      n: cell.number(w.n),
      due: iso(w.due),
      content: cell.object(w.content),
    })),
  };
}

async function readConcern(app: App, organisation: number, ref: string): Promise<Stored> {
  const [rows] = await engine(app).run(organisation, [
    readStatement(app.registry.of(registers.concern), ref),
  ]);
  return toStored(rows![0]!);
}

/** State, answer and messages, for whoever holds the code. */
export async function followConcern(
  app: App,
  organisation: Organisation | undefined,
  code: string,
): Promise<Followed> {
  const { concern, waiting } = await find(app, organisation, code);
  const held = messagesOf(concern);
  const first = waiting.find((w) => w.n === 0);
  const due = waiting.at(-1)?.due;
  return {
    state: concern?.state ?? 'waiting',
    title: String(concern?.values.title ?? first?.content.title ?? ''),
    ...(typeof concern?.values.answer === 'string' && ANSWERED.includes(concern.state)
      ? { answer: concern.values.answer }
      : {}),
    messages: [
      ...held,
      ...waiting
        .filter((w) => w.n > 0)
        .map((w) => ({ from: 'raiser' as const, text: String(w.content.text), waiting: true as const })),
    ],
    ...(due ? { enteredAfter: due } : {}),
  };
}

/** States in which the answer stands; before that it is a draft of whoever handles it. */
const ANSWERED = ['answered', 'closed'];

export const messagesOf = (c: Rec | undefined): Message[] =>
  recIf(registers.concern, c)?.values.messages ?? [];

/** A further message from whoever holds the code; it waits as the concern itself did. */
export async function messageByCode(
  app: App,
  organisation: Organisation | undefined,
  code: string,
  text: string,
): Promise<{ enteredAfter: string }> {
  const { hash, concern, waiting } = await find(app, organisation, code);
  if (concern && app.registry.of(registers.concern).ended.includes(concern.state))
    throw new Failure(
      'WRONG_STATE',
      'This concern is closed and takes no further messages; raise a new one.',
    );
  if (waiting.length >= MOST_OF_ONE || messagesOf(concern).length + waiting.length >= MOST_MESSAGES)
    throw new Failure(
      'TOO_MANY',
      'Many messages of this concern wait already; add this one when they were entered.',
    );
  await demandRoom(app, organisation!.id);
  const due = dueAfter(app.clock.now());
  const n = Math.max(0, ...waiting.map((w) => w.n)) + 1;
  try {
    await engine(app).run(organisation!.id, [waitingStatement(hash, n, due, { text })]);
  } catch (error) {
    if (codeOf(error) === '23505')
      throw new Failure(
        'CONFLICT',
        'Two messages came at the same moment; this one was not stored. Send it again.',
      );
    throw error;
  }
  return { enteredAfter: due.toISOString() };
}

/** Whoever raised a concern with their name gets a code too, to follow it by where they may not read the register. */
export async function codeForOwn(app: App, ask: Asking, ref: string): Promise<{ code: string }> {
  const register = app.registry.of(registers.concern);
  const [rows] = await opened(app, register).db.run(ask.actor.organisation, [readStatement(register, ref)]);
  const own = rows![0] && toStored(rows![0]);
  // Whoever may not read concerns is not told which numbers there are.
  const reader = admittedAs(ask.actor, register.permissions.read) !== undefined;
  if (!own || (own.createdBy !== ask.actor.ref && !reader))
    throw new Failure('NOT_FOUND', `You raised no ${inSentence(register.label.one)} ${ref.slice(0, 40)}.`);
  if (own.createdBy !== ask.actor.ref)
    throw new Failure('NOT_ALLOWED', `A code to follow ${own.ref} is for ${whoText(['author'])}.`);
  const [known] = await engine(app).run(ask.actor.organisation, [codeOfConcern(own.id)]);
  if (cell.number(known![0]!.n) >= MOST_OF_ONE)
    throw new Failure('TOO_MANY', `${own.ref} has ${MOST_OF_ONE} codes already; use one of those.`);
  const code = newCode(app.random);
  await engine(app).run(ask.actor.organisation, [codeStatement(codeHash(code)!, own.id)]);
  return { code };
}

/** Whoever handles a concern writes to whoever raised it. */
export async function replyToConcern(app: App, ask: Asking, ref: string, text: string): Promise<Committed> {
  const register = app.registry.of(registers.concern);
  return retrying(app, ask, register, ref, undefined, async (before, app) => {
    const as = capacityOf(await admitEdit(app, ask, register, before));
    const messages = messagesOf(before);
    if (messages.length >= MOST_MESSAGES)
      throw new Failure(
        'TOO_LARGE',
        `${ref} holds ${MOST_MESSAGES} messages, the most there can be; answer it.`,
      );
    const part = { values: { messages: [...messages, { from: 'handler', text }] } };
    const contents = mergeContents(register, before, part);
    const actor = { ref: ask.actor.ref, as };
    const planned = await ruled(app, ask, {
      register,
      before,
      contents,
      state: before.state,
      act: 'edit',
      actor,
    });
    return store(app, ask, together([planned]));
  });
}
