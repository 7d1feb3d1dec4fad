import type { MyWork, WorkItem, WorkKind } from '../../answers/work.ts';
import { URGENCIES } from '../../answers/work.ts';
import { ALONE_CLASSES } from '../../authority/alone.ts';
import { criteriaInForce } from '../../authority/criteria.ts';
import { ALONE_AFTER_HOURS } from '../../authority/take.ts';
import { Failure } from '../../base/failure.ts';
import { closedTo } from '../../register/closed.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { type Actor, admittedAs, holds, rolesIn } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { standingInStatement } from '../../store/authority/circumstances.ts';
import { decisionPlace } from '../../store/authority/decisions.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { rowsOf, together } from '../../store/db/union.ts';
import { type Stored, toStored } from '../../store/records/records.ts';
import { personStatement } from '../../store/work/person.ts';
import type { App, Asking } from '../context.ts';
import { keepsLog } from '../log/log-admin.ts';
import { logStanding, standstillOf } from '../log/log-standing.ts';
import { knownDifferences } from '../passes/row-check.ts';
import { decisions, standing } from './decisions.ts';
import { withWhatRefuses } from './in-the-way.ts';
import { findingsOf, itemOf, UNTOLD, type Whose, type WorkRule } from './rule.ts';
import { WORK_RULES } from './rules.ts';
import { standInRows } from './stand-ins.ts';

/** So many days ahead something counts as work. */
export const AHEAD = 30;
/** What whoever is alone may decide on their own work. */
export const ALONE = { classes: ALONE_CLASSES, hours: ALONE_AFTER_HOURS };
/** Most items of one kind; when there are more, the answer says so: nobody works through two hundred in a day, and each is looked up. */
export const MOST = 200;

/** Everything one person has to do, most urgent first: a fixed number of statements, whatever there is of registers and records. */
export async function myWork(
  app: App,
  ask: Asking,
  o: { person?: string; kind?: WorkKind; after?: string; limit: number },
): Promise<MyWork> {
  const from = o.after === undefined ? undefined : placeOf(o.after);
  // Of each kind the first page shows the first, and no more than it holds.
  const first = pageOf(await allWork(app, ask, o.person, from === undefined ? o.limit : MOST), o, from);
  const page = first.items.some((i) => i.why === UNTOLD.text)
    ? pageOf(await allWork(app, ask, o.person), o, from)
    : first;
  return { ...page, ...(await ofTheLog(app, ask, page.person.ref)) };
}

/** What nobody else can do: asked only while there is something to be done. */
async function ofTheLog(app: App, ask: Asking, person: string): Promise<Pick<MyWork, 'log' | 'differing'>> {
  const { actor } = ask;
  if (person !== actor.ref || !keepsLog(actor)) return {};
  const differing = await knownDifferences(app, ask);
  const still = standstillOf(app, actor.organisation) && (await logStanding(app, actor.organisation));
  return { ...(still ? { log: still } : {}), ...(differing ? { differing } : {}) };
}

function pageOf(
  work: Omit<MyWork, 'next' | 'total'>,
  o: { kind?: WorkKind; limit: number },
  from: string | undefined,
): MyWork {
  const kept = o.kind ? work.items.filter((i) => i.kind === o.kind) : work.items;
  const rest = from === undefined ? kept : kept.filter((i) => keyOf(i) > from);
  const page = rest.slice(0, o.limit);
  return {
    ...work,
    items: page,
    total: kept.length,
    next: rest.length > page.length ? Buffer.from(keyOf(page.at(-1)!)).toString('base64url') : null,
  };
}

/** The whole list, sorted; of what is long to tell, the first `shown` of a kind are told. */
export async function allWork(
  app: App,
  ask: Asking,
  person?: string,
  shown = MOST,
): Promise<Omit<MyWork, 'next' | 'total'>> {
  if (ask.actor.kind !== 'person')
    throw new Failure('NOT_ALLOWED', 'Work is asked for by people; an API key has none.');
  const ref = person ?? ask.actor.ref;
  const whose = ref === ask.actor.ref ? ask.actor : await other(app, ask, ref);
  const today = app.clock.now().toISOString().slice(0, 10);
  const w = workOf(app, ask, whose, today, Math.min(shown, MOST) + 1);
  const { found, standIn, inForce, db } = await read(app, ask, w);
  await addAsked({ ...app, db }, { ...ask, actor: whose }, w, found, standIn);
  const made = found.flatMap(({ rule, rows }) =>
    rows.slice(0, MOST).flatMap((r) => findingsOf(rule, r, w, inForce).map(itemOf)),
  );
  // Each key is made once, not at every comparison.
  const keys = new Map(made.map((i) => [i, keyOf(i)]));
  const list = made.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1));
  const counts: Partial<Record<WorkKind, number>> = {};
  for (const i of list) counts[i.kind] = (counts[i.kind] ?? 0) + 1;
  return {
    person: { ref, name: whose.name },
    today,
    items: list,
    counts,
    cut: found.filter((f) => f.rows.length > MOST).map((f) => ({ kind: f.rule.kind, listed: MOST })),
  };
}

/** Somebody else, for those who may see their work. */
async function other(app: App, ask: Asking, ref: string): Promise<Actor> {
  const [people] = await app.db.run(ask.actor.organisation, [personStatement(ref)]);
  const row = people![0];
  if (!holds(ask.actor, 'aimsManager') && row?.manager !== ask.actor.ref)
    throw new Failure(
      'NOT_ALLOWED',
      `Only they, their line manager and AIMS managers can see the work of ${ref.slice(0, 40)}.`,
    );
  if (!row) throw notThere(registers.person, ref);
  return actorOf(ask, row);
}

const actorOf = (ask: Asking, row: Row): Actor => ({
  ...ask.actor,
  kind: 'person',
  ref: cell.text(row.ref),
  name: cell.text(row.title),
  roles: rolesIn(row.roles),
});

/** Whoever asks for somebody else sees no more than both of them may. */
function workOf(app: App, ask: Asking, person: Actor, today: string, shown: number): Whose {
  const readable = (actor: Actor) => (r: Register) => admittedAs(actor, r.permissions.read) !== undefined;
  return {
    app,
    own: person.ref === ask.actor.ref,
    person,
    registers: app.registry.all.filter(readable(person)).filter(readable(ask.actor)),
    place: decisionPlace(app),
    today,
    now: app.clock.now().toISOString(),
    most: MOST,
    shown,
    ahead: AHEAD,
    alone: ALONE,
  };
}

/** All sources in one statement, and the criteria that say how often something is due. */
async function read(
  app: App,
  ask: Asking,
  w: Whose,
): Promise<{ found: Found[]; standIn: Row | undefined; inForce: Stored | undefined; db: App['db'] }> {
  const there = WORK_RULES.flatMap((rule) => {
    const statement = rule.statement(w);
    return statement ? [{ rule, statement }] : [];
  });
  // What is hidden from the person is no work of theirs either, whoever asks: every statement says so.
  const db = app.db.as(ask.actor.ref, [
    ...new Set([...closedTo(app.registry, ask.actor), ...closedTo(app.registry, w.person)]),
  ]);
  // The one question about concerns is about their own; all others name the registers that they look into.
  const { name, prefix } = registers.concern;
  const own = db.opened(there.some(({ rule }) => rule.kind === 'concerns') ? [name, prefix] : []);
  const [rows] = await own.run(ask.actor.organisation, [
    together([
      ...there.map(({ statement }) => statement),
      newestCriteria(registers.criteria.name),
      standingInStatement(w.person.ref, w.today),
    ]),
  ]);
  const [criteria] = rowsOf(rows!, there.length);
  const [standIn] = rowsOf(rows!, there.length + 1);
  const found = there.map(({ rule }, i) => ({ rule, rows: rowsOf(rows!, i) }));
  return { found, standIn, inForce: criteriaInForce(criteria && toStored(criteria)), db };
}

interface Found {
  rule: WorkRule;
  rows: Row[];
}

/**
 * What is asked of the rules themselves, for the few whom that concerns: what stands in the way of a step, and decisions for others; `standIn` says for whom, where
 * there may be anybody.
 */
async function addAsked(app: App, ask: Asking, w: Whose, found: Found[], standIn?: Row): Promise<void> {
  const asked = found.filter(({ rule }) => rule === decisions || rule === standing);
  const told = await withWhatRefuses(
    app,
    ask,
    asked.map((f) => f.rows),
  );
  for (const [i, f] of asked.entries()) f.rows = told[i]!;
  const own = found.find(({ rule }) => rule === decisions);
  if (own && standIn) own.rows.push(...(await standInRows(app, ask, w, standIn, own.rows)));
}

/** Where an item stands in the list; texts compare as the items do. */
const keyOf = (i: WorkItem): string =>
  `${URGENCIES.indexOf(i.urgency)} ${i.due ?? i.since?.slice(0, 19) ?? '9999'} ${i.kind} ${i.ref} ${i.why}`;

function placeOf(after: string): string {
  const key = /^[A-Za-z0-9_-]{1,2000}$/.test(after) ? Buffer.from(after, 'base64url').toString('utf8') : '';
  if (/^[0-3] \d{4}/.test(key)) return key;
  throw new Failure('BAD_INPUT', 'after: this cursor does not belong to this list; begin again without it.', [
    { path: '/after', message: 'is not a cursor of this list' },
  ]);
}
