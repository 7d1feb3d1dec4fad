import { Failure } from '../../base/failure.ts';
import type { Actor } from '../../register/who.ts';
import { type Kept as KeptOfOne, keepStatement } from '../../store/records/idempotency.ts';
import { type Also, type Change, type Judge, takeNumbers, write } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import { buildChange, type Intent } from './change.ts';

/** What shall become of one record; a new one without a number gets it when the plan is carried out. */
export interface Intended extends Omit<Intent, 'before'> {
  before?: Intent['before'];
}

/** One record as it was checked: what becomes of it, the decision that goes with it, and what its rules make of others. */
export interface Planned {
  intent: Intended;
  decision?: Intended;
  cascade: readonly Intended[];
  judges: readonly Judge[];
}

/** What is to be written, all of it in one transaction or none. */
export interface WritePlan {
  /** What was asked for, in this order. */
  records: readonly Intended[];
  /** What becomes of other records by rules: the one way in which a write reaches beyond what it was asked for. */
  cascade?: readonly Intended[];
  /** What the write rests on, asked in it. */
  judges?: readonly Judge[];
  /** Statements of other parts that stand or fall with it. */
  also?: readonly Also[] | ((records: readonly Change[]) => readonly Also[]);
  /** When; now unless told, for what tells the time in more places than its records. */
  at?: Date;
  /** What is answered beside the record that it is about, for whoever sends the request again. */
  told?: KeptOfOne['more'];
  /** Stores although the log is refused: for the act that begins a new one. */
  whileRefused?: boolean;
}

export interface CarriedOut<Kept> {
  /** What was kept of it under its idempotency key. */
  kept: Kept;
  /** The instant that it took. */
  at: Date;
  /** What was asked for, as stored, in the order of the plan. */
  records: readonly Change[];
}

/** Many records in one plan. */
export const together = (
  planned: readonly Planned[],
): Required<Pick<WritePlan, 'records' | 'cascade' | 'judges'>> => ({
  records: planned.flatMap((p) => (p.decision ? [p.intent, p.decision] : [p.intent])),
  cascade: planned.flatMap((p) => p.cascade),
  judges: planned.flatMap((p) => p.judges),
});

/**
 * Carries a plan out: the only place where records are written. When it returns, all of it is durable; when it throws, none exists: DoneBefore where
 * the same request did it. `keep` says what stays of it for whoever sends that again: numbers, counts and states, since contents may be personal and
 * must not outlive their erasure there. A plan without records keeps that alone.
 */
export async function carryOut<Kept>(
  app: Pick<App, 'db' | 'clock' | 'random' | 'slots' | 'sequencer'>,
  ask: Pick<Asking, 'idempotency'> & { actor: Pick<Actor, 'organisation' | 'ref'> },
  plan: WritePlan,
  keep: (records: readonly Change[]) => Kept,
): Promise<CarriedOut<Kept>> {
  const { organisation, ref: actor } = ask.actor;
  if (!plan.whileRefused) app.sequencer.demandOpen(organisation);
  if (plan.records.length === 0) {
    const [kept, at] = [keep([]), app.clock.now()];
    if (ask.idempotency)
      await app.db.run(organisation, [keepStatement({ actor, ...ask.idempotency }, kept, at)]);
    return { kept, at, records: [] };
  }
  const intents = await numbered(app, organisation, [...plan.records, ...oncePerRecord(plan.cascade ?? [])]);
  // After the reading: a version is not older than the one it follows.
  const built = plan.at ?? app.clock.now();
  const changes = intents.map((i) => buildChange(app, built, i));
  const records = changes.slice(0, plan.records.length);
  const kept = keep(records);
  const at = await write(app.db, {
    organisation,
    actor,
    changes,
    ...(ask.idempotency ? { idempotency: { ...ask.idempotency, result: kept } } : {}),
    also: typeof plan.also === 'function' ? plan.also(records) : plan.also,
    judges: plan.judges,
  });
  app.sequencer.wake(organisation);
  return { kept, at, records };
}

/** The intents with numbers for all that are new, those of one register in their order. */
async function numbered(
  app: Pick<App, 'db'>,
  organisation: number,
  intents: readonly Intended[],
): Promise<Intent[]> {
  const counts = new Map<string, number>();
  for (const { before, register } of intents)
    if (!before) counts.set(register.name, (counts.get(register.name) ?? 0) + 1);
  const next = new Map(
    await Promise.all(
      [...counts].map(async ([name, n]) => [name, await takeNumbers(app.db, organisation, name, n)] as const),
    ),
  );
  return intents.map((i) => {
    if (i.before) return { ...i, before: i.before };
    const number = next.get(i.register.name)!;
    next.set(i.register.name, number + 1);
    return { ...i, before: { number } };
  });
}

/** Two records may make the same of a third: it happens once, for the reasons of both. */
function oncePerRecord(cascade: readonly Intended[]): Intended[] {
  const byRef = new Map<string, Intended>();
  const fresh: Intended[] = [];
  for (const i of cascade) {
    const ref = i.before && 'ref' in i.before ? i.before.ref : undefined;
    const other = ref === undefined ? undefined : byRef.get(ref);
    if (ref === undefined) fresh.push(i);
    else if (!other) byRef.set(ref, i);
    else if (other.state === i.state && other.transition === i.transition)
      byRef.set(ref, { ...other, reason: reasons(other.reason, i.reason) });
    else
      throw new Failure(
        'CONFLICT',
        `${ref} would become ${other.state} and ${i.state} at once; nothing was stored. Do one after the other.`,
      );
  }
  return [...byRef.values(), ...fresh];
}

const reasons = (...all: (string | undefined)[]): string | undefined => {
  const each = [...new Set(all.filter((r) => r !== undefined))];
  return each.length > 0 ? each.join(' ') : undefined;
};
