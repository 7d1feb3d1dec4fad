import type { RecordList, RecordPage, VersionView } from '../../answers/record.ts';
import { type Binding, bindingOf, boundBy, changedSince, isAbout } from '../../authority/binding.ts';
import { standingOn } from '../../authority/standing.ts';
import { isOver } from '../../authority/weigh.ts';
import { Failure } from '../../base/failure.ts';
import { restingStates } from '../../register/decisions.ts';
import { recOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { actorOf, changedNames, contentsOf, peopleIn } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import { circumstancesStatement } from '../../store/authority/circumstances.ts';
import { coveredStatement, toCovered } from '../../store/authority/covers.ts';
import { decisionPlace, decisionsStatement } from '../../store/authority/decisions.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { rowsOf, together } from '../../store/db/union.ts';
import { cursorAfter } from '../../store/records/cursors.ts';
import {
  filterableNames,
  type ListQuery,
  listStatement,
  showableNames,
  sortableNames,
  toPage,
} from '../../store/records/list.ts';
import {
  inversesStatement,
  type Reference,
  readStatement,
  referencesIn,
  referencesStatement,
  type Stored,
  type StoredVersion,
  type StoredWithRelations,
  toReferences,
  toStored,
  toStoredWithRelations,
  toVersion,
  versionsStatement,
} from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { tellUse, usesOnPage } from '../release/in-use.ts';
import { demandRead } from '../write/access.ts';
import { toCircumstances } from '../write/circumstances.ts';
import { linksSeen } from './hidden.ts';
import { dependsOnCircumstances, mayOf, withRules } from './may.ts';
import { toView } from './view.ts';
import { inversesOf, openWays } from './ways-back.ts';

/** Refuses what a list of this register cannot be sorted or filtered by, naming what it can. */
export function demandKnown(app: App, register: Register, q: ListQuery): void {
  const slots = app.slots.get(register.name)!;
  const sortable = sortableNames(register, slots);
  if (!sortable.includes(q.sort.name))
    throw new Failure(
      'BAD_INPUT',
      `sort: ${JSON.stringify(q.sort.name.slice(0, 60))} cannot be sorted by; take one of ${sortable.join(', ')}.`,
      [{ path: '/sort', message: `take one of ${sortable.join(', ')}` }],
    );
  const filterable = q.filters.length > 0 ? filterableNames(app.registry, register, slots) : [];
  for (const f of q.filters)
    if (!filterable.includes(f.name))
      throw new Failure(
        'BAD_INPUT',
        `${f.name.slice(0, 60)} is neither a parameter of this list nor a filter; filters are ${filterable.join(', ')}.`,
        [{ path: `/${f.name.slice(0, 60)}`, message: 'is not known here' }],
      );
  const showable = showableNames(register);
  const unknown = q.only?.find((n) => !showable.includes(n));
  if (unknown !== undefined)
    throw new Failure(
      'BAD_INPUT',
      `columns: ${JSON.stringify(unknown.slice(0, 60))} is none of this register; take of ${showable.join(', ')}.`,
      [{ path: '/columns', message: `take of ${showable.join(', ')}` }],
    );
}

/** A page of a register: one statement, whatever the size of the register. */
export async function listRecords(
  app: App,
  ask: Asking,
  register: Register,
  q: ListQuery,
): Promise<RecordList> {
  demandRead(ask, register);
  demandKnown(app, register, q);
  const slots = app.slots.get(register.name)!;
  const standing = { place: decisionPlace(app), today: app.clock.now().toISOString().slice(0, 10) };
  const [rows] = await app.db.run(ask.actor.organisation, [
    listStatement(app.registry, register, slots, { ...q, standing }),
  ]);
  const more = rows!.length > q.limit;
  const page = rows!.slice(0, q.limit);
  const { records, references } = toPage(page);
  const last = page.at(-1);
  return {
    items: records.map(toView),
    next:
      more && last
        ? cursorAfter(q, { number: cell.number(last.number), sortKey: cell.text(last.sort_key) })
        : null,
    ...(q.total ? { total: cell.maybe(cell.number)(rows![0]?.total) ?? 0 } : {}),
    references,
  };
}

/** One record with everything its page shows: two statements, and a third for what is found by them. */
export async function readPage(app: App, ask: Asking, register: Register, ref: string): Promise<RecordPage> {
  demandRead(ask, register);
  return app.db.converse(ask.actor.organisation, async (query) => {
    const [own, decided] = await Promise.all([
      query(readStatement(register, ref)),
      query(decisionsStatement(app, [ref], ask.actor.ref)),
    ]);
    if (!own[0]) throw notThere(register, ref);
    const record = toStoredWithRelations(own[0]);
    const decisions = decided.map(toStored);
    const around = await readAround(app, ask, register, record, decisions, query);
    const present = bindingOf(register, ref, record, around.covered);
    const now = app.clock.now();
    const today = now.toISOString().slice(0, 10);
    const standing = restingStates(register).has(record.state)
      ? standingOn(decisions, present, today)
      : undefined;
    const { circumstances } = around;
    const page: RecordPage = {
      ...toView(record),
      ...(standing ? { standing } : {}),
      references: around.references,
      inverses: inversesOf(app, ask, register, around.inverses),
      ...(around.uses.length > 0 ? { inUse: around.uses } : {}),
      may: mayOf(ask, register, record, { now, circumstances, decided: { decisions, binding: present } }),
      decisions: decisions.map((d) => decisionView(d, present, today)),
    };
    const known = new Map();
    const db = app.db.within({ organisation: ask.actor.organisation, query, view: app.db.viewed(), known });
    return { ...page, may: await withRules({ ...app, db }, ask, register, record, page.may) };
  });
}

/** What stands around a record, in one statement: what it names and what names it, what decisions on it cover, what a person may do depends on. */
async function readAround(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
  decisions: readonly Stored[],
  query: (s: Statement) => Promise<Row[]>,
) {
  const named = [...referencesIn(app.registry, [record]), ...decisions.map((d) => String(d.values.by))];
  const covering = coveredStatement(app.registry, [{ register, refs: [record.ref] }]);
  const uses = usesOnPage(register.name, record.ref);
  const asked = dependsOnCircumstances(ask, register, record);
  const statements = {
    inverses: inversesStatement(openWays(app, ask, register), record.id, 20),
    references: referencesStatement([...new Set(named)]),
    ...(covering ? { covered: covering } : {}),
    ...(uses ? { uses } : {}),
    ...(asked ? { circumstances: circumstancesStatement(app, register, record, ask.actor.ref) } : {}),
  };
  const rows = await query(together(Object.values(statements)));
  const found = (name: string) => rowsOf(rows, Object.keys(statements).indexOf(name));
  const [circumstances] = found('circumstances');
  return {
    inverses: found('inverses'),
    references: toReferences(found('references')),
    covered: toCovered(found('covered'))[record.ref] ?? [],
    uses: found('uses').map(tellUse),
    circumstances: circumstances && toCircumstances(circumstances),
  };
}

/** A decision as the record's page shows it; when it no longer counts, also why not. */
export function decisionView(d: Stored, present: Binding, today: string): RecordPage['decisions'][number] {
  const v = recOf(registers.decision, d).values;
  const ended = isOver(d, today);
  const same = isAbout(present, d);
  return {
    ref: d.ref,
    kind: String(v.kind),
    by: String(v.by),
    role: String(v.role),
    at: d.createdAt,
    version: Number(d.values.subjectVersion),
    ...(v.reason ? { reason: v.reason } : {}),
    ...(v.until ? { until: v.until } : {}),
    ...(v.method ? { method: v.method } : {}),
    ...(v.rolesHeld ? { rolesHeld: v.rolesHeld } : {}),
    ...(v.appointment ? { appointment: v.appointment } : {}),
    ...(v.onBehalfOf ? { onBehalfOf: v.onBehalfOf } : {}),
    ...(v.manner ? { manner: v.manner } : {}),
    current: same && !ended,
    ...(same ? (ended ? { ended: true } : {}) : { changed: changedSince(d, boundBy(present, d)) }),
  };
}

/** Versions of a record, newest first, 50 a page. */
export async function listVersions(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  before = 2 ** 31 - 1,
): Promise<{ items: VersionView[]; next: number | null; references: Record<string, Reference> }> {
  demandRead(ask, register);
  const organisation = ask.actor.organisation;
  const [own] = await app.db.run(organisation, [readStatement(register, ref)]);
  if (!own![0]) throw notThere(register, ref);
  const record = toStored(own![0]);
  const [rows] = await app.db.run(organisation, [versionsStatement(record.id, before, 51)]);
  const versions = rows!.map(toVersion);
  const contents = versions.map((v) => contentsOf(v.parts));
  const people = versions.flatMap((v, i) => [
    v.actor,
    ...(madeForOf(v.parts.actor) ?? []),
    ...Object.entries(register.fields).flatMap(([n, f]) => peopleIn(f, contents[i]!.values[n])),
    ...Object.values(contents[i]!.links).flat(),
  ]);
  const [named] = await app.db.run(organisation, [referencesStatement([...new Set(people)].filter(Boolean))]);
  const references = toReferences(named!);
  const seen = versions.map((v, i) => ({
    ...v,
    parts: v.parts.links ? { ...v.parts, links: linksSeen(contents[i]!.links, references) } : v.parts,
  }));
  const items = seen.slice(0, 50).map((v, i): VersionView => {
    const actor = actorOf(v.parts);
    return {
      version: v.version,
      at: v.at,
      act: v.act,
      ...(v.transition ? { transition: v.transition } : {}),
      state: v.state,
      actor: { ref: v.actor, name: references[v.actor]?.title ?? v.actor },
      ...(actor?.as ? { as: actor.as } : {}),
      ...madeForView(v.parts.actor, references),
      ...(v.parts.reason ? { reason: String(v.parts.reason) } : {}),
      values: contents[i]!.values,
      links: contentsOf(v.parts).links,
      erased: erasedOf(v),
      digest: v.digest,
      log: v.log,
      logIndex: v.logIndex,
      changed: changedFrom(seen[i + 1], v),
    };
  });
  return { items, next: versions.length > 50 ? items.at(-1)!.version : null, references };
}

/** For whom a version was imported, out of the part that says who did it. */
export function madeForOf(actor: unknown): [string] | undefined {
  const ref = actorOf({ actor })?.for;
  return typeof ref === 'string' ? [ref] : undefined;
}

export function madeForView(
  actor: unknown,
  references: Readonly<Record<string, Reference>>,
): Pick<VersionView, 'madeFor'> {
  const [ref] = madeForOf(actor) ?? [];
  return ref ? { madeFor: { ref, name: references[ref]?.title ?? ref } } : {};
}

/** Groups that the version's entry commits to and that are gone. */
export const erasedOf = (v: { parts: Record<string, unknown>; groups: readonly string[] | null }): string[] =>
  (v.groups ?? []).filter((g) => !Object.hasOwn(v.parts, g)).sort();

/** What a version changed, as far as it can still be told: a group erased in either of the two says nothing about a change. */
function changedFrom(earlier: StoredVersion | undefined, v: StoredVersion): string[] {
  if (!earlier && v.version !== 1) return [];
  const gone = [...erasedOf(v), ...(earlier ? erasedOf(earlier) : [])];
  const left = (parts: Record<string, unknown>) =>
    contentsOf(Object.fromEntries(Object.entries(parts).filter(([g]) => !gone.includes(g))));
  return changedNames(left(earlier?.parts ?? {}), left(v.parts));
}
