import type { Circumstances, Delegation } from '../../authority/circumstances.ts';
import { criteriaInForce } from '../../authority/criteria.ts';
import type { Register } from '../../register/register.ts';
import { MODES } from '../../registers/criteria.ts';
import { registers } from '../../registers/index.ts';
import { circumstancesStatement, MEMBERS_STATEMENT } from '../../store/authority/circumstances.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { type StoredWithRelations, valuesOf } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';

export async function readCircumstances(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
): Promise<Circumstances> {
  const [rows] = await app.db.run(ask.actor.organisation, [
    circumstancesStatement(app, register, record, ask.actor.ref),
  ]);
  return toCircumstances(rows![0]!);
}

const CRITERIA = cell.members({
  ref: cell.text,
  state: cell.text,
  mode: cell.orNull(cell.oneOf(MODES)),
  acceptAtLevel: cell.orNull(cell.number),
});
const DELEGATION: cell.Cell<Delegation> = cell.members({
  ref: cell.text,
  from: cell.text,
  systems: cell.texts,
});
export const toStandingIn = cell.members({ delegations: cell.list(DELEGATION), guest: cell.flag });
const SYSTEM = cell.members({ ref: cell.text, values: valuesOf(registers.aiSystem) });

export function toCircumstances(row: Row): Circumstances {
  const criteria = cell.orNull(CRITERIA)(row.criteria);
  const inForce = criteriaInForce(criteria ?? undefined);
  return {
    mode: inForce?.mode ?? undefined,
    acceptAtLevel: inForce?.acceptAtLevel ?? undefined,
    criteria: criteria ?? undefined,
    people: cell.number(row.people),
    top: cell.texts(row.top),
    guest: cell.flag(row.guest),
    delegations: cell.list(DELEGATION)(row.delegations),
    systems: cell.list(SYSTEM)(row.systems),
    // Text where it was read together with other things.
    changedAt: cell.moment(typeof row.changed_at === 'string' ? new Date(row.changed_at) : row.changed_at),
    workedVersion: cell.number(row.worked_version),
  };
}

/** Is whoever asks the only person here, guests left out? */
export async function aloneHere(app: App, ask: Asking): Promise<boolean> {
  const [rows] = await app.db.run(ask.actor.organisation, [MEMBERS_STATEMENT]);
  return rows![0]!.people === 1;
}
