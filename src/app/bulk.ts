import { deed as deedDone } from '../authority/refusal.ts';
import { Failure, type FailureCode, type Problem } from '../base/failure.ts';
import { inSentence } from '../register/describe.ts';
import { asList, type Register } from '../register/register.ts';
import { deedSaid } from '../register/said.ts';
import { parseInput } from '../register/values.ts';
import { registers } from '../registers/index.ts';
import { readStatement, toStoredWithRelations } from '../store/records.ts';
import { type Change, type Judge, write } from '../store/write.ts';
import { absent, transitionOf } from './access.ts';
import { earlierResult } from './again.ts';
import { buildChange } from './change.ts';
import { capacityOf, planTransition } from './commit.ts';
import type { App, Asking } from './context.ts';
import { DEPART } from './departureGuards.ts';
import { type Changing, opened, withinReach, withUnseen } from './hidden.ts';
import { planEdit } from './plan-edit.ts';

/** Most records of one bulk act. */
export const BULK_MOST = 200;

/** What shall be done with all of them. */
export type Deed =
  | { values: unknown; reason?: string }
  | { transition: string; reason?: string; until?: string };

export interface BulkAnswer {
  register: string;
  changed: number;
  unchanged: number;
  items: { ref: string; version: number; state: string; decision?: string }[];
}

/** Steps that answer something of their own for each record: they are taken one by one. */
const ONE_BY_ONE: Readonly<Record<string, readonly string[]>> = {
  [registers.person.name]: ['invite', DEPART],
};

/** Times all is planned again on newer versions before giving up. */
const ATTEMPTS = 4;

/**
 * The same edit, or the same step, for many records: each is checked as if it came alone, every one that is refused is named, and then all are
 * stored in one transaction or none. Decisions taken so carry the manner `bulk`.
 */
export async function inBulk(
  app: App,
  ask: Asking,
  register: Register,
  refs: readonly string[],
  deed: Deed,
): Promise<BulkAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptBulk(app, ask, register, refs, deed);
    } catch (error) {
      // Sent again after it was stored: what it did may be the very thing that is in its way now.
      const earlier = error instanceof Failure ? await earlierResult<BulkAnswer>(app, ask) : undefined;
      if (earlier) return earlier;
      const again = error instanceof Failure && error.code === 'VERSION_MISMATCH';
      if (!again || attempt === ATTEMPTS) throw error;
    }
  }
}

interface Planned {
  changes: Change[];
  unchanged: number;
  decisions: ReadonlyMap<string, string>;
  judges: readonly Judge[];
}

async function attemptBulk(
  app: App,
  ask: Asking,
  register: Register,
  refs: readonly string[],
  deed: Deed,
): Promise<BulkAnswer> {
  const within = opened(app, register);
  const [rows] = await within.db.run(ask.actor.organisation, [readStatement(register, refs)]);
  const read = await withUnseen(within, ask, register, rows!.map(toStoredWithRelations));
  const found = new Map(read.filter((r) => withinReach(ask, register, r)).map((r) => [r.ref, r]));
  // After the reading: a version is not older than the one it follows.
  const at = app.clock.now();
  const { changes, unchanged, decisions, judges } =
    'transition' in deed
      ? await planSteps(within, ask, at, register, refs, found, deed)
      : await planEdits(within, ask, at, register, refs, found, deed);
  const mine = changes.filter((c) => c.register === register.name);
  const answer: BulkAnswer = {
    register: register.name,
    changed: mine.length,
    unchanged,
    items: mine.map((c) => {
      const decision = decisions.get(c.ref);
      return { ref: c.ref, version: c.version, state: c.state, ...(decision ? { decision } : {}) };
    }),
  };
  // Sent again after it was stored, nothing is left to change: the answer is the first one.
  if (changes.length === 0) return (await earlierResult<BulkAnswer>(app, ask)) ?? answer;
  app.sequencer.demandOpen(ask.actor.organisation);
  const { replay } = await write(app.db, {
    organisation: ask.actor.organisation,
    actor: ask.actor.ref,
    changes,
    judges,
    // Numbers, versions and states only: no contents outlive their erasure in it.
    ...(ask.idempotency ? { idempotency: { ...ask.idempotency, result: answer } } : {}),
  });
  if (replay) return replay;
  app.sequencer.wake(ask.actor.organisation);
  return answer;
}

async function planEdits(
  app: App,
  ask: Asking,
  at: Date,
  register: Register,
  refs: readonly string[],
  found: ReadonlyMap<string, Changing>,
  deed: { values: unknown; reason?: string },
): Promise<Planned> {
  const part = parseInput(register, deed.values, 'edit');
  if (Object.keys({ ...part.values, ...part.links }).length === 0)
    throw new Failure('INVALID', 'values: name at least one field or link to change.', [
      { path: '/values', message: 'is empty' },
    ]);
  const changes: Change[] = [];
  const judges: Judge[] = [];
  let unchanged = 0;
  const missing = (ref: string) =>
    absent(ask.actor, register, ref, register.permissions.edit, (number) =>
      deedDone('edit', { ref: number }),
    );
  await each(register, refs, found, missing, async (before) => {
    const planned = await planEdit(app, ask, register, before, part);
    if (!planned) {
      unchanged += 1;
      return;
    }
    const { contents, admitted, intents } = planned;
    judges.push(...planned.judges);
    changes.push(
      buildChange(app, at, {
        register,
        before,
        contents,
        state: before.state,
        act: 'edit',
        actor: { ref: ask.actor.ref, as: capacityOf(admitted) },
        reason: deed.reason,
      }),
      ...intents.map((i) => buildChange(app, at, i)),
    );
  });
  return { changes, unchanged, decisions: new Map(), judges };
}

async function planSteps(
  app: App,
  ask: Asking,
  at: Date,
  register: Register,
  refs: readonly string[],
  found: ReadonlyMap<string, Changing>,
  deed: { transition: string; reason?: string; until?: string },
): Promise<Planned> {
  const t = transitionOf(register, deed.transition);
  if (ONE_BY_ONE[register.name]?.includes(deed.transition))
    throw new Failure(
      'INVALID',
      `${deed.transition}: is done one ${inSentence(register.label.one)} at a time.`,
      [{ path: '/transition', message: 'is not done in bulk' }],
    );
  const many = { ...once(ask), ...(refs.length > 1 ? { manner: 'bulk' as const } : {}) };
  const changes: Change[] = [];
  const judges: Judge[] = [];
  const decisions = new Map<string, string>();
  const says = (ref: string) => deedSaid(deed.transition, t, ref);
  const missing = (ref: string) => absent(ask.actor, register, ref, asList(t.by), says);
  await each(register, refs, found, missing, async (before) => {
    const input = { reason: deed.reason, until: deed.until };
    const planned = await planTransition(
      app,
      many,
      at,
      register,
      before,
      deed.transition,
      t,
      {},
      input,
      () => true,
    );
    changes.push(...planned.changes);
    judges.push(...planned.judges);
    const decision = planned.changes.find((c) => c.register !== register.name);
    if (decision) decisions.set(before.ref, decision.ref);
  });
  return { changes, unchanged: 0, decisions, judges };
}

/** One password for all of them is asked of the identity part once: each try counts. */
function once(ask: Asking): Asking {
  const prove = ask.reauthenticate;
  if (!prove) return ask;
  let proved: Promise<boolean> | undefined;
  return {
    ...ask,
    reauthenticate: () => {
      proved ??= prove();
      return proved;
    },
  };
}

/** Does it for each, and refuses all when one is refused, naming every one of them. */
async function each(
  register: Register,
  refs: readonly string[],
  found: ReadonlyMap<string, Changing>,
  missing: (ref: string) => Failure,
  body: (before: Changing) => Promise<void>,
): Promise<void> {
  const problems: Problem[] = [];
  const codes = new Set<FailureCode>();
  for (const ref of refs) {
    try {
      const before = found.get(ref);
      if (!before) throw missing(ref);
      await body(before);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      codes.add(error.code);
      problems.push({ path: `/refs/${refs.indexOf(ref)}`, message: `${ref}: ${error.message}` });
    }
  }
  if (problems.length === 0) return;
  // One reason for all keeps its own code; several have none in common.
  const [code] = codes.size === 1 ? [...codes] : (['INVALID'] as const);
  throw new Failure(
    code === 'VERSION_MISMATCH' ? 'CONFLICT' : code!,
    `${problems.length} of ${refs.length} ${inSentence(register.label.many)} are refused; nothing was stored. First: ${problems[0]!.message}`,
    problems,
  );
}
