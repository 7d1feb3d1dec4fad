import data from './clauses.json' with { type: 'json' };

/** A clause (4.1 to 10.2) or an Annex A control (A.2.2 to A.10.4) of ISO/IEC 42001:2023: number and short title. */
export interface Clause {
  readonly id: string;
  readonly title: string;
  readonly kind: 'clause' | 'control';
}

/** The 32 clauses, in the order of the standard. */
export const clauses: readonly Clause[] = data.clauses.map((c) => ({ ...c, kind: 'clause' }));

/** The 38 controls of Annex A, in the order of the standard. */
export const controls: readonly Clause[] = data.controls.map((c) => ({ ...c, kind: 'control' }));

const byId: ReadonlyMap<string, Clause> = new Map([...clauses, ...controls].map((c) => [c.id, c]));

/** The clause or control of this number; undefined when the standard has none. */
export function findClause(id: string): Clause | undefined {
  return byId.get(id);
}

/** The clause or control of this number. Throws when the standard has none: a misspelt number must not pass. */
export function clause(id: string): Clause {
  const found = byId.get(id);
  if (!found)
    throw new Error(`ISO/IEC 42001:2023 has no clause or control ${id}; numbers look like 6.1.2 or A.6.2.4`);
  return found;
}

/** Numbers among these that the standard does not have; empty when all are right. */
export function unknownClauses(ids: Iterable<string>): string[] {
  return [...ids].filter((id) => !byId.has(id));
}
