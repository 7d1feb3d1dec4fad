import { asList, type Register, type Transition } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, holds, ROLES, whoText } from '../register/who.ts';
import type { Subject } from './circumstances.ts';
import { deedOf } from './own-right.ts';
import { type Refusal, refusal } from './refusal.ts';
import { type Asked, rulesOf } from './rules-of-registers.ts';
import type { TakeFacts } from './take.ts';

/** What stands in the way of a step beside who takes it: what its declaration says of the record's values, then the rules of its register. */
export function ruledOut(
  actor: Actor,
  register: Register,
  name: string,
  t: Transition,
  record: Subject,
  facts: TakeFacts,
): Refusal | undefined {
  const contents: Contents = facts.contents ?? record;
  const asked: Asked = { actor, register, step: name, t, record, contents, facts };
  return (
    otherKind(asked) ??
    onlyBy(asked) ??
    tooEarly(asked) ??
    rulesOf(register.name, name).reduce<Refusal | undefined>(
      (out, rule) => out ?? rule.check(asked),
      undefined,
    )
  );
}

/** Does what a rule of this step says depend on the circumstances, or on earlier decisions? */
export const rulesNeed = (register: Register, name: string, what: 'circumstances' | 'decided'): boolean =>
  rulesOf(register.name, name).some((rule) => rule.needs === what);

/** Where the step is not for a record with this value. `from` narrows the condition to some of the states. */
export function isForRecord(t: Transition, state: string, values: Contents['values']): boolean {
  const { when } = t;
  if (!when || (when.from && !asList(when.from).includes(state))) return true;
  const value = String(values[when.field] ?? '');
  return (!when.is || when.is.includes(value)) && !when.isNot?.includes(value);
}

function otherKind({ t, record, contents }: Asked): Refusal | undefined {
  if (isForRecord(t, record.state, contents.values)) return undefined;
  const { field, otherwise } = t.when!;
  return refusal('otherKind', { ref: record.ref, why: otherwise }, [
    { path: `/${field}`, message: `is ${String(contents.values[field] ?? 'empty')}` },
  ]);
}

function onlyBy({ actor, t, step, record, contents }: Asked): Refusal | undefined {
  const only = t.onlyBy;
  if (!only || actor.kind === 'engine' || holds(actor, only.role)) return undefined;
  const value = String(contents.values[only.field] ?? '');
  if (!only.is.includes(value)) return undefined;
  const what = `a ${value.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`)}`;
  return refusal('onlyFor', { deed: deedOf(step, t, record.ref), what, who: ROLES[only.role] });
}

/** The day from which on a step may be taken, where its declaration names one that is known. A part of a day counts as a whole one. */
export function firstDayOf(t: Transition, values: Contents['values']): string | undefined {
  const day = t.after && values[t.after.day];
  return typeof day === 'string' ? dayAfter(day, Number(values[t.after!.days] ?? 0)) : undefined;
}

/** The day `days` after another; a part of a day counts as a whole one. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + Math.ceil(days) * 86_400_000).toISOString().slice(0, 10);

function tooEarly({ t, record, contents, facts }: Asked): Refusal | undefined {
  const from = firstDayOf(t, contents.values);
  if (from === undefined || facts.now.toISOString().slice(0, 10) >= from) return undefined;
  const said: Readonly<Record<string, unknown>> = { ...contents.values, from };
  const why = t.after!.otherwise.replace(/\{(\w+)\}/g, (_, n) => String(said[n] ?? ''));
  return refusal('tooEarly', { ref: record.ref, why }, [
    { path: `/${t.after!.days}`, message: `can be taken from ${from} on` },
  ]);
}

/** Who may take a step, in words. */
export const whoTakes = (register: Register, t: Transition): string =>
  whoText(asList(t.by), register.whoLabels);
