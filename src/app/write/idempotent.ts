import type { Committed } from '../../answers/record.ts';
import { deed as deedDone } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import type { Sentence } from '../../base/sentence.ts';
import { type As, recOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import type { Who } from '../../register/who.ts';
import { demandFirst, type Kept } from '../../store/records/idempotency.ts';
import { readStatement, toStoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { asSeen, type Changing, opened, withinReach, withUnseen } from '../read/hidden.ts';
import { toView } from '../read/view.ts';
import { absent } from './access.ts';
import { anew } from './anew.ts';

/** Reads one record with what permission checks need; NOT_FOUND names it. */
export async function readRecord<R extends Register>(
  app: App,
  ask: Asking,
  register: R,
  ref: string,
): Promise<As<R, Changing>> {
  const found = await foundRecord(app, ask, register, ref);
  if (found) return recOf(register, found);
  throw notThere(register, ref);
}

async function foundRecord(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
): Promise<Changing | undefined> {
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, ref)]);
  return (await withUnseen(app, ask, register, rows!.map(toStoredWithRelations)))[0];
}

/**
 * Reads, does, and does again on the newer version when somebody was faster and the caller had not named a version. Whoever has a part in a record
 * does it without reading its register; for everybody else who may not read that, a number that exists is refused as one that does not: `deed`
 * says in which words.
 */
export async function retrying(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  expect: number | undefined,
  body: (before: Changing, app: App) => Promise<Committed>,
  deed: { who: readonly Who[]; says: (ref: string) => Sentence } = {
    who: register.permissions.edit,
    says: (number) => deedDone('edit', { ref: number }),
  },
): Promise<Committed> {
  const within = opened(app, register);
  const once = async () => {
    const before = await foundRecord(within, ask, register, ref);
    if (!before || !withinReach(ask, register, before))
      throw absent(ask.actor, register, ref, deed.who, deed.says);
    if (expect !== undefined && expect !== before.version)
      throw new Failure(
        'VERSION_MISMATCH',
        `${ref} is at version ${before.version}, you saw version ${expect}; read it again, then repeat your change.`,
      );
    const done = await body(before, within);
    return { ...done, record: asSeen(done.record, before.unseen) };
  };
  return expect === undefined ? anew(once) : once();
}

/** Throws DoneBefore where this request was carried out under its key, IDEMPOTENCY_MISMATCH where another was. */
export async function notYetDone(app: App, ask: Asking): Promise<void> {
  if (!ask.idempotency) return;
  const { organisation, ref } = ask.actor;
  await demandFirst(app.db, organisation, { actor: ref, ...ask.idempotency });
}

/** What an earlier request with this idempotency key did, as it is now. */
export async function present(app: App, ask: Asking, result: Kept): Promise<Committed> {
  const register = app.registry.get(result.record.register);
  const { unseen, ...record } = await readRecord(opened(app, register), ask, register, result.record.ref);
  const seen = asSeen(toView(record), unseen);
  // Whoever raised what they may not read has its number, and nothing of what others made of it since.
  const bare = {
    title: record.ref,
    version: 1,
    state: register.states[0]!,
    values: {},
    derived: {},
    links: {},
  };
  const own = { ...bare, updatedAt: record.createdAt, updatedBy: record.createdBy };
  return {
    record: withinReach(ask, register, record) ? seen : { ...seen, ...own },
    ...(result.decision ? { decision: result.decision } : {}),
    ...(result.unchanged ? { unchanged: true } : {}),
    replayed: true,
  };
}
