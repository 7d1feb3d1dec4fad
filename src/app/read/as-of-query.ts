import type { RecordList as Page, RecordPage, RecordView, VersionView } from '../../answers/record.ts';
import { bindingOf } from '../../authority/binding.ts';
import { Failure } from '../../base/failure.ts';
import type { Covered } from '../../register/covering.ts';
import { inSentence } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';
import { changedNames, materialDigest, peopleIn } from '../../register/values.ts';
import { coverableStatement } from '../../store/authority/covers.ts';
import { decisionsStatement } from '../../store/authority/decisions.ts';
import * as cell from '../../store/db/cells.ts';
import { exportThenStatement, toEntered, versionsThenStatement } from '../../store/facts/entered.ts';
import { cursorAfter, pointOfCursor } from '../../store/records/cursors.ts';
import { type ListQuery, listStatement } from '../../store/records/list.ts';
import { inversesStatement, type Reference, referencesIn } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import {
  checkVersion,
  type Point,
  type Query,
  readThen,
  recordsOf,
  referencesThen,
  type ThenRecord,
} from './as-of.ts';
import { atPoint, standAt } from './earlier-state.ts';
import { allSeen, linksSeen } from './hidden.ts';
import { decisionView, demandKnown, madeForView } from './query.ts';
import { onlyOf, toView } from './view.ts';
import { inversesOf, openWays } from './ways-back.ts';

/** A record of an earlier state; `erased` names the parts that are no longer there. */
export type ThenView = RecordView & { erased: string[] };

const toThenView = (r: ThenRecord): ThenView => ({ ...toView(r), erased: r.erased });

/**
 * A page of a register as it was. Filters, order, words and cursors mean what they mean for the present; a cursor belongs to the
 * state it was read in. Every value shown was checked against the log.
 */
export async function listThen(
  app: App,
  ask: Asking,
  register: Register,
  asked: ListQuery,
  asOf: string,
): Promise<Page & { items: ThenView[]; asOf: Point }> {
  demandRead(ask, register);
  demandKnown(app, register, asked);
  const begun = asked.after === undefined ? undefined : pointOfCursor(asked.after);
  const read = async (query: Query, point: Point) => {
    const q = { ...asked, point: { log: point.log, size: point.size } };
    const present = listStatement(app.registry, register, app.slots.get(register.name)!, q);
    const then = await standAt(app, ask.actor.organisation, query, [register], point);
    const rows = await then.ask(present);
    const page = rows.slice(0, q.limit);
    const records = await readThen(
      app,
      query,
      page.map((r) => cell.text(r.ref)),
      point,
    );
    const items = page.map((row) => {
      const r = records.get(cell.text(row.ref));
      if (!r || r.version !== row.version || r.state !== row.state)
        throw new Failure(
          'INTERNAL',
          `${String(row.ref)} version ${String(row.version)}: the table of records does not agree with the log, which says version ${r?.version ?? 'none'}, state ${r?.state ?? 'none'}. Run aims verify.`,
        );
      return r;
    });
    const last = page.at(-1);
    const references = await referencesThen(app, query, referencesIn(app.registry, items), point);
    return {
      asOf: point,
      items: items.map((r) => onlyOf(toThenView({ ...r, links: linksSeen(r.links, references) }), q.only)),
      next:
        rows.length > q.limit && last
          ? cursorAfter(q, { number: cell.number(last.number), sortKey: cell.text(last.sort_key) })
          : null,
      ...(q.total ? { total: cell.maybe(cell.number)(rows[0]?.total) ?? 0 } : {}),
      references,
    };
  };
  return atPoint(app, ask.actor.organisation, asOf, read, begun);
}

/** One record as its page showed it then. Nothing may be done with it. */
export async function readPageThen(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  asOf: string,
): Promise<RecordPage & { erased: string[]; asOf: Point }> {
  demandRead(ask, register);
  return atPoint(app, ask.actor.organisation, asOf, async (query, point) => {
    const record = await readOne(app, query, register, ref, point);
    // Decisions never change; of all others only references are taken, and what they said is read from their versions.
    const then = await standAt(app, ask.actor.organisation, query, [], point);
    const decided = (await then.ask(decisionsStatement(app, [ref]))).map((r) => cell.text(r.ref));
    const coverable = coverableStatement(app.registry, register, ref);
    const covered = coverable ? (await then.ask(coverable)).map((r) => cell.text(r.ref)) : [];
    const others = await readThen(app, query, [...decided, ...covered], point);
    const decisions = decided.flatMap((d) => others.get(d) ?? []);
    const present = bindingOf(register, ref, record, coveredThen(app, register, record, others));
    const back = await then.ask(inversesStatement(openWays(app, ask, register), record.id, 20));
    const named = await referencesThen(
      app,
      query,
      [
        ...referencesIn(app.registry, [record]),
        ...decisions.map((d) => String(d.values.by)),
        ...back.map((r) => cell.text(r.ref)),
      ],
      point,
    );
    const inverses = inversesOf(
      app,
      ask,
      register,
      back.map((r) => ({
        ...r,
        title: named[cell.text(r.ref)]?.title,
        state: named[cell.text(r.ref)]?.state,
      })),
    );
    const mentioned = new Set([
      ...referencesIn(app.registry, [record]),
      ...decisions.map((d) => d.values.by),
    ]);
    const day = point.at.slice(0, 10);
    return {
      ...toThenView({ ...record, links: linksSeen(record.links, named) }),
      asOf: point,
      references: Object.fromEntries(Object.entries(named).filter(([r]) => mentioned.has(r))),
      inverses,
      may: {
        edit: false,
        fixed: [],
        why: `This is the state as of ${point.at}, entry ${point.size}; what was cannot be changed.`,
        transitions: [],
      },
      decisions: decisions.map((d) => decisionView(d, present, day)),
    };
  });
}

/** What decisions on the record covered then, of the records that they could. */
function coveredThen(
  app: App,
  register: Register,
  record: ThenRecord,
  others: ReadonlyMap<string, ThenRecord>,
): Covered[] {
  const out = new Map<string, Covered>();
  for (const [by, c] of register.covers.entries()) {
    const linked = record.links[c.link] ?? [];
    const back = c.inverse
      ? app.registry.inversesOf(register.links[c.link]!.to).find((i) => i.inverse === c.inverse)
      : undefined;
    for (const [ref, o] of others) {
      const there = back
        ? o.register === back.register.name && (o.links[back.link] ?? []).some((to) => linked.includes(to))
        : linked.includes(ref);
      const of = Object.entries(c.where ?? {}).every(([f, list]) => list.includes(String(o.values[f])));
      if (there && of && (c.states ?? [o.state]).includes(o.state))
        out.set(ref, {
          ref,
          register: o.register,
          version: o.version,
          digest: materialDigest(app.registry.get(o.register), ref, o),
          title: o.title,
          by,
        });
    }
  }
  return [...out.values()];
}

async function readOne(
  app: App,
  query: Query,
  register: Register,
  ref: string,
  point: Point,
): Promise<ThenRecord> {
  const record = (await readThen(app, query, [ref], point)).get(ref);
  if (!record || record.register !== register.name)
    throw new Failure(
      'NOT_FOUND',
      `There was no ${inSentence(register.label.one)} ${ref.slice(0, 40)} as of ${point.at}, entry ${point.size}.`,
    );
  return record;
}

/** Versions of a record that were entered before the point, newest first, 50 a page. */
export async function listVersionsThen(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  before: number,
  asOf: string,
): Promise<{
  items: VersionView[];
  next: number | null;
  references: Record<string, Reference>;
  asOf: Point;
}> {
  demandRead(ask, register);
  return atPoint(app, ask.actor.organisation, asOf, async (query, point) => {
    const record = await readOne(app, query, register, ref, point);
    const rows = await query(versionsThenStatement(record.id, before, 51, point));
    const versions = rows.map((row) => checkVersion(app.registry, toEntered(row)));
    const references = await referencesThen(
      app,
      query,
      versions.flatMap((v) => [
        v.actor,
        ...(v.madeFor ? [v.madeFor] : []),
        ...Object.entries(register.fields).flatMap(([n, f]) => peopleIn(f, v.contents.values[n])),
        ...Object.values(v.contents.links).flat(),
      ]),
      point,
    );
    const seen = versions.map((v) => ({
      ...v,
      contents: { ...v.contents, links: linksSeen(v.contents.links, references) },
    }));
    const items = seen.slice(0, 50).map((v, i): VersionView => {
      const earlier = seen[i + 1]?.contents ?? (v.version === 1 ? { values: {}, links: {} } : undefined);
      return {
        version: v.version,
        at: v.at,
        act: v.act,
        ...(v.transition ? { transition: v.transition } : {}),
        state: v.state,
        actor: { ref: v.actor, name: references[v.actor]?.title ?? v.actor },
        ...(v.as ? { as: v.as } : {}),
        ...(v.madeFor ? madeForView({ for: v.madeFor }, references) : {}),
        ...(v.reason ? { reason: v.reason } : {}),
        values: v.contents.values,
        links: v.contents.links,
        erased: v.erased,
        digest: v.digest,
        log: v.log,
        logIndex: v.logIndex,
        changed: earlier ? changedNames(earlier, v.contents) : [],
      };
    });
    return {
      items,
      next: versions.length > 50 ? items.at(-1)!.version : null,
      references,
      asOf: point,
    };
  });
}

/** The whole register as it was, oldest first. Each page is a transaction of its own: what was does not change between them. */
export async function* pagesThen(
  app: App,
  ask: Asking,
  register: Register,
  point: Point,
): AsyncGenerator<ThenRecord[]> {
  let after = 0;
  for (;;) {
    const [rows] = await app.db.run(ask.actor.organisation, [
      exportThenStatement(register.name, after, 200, point),
    ]);
    const records = [...recordsOf(app.registry, rows!).values()];
    yield await allSeen(app, ask, register, records);
    if (records.length < 200) return;
    after = records.at(-1)!.number;
  }
}
