import { kindOf, type SlotKind, sortText } from './kinds.ts';
import type { FieldOf } from './rec.ts';
import type { Register } from './register.ts';

/** How many typed columns the record table has of each kind (migration 0001). */
export const SLOT_COUNTS: Record<SlotKind, number> = { t: 8, n: 6, d: 4 };

/** field or derived name -> column such as `t3`. */
export type Slots = Readonly<Record<string, string>>;

/** The columns of one register, by the names of its declaration. */
export const slotsOf = <R extends Register>(
  all: ReadonlyMap<string, Slots>,
  register: R | Pick<R, 'name'>,
): { readonly [K in FieldOf<R>]?: string } =>
  (all.get(register.name) ?? {}) as { [K in FieldOf<R>]?: string };

/** Missing values sort after all others when ascending: a keyset page needs every row to have a key. */
export const NO_TEXT = '\u{10FFFF}';
export const NO_NUMBER = 'Infinity';
export const NO_MOMENT = 'infinity';

/** Names of a register that need a slot, with the kind of it: its sortable columns that are fields or derived. */
export function slotted(register: Register): { name: string; kind: SlotKind }[] {
  const out: { name: string; kind: SlotKind }[] = [];
  for (const name of register.columns) {
    const f = register.fields[name];
    // The owner has a column of its own.
    if (name === 'owner' && f?.kind === 'person') continue;
    const kind = f ? kindOf(f).slot : register.derived[name] ? derivedKind(register, name) : null;
    if (kind) out.push({ name, kind });
  }
  return out;
}

/** A derived value sorts as a number unless its declaration answers text for empty input or for sample values. */
export function derivedKind(register: Register, name: string): SlotKind {
  const fn = register.derived[name]!;
  for (let seed = 0; seed < 8; seed++) {
    const values = Object.fromEntries(
      Object.entries(register.fields).map(([n, f]) => [n, kindOf(f).sample(f, seed)]),
    );
    const v = fn(values);
    if (v !== undefined) return typeof v === 'number' ? 'n' : 't';
  }
  return 't';
}

/**
 * Gives every name a column: those that have one keep it, others take the first free one. Throws when a register
 * wants more than there are.
 */
export function assignSlots(register: Register, known: Slots): Slots {
  const slots: Record<string, string> = { ...known };
  const taken = new Set(Object.values(known));
  for (const { name, kind } of slotted(register)) {
    if (slots[name]?.startsWith(kind)) continue;
    const free = Array.from({ length: SLOT_COUNTS[kind] }, (_, i) => `${kind}${i + 1}`).find(
      (s) => !taken.has(s),
    );
    if (!free)
      throw new Error(
        `register ${register.name}: column ${name} needs a sortable slot, but all ${SLOT_COUNTS[kind]} of kind ${kind} are taken; drop a column`,
      );
    slots[name] = free;
    taken.add(free);
  }
  return slots;
}

/** Values of the typed columns for a record. */
export function slotValues(
  register: Register,
  slots: Slots,
  values: Record<string, unknown>,
  derived: Record<string, unknown>,
): Record<string, string | number> {
  const out: Record<string, string | number> = {};
  for (const [name, slot] of Object.entries(slots)) {
    const f = register.fields[name];
    const raw = f ? values[name] : derived[name];
    out[slot] = slotValueOf(slot, raw === undefined ? null : f ? kindOf(f).slotValue(raw) : derivedSlot(raw));
  }
  return out;
}

/** Derived texts sort without regard to case, as fields do. */
const derivedSlot = (raw: unknown): string | number => (typeof raw === 'number' ? raw : sortText(raw));

function slotValueOf(slot: string, v: string | number | null): string | number {
  if (slot.startsWith('n')) return typeof v === 'number' ? v : NO_NUMBER;
  if (slot.startsWith('d')) return v ? String(v) : NO_MOMENT;
  return v === null || v === '' ? NO_TEXT : String(v);
}
