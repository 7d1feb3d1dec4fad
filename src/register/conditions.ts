import type { Transition, Where } from './register.ts';

/** Is the condition about a record with these values? */
export const isWhere = (where: Where | undefined, values: Readonly<Record<string, unknown>>): boolean =>
  where === undefined || where.is.includes(String(values[where.field] ?? ''));

/** What a step requires of a record with these values; of any record, where they are not told. */
export const requiredFor = (
  t: Pick<Transition, 'requires' | 'requiresOf'>,
  values?: Readonly<Record<string, unknown>>,
): string[] => [
  ...(t.requires ?? []),
  ...(t.requiresOf ?? []).filter((q) => values === undefined || isWhere(q, values)).flatMap((q) => q.names),
];

/** Is the step for a record with these values? A condition that holds in some states alone is asked where the record is in one of those. */
export function isForRecord(
  { when }: Pick<Transition, 'when'>,
  state: string | undefined,
  values: Readonly<Record<string, unknown>>,
): boolean {
  if (!when || (when.from && (state === undefined || !when.from.includes(state)))) return true;
  const value = String(values[when.field] ?? '');
  return (!when.is || when.is.includes(value)) && !when.isNot?.includes(value);
}
