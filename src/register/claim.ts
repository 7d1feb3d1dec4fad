import { dayOf } from '../base/day.ts';
import type { Field } from './field.ts';
import type { Register } from './register.ts';
import type { Contents } from './values.ts';

/** What a day or a moment says of the world. Each date declares one; start-up refuses a date that claims nothing. */
export type Claim =
  /**
   * Something has happened: never in the future, and not before what it belongs to. `since` names what that is: a day or moment of the record
   * itself, or a link to records, each of which is there from its `origin` on, or else from its entry on.
   */
  | { readonly is: 'happened'; readonly since?: readonly string[]; readonly origin?: true }
  /** From then on something holds, or is planned to. */
  | { readonly is: 'begins' }
  /** Until then something holds, or is planned to; not before `from`, a day of the record. */
  | { readonly is: 'ends'; readonly from?: string }
  /**
   * By then something is looked at again: no later than the interval `cap` of the criteria in force allows, counted from the day in `from`, or from
   * the day on which that is said.
   */
  | { readonly is: 'review'; readonly cap: string; readonly from?: string }
  /** By then somebody has promised something. */
  | { readonly is: 'agreed' }
  /** The program itself saw or read it. */
  | { readonly is: 'recorded' };

/** What says on which day a claim was entered, where that was later than the day claimed. */
export const enteredName = (field: string): string => `${field}Entered`;

/** Fields that say what has happened. */
export const happenedIn = (register: Register): [string, Field][] =>
  Object.entries(register.fields).filter(([, f]) => f.claim?.is === 'happened');

/** From when on a record is there for what belongs to it: the day that it names, if it names one. */
export const originOf = (register: Register): string | undefined =>
  happenedIn(register).find(([, f]) => f.claim?.is === 'happened' && f.claim.origin)?.[0];

/**
 * The contents with the day on which each claim was entered, where that is later than the day it claims. It stays for as long as the
 * claim does; another claim is entered anew.
 */
export function withEntered<C extends Contents>(
  register: Register,
  before: Readonly<Record<string, unknown>> | undefined,
  contents: C,
  at: Date,
): C {
  const days = happenedIn(register);
  if (days.length === 0) return contents;
  const values: Record<string, unknown> = { ...contents.values };
  const today = dayOf(at);
  for (const [name] of days) {
    const claimed = values[name];
    const entered = enteredName(name);
    if (before && before[name] === claimed) {
      if (before[entered] === undefined) delete values[entered];
      else values[entered] = before[entered];
    } else if (typeof claimed === 'string' && claimed.slice(0, 10) < today) values[entered] = today;
    else delete values[entered];
  }
  return { ...contents, values };
}

/** How many days after the day claimed it was entered; undefined where that was no later. */
export function enteredAfter(
  values: Readonly<Record<string, unknown>> | undefined,
  field: string,
): number | undefined {
  const [claimed, entered] = [values?.[field], values?.[enteredName(field)]];
  if (typeof claimed !== 'string' || typeof entered !== 'string') return undefined;
  return Math.round((Date.parse(entered) - Date.parse(claimed.slice(0, 10))) / 86_400_000);
}

/** From which day on waits count: the day claimed, or that of its entry where it is later. */
export function countsFrom(values: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const claimed = values[field];
  if (typeof claimed !== 'string') return undefined;
  const entered = values[enteredName(field)];
  const day = claimed.slice(0, 10);
  return typeof entered === 'string' && entered > day ? entered : day;
}
