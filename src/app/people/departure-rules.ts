import { Failure } from '../../base/failure.ts';
import { inSentence } from '../../register/describe.ts';
import type { Registry } from '../../register/register.ts';
import { ROLES, type Role } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { topBeside } from '../../store/people/departure.ts';
import { ownedCounts } from '../../store/records/owned.ts';
import { type Changed, onSteps, type Rule } from '../write/rule.ts';

/** Nobody leaves while something is still theirs. */
export const departureRules: readonly Rule[] = [
  onSteps(registers.person, 'topRemains', ['depart'], demandTopRemains, { offered: true }),
  onSteps(registers.person, 'holdsNothing', ['depart'], demandNothingHeld),
];

/** The step by which somebody leaves. */
export const DEPART = 'depart';

async function demandNothingHeld({ app, ask, before, besides }: Changed<Registers['person']>): Promise<void> {
  if (besides.handsOver) return;
  const [rows] = await app.db.run(ask.actor.organisation, [ownedCounts(app.registry, before.ref)]);
  if (rows!.length > 0) throw stillOwns(app.registry, before.ref, rows!);
}

/** The role that only its holders grant: without anybody in it, nobody could ever be given it again. */
const TOP = 'topManagement' satisfies Role;

async function demandTopRemains({ app, ask, before }: Changed<Registers['person']>): Promise<void> {
  if (ask.actor.kind === 'engine') return;
  const isTop = before.values.roles?.includes(TOP) ?? false;
  if (!isTop || before.state !== 'active') return;
  const [rows] = await app.db.run(ask.actor.organisation, [topBeside(TOP, before.ref)]);
  if (rows!.length > 0) return;
  const message = `is the only one with an account and the role ${ROLES[TOP]}, which nobody else could grant again`;
  throw new Failure(
    'CONFLICT',
    `${before.ref} ${message}. Give that role to somebody who signs in, then let ${before.ref} depart.`,
    [{ path: '/roles', message }],
  );
}

/** `3 risks and 1 AI system`. */
export function countsText(registry: Registry, rows: readonly { register: string; count: number }[]): string {
  const parts = rows.map(({ register, count }) => {
    const { one, many } = registry.get(register).label;
    return `${count} ${inSentence(count === 1 ? one : many)}`;
  });
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? 'nothing');
}

/** Counts by register, most first. */
export const toCounts = (rows: readonly Row[]): { register: string; count: number }[] =>
  rows
    .map((r) => ({ register: cell.text(r.register), count: cell.number(r.n) }))
    .sort((a, b) => b.count - a.count || (a.register < b.register ? -1 : 1));

export function stillOwns(registry: Registry, ref: string, rows: readonly Row[]): Failure {
  const counts = toCounts(rows);
  const total = counts.reduce((sum, c) => sum + c.count, 0);
  return new Failure(
    'CONFLICT',
    `${ref} still owns, approves or looks after ${total === 1 ? 'one record' : `${total} records`}: ${countsText(registry, counts)}. Name a successor who takes all of it over, or hand it over to several people first (reassign).`,
    counts.map((c) => ({
      path: `/${c.register}`,
      message: `${countsText(registry, [c])} to hand over`,
    })),
  );
}
