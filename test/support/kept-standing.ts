import { expect } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { AHEAD, ALONE, MOST } from '../../src/app/work/my-work.ts';
import { createChecked, store } from '../../src/app/write/commit.ts';
import { presentBinding } from '../../src/app/write/decisions.ts';
import { readRecord } from '../../src/app/write/idempotent.ts';
import type { Intended } from '../../src/app/write/plan.ts';
import { closedTo } from '../../src/register/closed.ts';
import { FIRST_RULE } from '../../src/register/covering.ts';
import { type Actor, admittedAs, type Role } from '../../src/register/who.ts';
import { decisionPlace } from '../../src/store/authority/decisions.ts';
import { standingDue } from '../../src/store/authority/work.ts';
import type { Row } from '../../src/store/db/database.ts';
import { rowsOf, together } from '../../src/store/db/union.ts';
import { keptQueries, standingRules } from '../../src/store/standing/standing.ts';
import type { TestApp, TestInstance } from './instance.ts';
import { standingComputed } from './standing-reference.ts';

/** An instance, or another process on the same database. */
interface On {
  app: TestApp;
}

/** Whose work is looked at. */
export interface Viewer {
  ref: string;
  roles: readonly Role[];
}

/** The part of my work that is about standing, read from what is kept and computed from nothing. */
export function standingStatement(t: TestInstance, who: Viewer, today = dayOf(t, 0), { app }: On = t) {
  const { id, slug } = t.organisation;
  const person: Actor = { ...who, organisation: id, organisationSlug: slug, kind: 'person', name: who.ref };
  const w = {
    person,
    registers: app.registry.all.filter((r) => admittedAs(person, r.permissions.read) !== undefined),
    place: decisionPlace(app),
    today,
    now: `${today}T12:00:00.000Z`,
    most: MOST,
    shown: MOST,
    ahead: AHEAD,
    alone: ALONE,
  };
  return {
    kept: standingDue(app.registry, w),
    computed: standingComputed(app.registry, w),
    closed: closedTo(app.registry, person),
  };
}

/** What my work says of standing on a day, read from what is kept; checked against what is computed from nothing, in the same moment. */
export async function standingWork(
  t: TestInstance,
  who: Viewer,
  today = dayOf(t, 0),
  on: On = t,
): Promise<Row[]> {
  const { kept, computed, closed } = standingStatement(t, who, today, on);
  const [rows] = await on.app.db.as(who.ref, closed).run(t.organisation.id, [together([kept, computed])]);
  const [read, found] = [rowsOf(rows!, 0), rowsOf(rows!, 1)];
  expect(read, `${who.ref} on ${today}`).toEqual(found);
  return read;
}

export const dayOf = (t: TestInstance, days: number): string =>
  new Date(t.app.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** Is what is kept read, and what of it is left out because entries touched it? */
export async function keptNow(t: TestInstance): Promise<{ read: boolean; touched: number }> {
  const place = decisionPlace(t.app);
  const { backs, digest } = standingRules(t.app.registry, place);
  const [rows] = await t.app.db.run(t.organisation.id, [
    {
      text: `with ${keptQueries(place, '$1', '$2')} select exists (select from kept) as read, (select count(*)::int from touched) as touched`,
      values: [backs, digest],
    },
  ]);
  return rows![0] as { read: boolean; touched: number };
}

/** Everything that is kept of the organisation. */
export const allKept = (t: TestInstance): Promise<Row[]> =>
  t.app.db.asOwner({
    text: `select r.ref, k.counts_until, k.alone_until from standing k left join record r on r.organisation = k.organisation and r.id = k.record_id
      where k.organisation = $1 order by r.ref`,
    values: [t.organisation.id],
  });

/** As after an update, or where nothing was ever kept. */
export const forgetKept = (t: TestInstance): Promise<Row[]> =>
  t.app.db.asOwner({
    text: 'delete from standing_head where organisation = $1',
    values: [t.organisation.id],
  });

const asking = (t: TestInstance) => ({ actor: engineActor(t.organisation) });

/** Writes a record anew past every rule, as an upgrade or an engine may: for arranging. False when somebody else was faster. */
export async function rewritten(
  t: TestInstance,
  ref: string,
  o: { values?: Record<string, unknown>; links?: Record<string, string[]>; state?: string },
  on: On = t,
): Promise<boolean> {
  const register = on.app.registry.ofRef(ref)!;
  const before = await readRecord(on.app, asking(t), register, ref);
  const record: Intended = {
    register,
    before,
    contents: { values: { ...before.values, ...o.values }, links: { ...before.links, ...o.links } },
    state: o.state ?? before.state,
    act: 'edit',
    actor: { ref: 'engine', as: 'engine' },
  };
  try {
    await store(on.app, asking(t), { records: [record] });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'VERSION_MISMATCH') return false;
    throw error;
  }
}

/** A decision on a record as it is now, past every rule. */
export async function decided(
  t: TestInstance,
  ref: string,
  o: { kind?: string; until?: string; manner?: string; by?: string; old?: boolean } = {},
  on: On = t,
): Promise<void> {
  const { app } = on;
  const register = app.registry.ofRef(ref)!;
  const before = await readRecord(app, asking(t), register, ref);
  const b = await presentBinding(app, t.organisation.id, register, ref, before);
  const values = {
    kind: o.kind ?? 'approve',
    subject: ref,
    subjectVersion: before.version,
    subjectDigest: b.digest,
    // Decisions of before kept one digest.
    ...(o.old
      ? {}
      : {
          ...(b.rule > FIRST_RULE ? { rule: b.rule } : {}),
          ownDigest: b.own,
          ...(b.cover ? { coverDigest: b.cover } : {}),
        }),
    by: o.by ?? 'PSN-0001',
    ...(o.until ? { until: o.until } : {}),
    manner: o.manner ?? 'single',
  };
  await createChecked(app, asking(t), app.registry.get('decision'), { values, links: {} }, { as: 'engine' });
}
