import { problem } from '../base/failure.ts';
import { inEnglish, worded } from '../base/sentence.ts';
import { countsFrom } from '../register/claim.ts';
import { isForRecord } from '../register/conditions.ts';
import type { Register, Transition } from '../register/register.ts';
import { deedSaid, whoSaid } from '../register/said.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, holds } from '../register/who.ts';
import type { Subject } from './circumstances.ts';
import { type Refusal, refusal, wrong } from './refusal.ts';
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

function otherKind({ register, step, t, record, contents }: Asked): Refusal | undefined {
  if (isForRecord(t, record.state, contents.values)) return undefined;
  const { field, otherwise } = t.when!;
  const value = contents.values[field];
  const why = worded(`register.${register.name}.step.${step}.otherwise`, otherwise);
  return refusal('otherKind', { ref: record.ref, why }, [
    problem(
      `/${field}`,
      value === undefined || value === null ? wrong('empty') : wrong('is', { value: String(value) }),
    ),
  ]);
}

function onlyBy({ actor, register, t, step, record, contents }: Asked): Refusal | undefined {
  const only = t.onlyBy;
  if (!only || actor.kind === 'engine' || holds(actor, only.role)) return undefined;
  const value = String(contents.values[only.field] ?? '');
  if (!only.is.includes(value)) return undefined;
  const kind = worded(
    `register.${register.name}.option.${only.field}.${value}`,
    value.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`),
  );
  return refusal('onlyFor', { deed: deedSaid(step, t, record.ref), value: kind, who: whoSaid([only.role]) });
}

/** The day from which on a step may be taken, where its declaration names one that is known. A part of a day counts as a whole one. */
export function firstDayOf(t: Transition, values: Contents['values']): string | undefined {
  const day = t.after && countsFrom(values, t.after.day);
  return day !== undefined ? dayAfter(day, Number(values[t.after!.days] ?? 0)) : undefined;
}

/** The day `days` after another; a part of a day counts as a whole one. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + Math.ceil(days) * 86_400_000).toISOString().slice(0, 10);

function tooEarly({ register, step, t, record, contents, facts }: Asked): Refusal | undefined {
  const from = firstDayOf(t, contents.values);
  if (from === undefined || facts.now.toISOString().slice(0, 10) >= from) return undefined;
  const said: Readonly<Record<string, unknown>> = { ...contents.values, from };
  const { otherwise, days } = t.after!;
  const named = [...otherwise.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const params = Object.fromEntries(named.map((n) => [n, String(said[n] ?? '')]));
  const message = `register.${register.name}.step.${step}.after`;
  const why = { message, params, text: inEnglish(otherwise, params) };
  return refusal('tooEarly', { ref: record.ref, why }, [problem(`/${days}`, wrong('from', { from }))]);
}
