import type { Register, Registry } from '../../register/register.ts';
import type { StepRow } from './steps.ts';

/**
 * Fields that name a person and are looked through by an index (`records_naming`, migration 0024); the owner of a record has a column. What a step asks of
 * other fields is found by looking at everything that waits.
 */
export const NAMING: Readonly<Record<string, readonly string[]>> = {
  aiSystem: ['approver', 'oversight'],
  action: ['verifier'],
  change: ['onCall'],
  release: ['overseer'],
};

const OWNER = 'owner';

/** Whether everybody whom the step admits by a part is named where an index finds it. */
export function byName(register: Register, row: StepRow): boolean {
  const found = (name: string, fields: readonly string[]) =>
    fields.every((f) => f === OWNER || NAMING[name]?.includes(f));
  return (
    !(row.role || row.owner || row.author) &&
    row.lists.length === 0 &&
    found(register.name, row.fields) &&
    row.linked.every((l) => found(register.links[l.link]!.to, l.fields))
  );
}

/** Registers whose owners are asked by one of these steps. */
export function ownedFor(registry: Registry, rows: readonly StepRow[]): string[] {
  const owned = rows.flatMap((row) => [
    ...(row.fields.includes(OWNER) ? [row.register] : []),
    ...row.linked
      .filter((l) => l.fields.includes(OWNER))
      .map((l) => registry.get(row.register).links[l.link]!.to),
  ]);
  return [...new Set(owned)];
}

/**
 * SQL of what names person $1: rows of `register`, `field`, `id`, `number`. `owned` is a parameter holding the registers whose owners count. More may be named
 * than the person sees: whoever uses it reads the records.
 */
export const namingSql = (owned: string): string =>
  `select n.register, n.field, n.id, n.number from records_naming($1) n
    union all select r.register, '${OWNER}', r.id, r.number from unnest(${owned}::text[]) g(name)
      cross join lateral (select r.register, r.id, r.number from record r where r.organisation = (select present_organisation()) and r.register = g.name and r.owner = $1 offset 0) r`;
