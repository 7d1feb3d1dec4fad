import type { BulkAnswer } from '../../answers/exchange.ts';
import type { Draft } from '../../answers/shape.ts';
import { deed as deedDone } from '../../authority/refusal.ts';
import { Failure, type FailureCode, type Problem, refusedAt, withoutRef } from '../../base/failure.ts';
import { inSentence } from '../../register/describe.ts';
import { asList, type Register } from '../../register/register.ts';
import { deedSaid } from '../../register/said.ts';
import { parseInput } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import { readStatement, toStoredWithRelations } from '../../store/records/records.ts';
import type { Change } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import { DEPART } from '../people/departure-rules.ts';
import { type Changing, opened, withinReach, withUnseen } from '../read/hidden.ts';
import { absent, transitionOf } from './access.ts';
import { anew } from './anew.ts';
import { planEdit } from './edit.ts';
import { carryOut, type Planned, together } from './plan.ts';
import { planStep } from './step.ts';

/** What shall be done with all of them. */
export type Deed =
  | { values: unknown; reason?: string }
  | { transition: string; reason?: string; until?: string };

/** Steps that answer something of their own for each record: they are taken one by one. */
const ONE_BY_ONE: Readonly<Record<string, readonly string[]>> = {
  [registers.person.name]: ['invite', DEPART],
};

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
  return anew(() => attemptBulk(app, ask, register, refs, deed));
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
  const planned =
    'transition' in deed
      ? await planSteps(within, ask, register, refs, found, deed)
      : await planEdits(within, ask, register, refs, found, deed);
  const unchanged = refs.length - planned.length;
  return (await carryOut(app, ask, together(planned), (c) => answerOf(register, unchanged, c))).kept;
}

/** Numbers, versions and states only. A record's decision stands behind it. */
function answerOf(register: Register, unchanged: number, changes: readonly Change[]): BulkAnswer {
  const items: Draft<BulkAnswer['items']> = [];
  for (const { register: of, ref, version, state } of changes)
    if (of === register.name) items.push({ ref, version, state });
    else items.at(-1)!.decision = ref;
  return { register: register.name, changed: items.length, unchanged, items };
}

async function planEdits(
  app: App,
  ask: Asking,
  register: Register,
  refs: readonly string[],
  found: ReadonlyMap<string, Changing>,
  { values, reason }: { values: unknown; reason?: string },
): Promise<Planned[]> {
  const part = parseInput(register, values, 'edit');
  if (Object.keys({ ...part.values, ...part.links }).length === 0)
    throw new Failure('INVALID', 'values: name at least one field or link to change.', [
      { path: '/values', message: 'is empty' },
    ]);
  const known = new Map();
  const missing = (ref: string) =>
    absent(ask.actor, register, ref, register.permissions.edit, (number) =>
      deedDone('edit', { ref: number }),
    );
  return each(register, refs, found, missing, (before) =>
    planEdit(app, ask, register, before, part, { reason, known }),
  );
}

async function planSteps(
  app: App,
  ask: Asking,
  register: Register,
  refs: readonly string[],
  found: ReadonlyMap<string, Changing>,
  { transition: name, reason, until }: { transition: string; reason?: string; until?: string },
): Promise<Planned[]> {
  const t = transitionOf(register, name);
  if (ONE_BY_ONE[register.name]?.includes(name))
    throw new Failure('INVALID', `${name}: is done one ${inSentence(register.label.one)} at a time.`, [
      { path: '/transition', message: 'is not done in bulk' },
    ]);
  const many = { ...once(ask), ...(refs.length > 1 ? { manner: 'bulk' as const } : {}) };
  const known = new Map();
  const missing = (ref: string) =>
    absent(ask.actor, register, ref, asList(t.by), (number) => deedSaid(name, t, number));
  return each(register, refs, found, missing, (before) =>
    planStep(app, many, register, before, { name, reason, until, known }),
  );
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

/** Plans each, and refuses all when one is refused, naming every one of them. What would change nothing is left out. */
async function each(
  register: Register,
  refs: readonly string[],
  found: ReadonlyMap<string, Changing>,
  missing: (ref: string) => Failure,
  plan: (before: Changing) => Promise<Planned | undefined>,
): Promise<Planned[]> {
  const planned: Planned[] = [];
  const problems: Problem[] = [];
  const codes = new Set<FailureCode>();
  for (const ref of refs) {
    try {
      const before = found.get(ref);
      if (!before) throw missing(ref);
      const one = await plan(before);
      if (one) planned.push(one);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      codes.add(error.code);
      const text = `${ref}: ${withoutRef(ref, error.message)}`;
      problems.push(refusedAt(`/refs/${refs.indexOf(ref)}`, error, text));
    }
  }
  if (problems.length === 0) return planned;
  // One reason for all keeps its own code; several have none in common.
  const [code] = codes.size === 1 ? [...codes] : (['INVALID'] as const);
  throw new Failure(
    code === 'VERSION_MISMATCH' ? 'CONFLICT' : code!,
    `${problems.length} of ${refs.length} ${inSentence(register.label.many)} are refused; nothing was stored. First: ${problems[0]!.message}`,
    problems,
  );
}
