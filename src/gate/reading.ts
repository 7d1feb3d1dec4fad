import { monthsAfter } from '../base/day.ts';
import type { Rec, StateOf } from '../register/rec.ts';
import type { Registers } from '../registers/index.ts';
import type { GateInput } from './surroundings.ts';

/** Values of records as the types they were checked to be on entry; anything else reads as absent. */

export function textOf<V extends object>(
  rec: { readonly values: V } | undefined,
  name: keyof V,
): string | undefined {
  const v: unknown = rec?.values[name];
  return typeof v === 'string' && v.trim() !== '' ? v : undefined;
}

/** A value of the record, or one computed from it. */
export function numberOf<V extends object, D extends object>(
  rec: { readonly values: V; readonly derived: D } | undefined,
  name: keyof V | keyof D,
): number | undefined {
  const v: unknown = rec && (Reflect.get(rec.values, name) ?? Reflect.get(rec.derived, name));
  return typeof v === 'number' && Number.isFinite(v) ? v : undefined;
}

export const isYes = <V extends object>(rec: { readonly values: V } | undefined, name: keyof V): boolean =>
  rec?.values[name] === true;

/** The calendar day of a moment, in UTC. */
export const dayOf = (moment: string): string => new Date(moment).toISOString().slice(0, 10);

/** A moment to the minute, for sentences: `2026-11-03 10:00 UTC`. */
export const minuteOf = (moment: string): string =>
  `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The day `months` calendar months before; the 31st becomes the last day of a shorter month. */
export const monthsBefore = (moment: string, months: number): string => monthsAfter(moment, -months);

/** The day so many days after a moment, in UTC. */
export const daysAfter = (moment: string, days: number): string =>
  new Date(Date.parse(moment) + days * 86_400_000).toISOString().slice(0, 10);

/** `Ana Ruiz`, or the reference of somebody unknown. */
export function nameOf(input: Pick<GateInput, 'people'>, ref: string | undefined): string {
  return ref === undefined ? 'nobody' : (input.people[ref]?.name ?? ref);
}

/** `2.3.1 (REL-0001)` for sentences. */
export const named = (rec: Rec): string => `${rec.ref} (${rec.title})`;

/** The first twelve hex digits of a digest: enough to recognise it in a sentence. */
export const short = (digest: string | undefined): string =>
  digest === undefined ? 'an unknown digest' : digest.replace(/^(sha\d+:)([0-9a-f]{12}).*$/, '$1$2…');

/** A share in per cent, at most one decimal. `of` 0 gives 0. */
export function percent(part: number, of: number): number {
  return of === 0 ? 0 : Math.round((part / of) * 1000) / 10;
}

/** How a release left, as messages choose by it. */
export const goneAs = (state: StateOf<Registers['release']>): 'rolledBack' | 'refused' | 'other' =>
  state === 'rolledBack' || state === 'refused' ? state : 'other';

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
