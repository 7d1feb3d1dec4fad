import type { SavedFilter } from '../../answers/comments-and-bulk.ts';
import { Failure } from '../../base/failure.ts';
import { uuid7 } from '../../base/random.ts';
import type { Register } from '../../register/register.ts';
import { holds, ROLES } from '../../register/who.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import type { ListQuery } from '../../store/records/list.ts';
import {
  filtersStatement,
  removeFilterStatement,
  saveFilterStatement,
} from '../../store/records/saved-filters.ts';
import type { App, Asking } from '../context.ts';
import { demandRead, mayRead } from '../write/access.ts';
import { demandKnown } from './query.ts';

/** Most that one person keeps; most that one answer lists. */
const MOST = 200;
const LISTED = 500;

/** The questions that somebody keeps, and those that are shared, of the registers they may read. */
export async function savedFilters(
  app: App,
  ask: Asking,
  register: Register | undefined,
): Promise<{ items: SavedFilter[]; more: boolean }> {
  if (register) demandRead(ask, register);
  // The name of a filter says what is looked for in a register.
  const readable = [register ?? app.registry.all.filter((r) => mayRead(ask.actor, r))]
    .flat()
    .map((r) => r.name);
  const [rows] = await app.db.run(ask.actor.organisation, [
    filtersStatement(ask.actor.ref, readable, LISTED + 1),
  ]);
  return { items: rows!.slice(0, LISTED).map((r) => viewOf(ask, r)), more: rows!.length > LISTED };
}

/** Keeps a question under a name; the same name again replaces it. Sharing is for an AIMS manager. */
export async function saveFilter(
  app: App,
  ask: Asking,
  register: Register,
  o: { name: string; query: string; asked: ListQuery; shared: boolean },
): Promise<SavedFilter> {
  demandOfPerson(ask);
  demandRead(ask, register);
  demandKnown(app, register, o.asked);
  if (o.shared) demandSharing(ask, 'share a filter with the organisation');
  const at = app.clock.now();
  const [rows] = await app.db.run(ask.actor.organisation, [
    saveFilterStatement(
      { ...o, id: uuid7(at, app.random), person: ask.actor.ref, register: register.name, at },
      MOST,
    ),
  ]);
  if (!rows![0])
    throw new Failure(
      'CONFLICT',
      `You keep ${MOST} filters already, the most there can be; remove one you do not need.`,
    );
  return viewOf(ask, { ...rows![0], by_name: ask.actor.name });
}

/** Removes one of one's own; a shared one is also removed by an AIMS manager. */
export async function removeFilter(app: App, ask: Asking, id: string): Promise<{ removed: string }> {
  demandOfPerson(ask);
  const [rows] = await app.db.run(ask.actor.organisation, [
    removeFilterStatement(id, ask.actor.ref, holds(ask.actor, 'aimsManager')),
  ]);
  if (!rows![0])
    throw new Failure(
      'NOT_FOUND',
      'You have no such filter. The person who shared a filter, or an AIMS manager, can remove it.',
    );
  return { removed: cell.text(rows![0].name) };
}

function demandOfPerson(ask: Asking): void {
  if (ask.actor.kind !== 'person')
    throw new Failure('NOT_ALLOWED', 'Filters are kept by people; an API key sends its question each time.');
}

function demandSharing(ask: Asking, deed: string): void {
  if (!holds(ask.actor, 'aimsManager'))
    throw new Failure('NOT_ALLOWED', `Only AIMS managers can ${deed}.`, [
      { path: '/shared', message: `is for ${ROLES.aimsManager}` },
    ]);
}

const viewOf = (ask: Asking, r: Row): SavedFilter => ({
  id: cell.text(r.id),
  name: cell.text(r.name),
  register: cell.text(r.register),
  query: cell.text(r.query),
  shared: cell.flag(r.shared),
  by: { ref: cell.text(r.person), name: cell.textOrNull(r.by_name) ?? cell.text(r.person) },
  mine: r.person === ask.actor.ref,
});
