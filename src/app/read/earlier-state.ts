import { GROUPS, type Group } from '../../ledger/index.ts';
import type { Register } from '../../register/register.ts';
import { contentsOf } from '../../register/values.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  askedThen,
  CHANGED_CHUNK,
  changedStatement,
  FETCH_CHANGED,
  groundStatement,
  insertThen,
  isUnknownThen,
  namesThenStatement,
  viewsStatement,
} from '../../store/facts/earlier-state.ts';
import type { App, Asking } from '../context.ts';
import { columnsOf } from '../write/change.ts';
import { type Point, pointOf, type Query } from './as-of.ts';

/** A record of which parts were erased since: what they said then is not known. */
export interface Erased {
  ref: string;
  register: string;
  parts: readonly Group[];
}

/** The records as they were at a point, for as long as the transaction lasts. */
export interface Then {
  point: Point;
  /** The time of the point: what is over, due or overdue is so by it. */
  now: Date;
  /** Asks a statement of the records as they were. One that reads what is known of the present alone is refused. */
  ask: Query;
  /** The application as it stood: its database is this transaction, its clock stands at the point. Any reader may be given it. */
  app: App;
  /** Records of the registers looked at that are no longer whole. */
  erased: Erased[];
}

/** One transaction in which every step sees the same moment, and may keep what it reconstructed. */
export const atPoint = <T>(
  app: App,
  organisation: number,
  asOf: string,
  body: (query: Query, point: Point) => Promise<T>,
  begun?: { log: number; size: number },
): Promise<T> =>
  app.db.converse(
    organisation,
    async (query) => body(query, await pointOf(app, query, asOf, 'asOf', begun)),
    { scratch: true },
  );

/**
 * What a reader of the present answers, asked of an earlier state: `read` is given the application as it stood. Accounts are not versioned; people are, with their
 * states and roles. Permissions are those of today.
 */
export const readThenBy = <T extends object>(
  app: App,
  ask: Asking,
  asOf: string,
  read: (app: App) => Promise<T>,
): Promise<T & { asOf: Point; erased: Erased[] }> =>
  atPoint(app, ask.actor.organisation, asOf, async (query, point) => {
    const then = await standAt(app, ask.actor.organisation, query, app.registry.all, point);
    return { ...(await read(then.app)), asOf: point, erased: then.erased };
  });

/** Makes the records of these registers what they were at the point, within a transaction of `atPoint`. */
export async function standAt(
  app: App,
  organisation: number,
  query: Query,
  reads: readonly Register[],
  point: Point,
): Promise<Then> {
  const names = reads.map((r) => r.name);
  await query(groundStatement(point));
  await query(namesThenStatement(names));
  const erased = await fill(app, organisation, query, names);
  await query(viewsStatement(point));
  const gone = new Set(erased.filter((e) => e.parts.some((p) => CONTENT.has(p))).map((e) => e.ref));
  const ask: Query = async (s) => {
    const rows = await query(askedThen(s)).catch((error: { code?: unknown; message?: unknown }) => {
      if (!isUnknownThen(error.code)) throw error;
      throw new Error(
        `a statement reads what is not known of an earlier state: ${String(error.message)}: ${s.name ?? s.text}`,
      );
    });
    for (const { row } of rows.map(single)) {
      if (names.length > 0 && isNameOnly(row))
        throw new Error(
          `${String(row.ref)}: its register is not among those read of an earlier state: ${s.name ?? s.text}`,
        );
      // Without its contents nobody can say whether a decision was about them.
      if (row.standing === 'stale' && gone.has(String(row.ref))) row.standing = null;
    }
    return rows;
  };
  const now = new Date(point.at);
  const db = app.db.within({ organisation, query: ask, view: app.db.viewed(), known: new Map() });
  const seen = app.db.viewed();
  // What changed since was read with these eyes; with others something would be missing, or be there that is not for them.
  const as: App['db']['as'] = (...whose) => {
    if (app.db.as(...whose).viewed() !== seen) throw new Error('an earlier state is read by one person');
    return db;
  };
  Object.defineProperty(db, 'as', { value: as });
  return { point, now, ask, app: { ...app, db, clock: { now: () => now }, erased: gone }, erased };
}

const CONTENT: ReadonlySet<Group> = new Set(['values', 'people', 'text', 'links']);

/** A row, or what it carries of one of several statements asked as one (`store/db/union`). */
const single = (row: Row): { row: Row } =>
  typeof row.source === 'number' && row.row ? { row: cell.object(row.row) } : { row };

/** A row of a record of which only what never changes is there. */
const isNameOnly = (row: Row): boolean =>
  typeof row.ref === 'string' && typeof row.register === 'string' && row.state === null && !row.title;

/** Fills in what changed since, a part at a time; answers what of it is no longer whole. */
async function fill(
  app: App,
  organisation: number,
  query: Query,
  names: readonly string[],
): Promise<Erased[]> {
  const erased: Erased[] = [];
  await query(changedStatement(names));
  for (;;) {
    const rows = await query(FETCH_CHANGED);
    if (rows.length > 0)
      await query(
        insertThen(
          organisation,
          rows.map(({ parts, groups, ...row }) => {
            const register = app.registry.get(cell.text(row.register));
            const ref = cell.text(row.ref);
            const there = cell.object(parts);
            const committed = cell.orNull(cell.texts)(groups) ?? [];
            const lost = GROUPS.filter((g) => committed.includes(g) && !Object.hasOwn(there, g));
            if (lost.length > 0) erased.push({ ref, register: register.name, parts: lost });
            const { slots, ...columns } = columnsOf(
              app,
              register,
              ref,
              contentsOf(there),
              cell.text(row.state),
            );
            return { ...row, ...columns, ...slots };
          }),
        ),
      );
    if (rows.length < CHANGED_CHUNK) break;
  }
  return erased.sort((a, b) => (a.ref < b.ref ? -1 : 1));
}
