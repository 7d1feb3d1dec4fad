import type { ErasedVersion } from '../../answers/erasure.ts';
import { type ERASURE_BASES, encodeEntry, GROUPS, type Group } from '../../ledger/index.ts';
import { type ErasurePlan, groupOf, type PlannedPart, placeOf } from './plan.ts';

/** Most leaf indexes in one log entry, see the ledger's shape of it. */
const INDEXES = 4_096;

/** The erased groups of each version, versions in the order of their entries. */
export function byVersion(plan: ErasurePlan): ErasedVersion[] {
  const versions = new Map<string, { part: PlannedPart; groups: Set<string> }>();
  for (const p of plan.parts) {
    const key = `${p.id}/${p.version}`;
    const known = versions.get(key) ?? { part: p, groups: new Set() };
    known.groups.add(groupOf(p.part));
    versions.set(key, known);
  }
  return [...versions.values()]
    .sort((a, b) => (a.part.log ?? 0) - (b.part.log ?? 0) || (a.part.index ?? 0) - (b.part.index ?? 0))
    .map(({ part, groups }) => ({
      ref: part.ref,
      version: part.version,
      groups: GROUPS.filter((g) => groups.has(g)),
      ...placeOf(part, plan.origins),
    }));
}

/** The log entries that say what was erased: one for each set of groups and log, split where it would be too long. */
export function notesOf(plan: ErasurePlan, at: Date, basis: (typeof ERASURE_BASES)[number]): string[] {
  const open = plan.origins.find((o) => o.open);
  if (!open) throw new Error('the organisation has no open log');
  const base = {
    v: 1,
    type: 'log',
    at: at.toISOString(),
    act: 'note',
    origin: open.origin,
    about: 'erasure',
    basis,
  } as const;
  const sets = new Map<string, { of?: string; groups: readonly Group[]; entries: number[] }>();
  for (const v of byVersion(plan)) {
    if (v.entry === null) throw new Error(`version ${v.version} of ${v.ref} has no place in the log yet`);
    const key = `${v.of ?? ''} ${v.groups.join()}`;
    const set = sets.get(key) ?? { ...(v.of ? { of: v.of } : {}), groups: v.groups, entries: [] };
    set.entries.push(v.entry);
    sets.set(key, set);
  }
  const notes = [...sets.values()].flatMap(({ of, groups, entries }) =>
    Array.from({ length: Math.ceil(entries.length / INDEXES) }, (_, i) =>
      encodeEntry({
        ...base,
        groups,
        entries: entries.slice(i * INDEXES, (i + 1) * INDEXES),
        ...(of ? { of } : {}),
      }),
    ),
  );
  return notes.map((n) => n.toString('utf8'));
}

/** Numbers and groups only: what was erased must not be told by the record of its erasure. */
export function detailOf(plan: ErasurePlan): string {
  const lines = byVersion(plan).map((v) => `${v.ref} version ${v.version}: ${v.groups.join(', ')}`);
  if (plan.account)
    lines.push('Account, with password and sessions, unless it belongs to another organisation');
  if (plan.invitations > 0) lines.push(`Invitations: ${plan.invitations}`);
  const shown = lines.slice(0, 300);
  return [
    ...shown,
    ...(lines.length > shown.length ? [`and ${lines.length - shown.length} more, see the log`] : []),
  ]
    .join('\n')
    .slice(0, 20_000);
}
