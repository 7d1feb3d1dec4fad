import type { Sentence } from '../base/sentence.ts';
import { asList, type DecisionKind, type Register, type Transition } from '../register/register.ts';
import { whoSaid } from '../register/said.ts';
import type { Who } from '../register/who.ts';
import { type Binding, isAbout, type Said } from './binding.ts';
import { type Circumstances, modeFor, type Subject } from './circumstances.ts';
import { next } from './refusal.ts';
import { voicesOf, weigh } from './weigh.ts';

/** Decisions on a record, and what they are bound to now. */
export interface Decided {
  readonly decisions: readonly Said[];
  readonly binding: Binding;
}

/** Somebody whose decision counts towards a quorum. */
export interface Agreed {
  by: string;
  role: string;
  /** Who has spoken with it: the one who decided, and whoever had lent them their part. */
  voices: string[];
}

/** How many decide, who has, and whose turn it is. */
export interface Several {
  needed: number;
  order: readonly Who[];
  agreed: Agreed[];
  turn: Who | undefined;
  /** Who decides next. */
  next: Sentence;
}

/** Does the declaration ask for more than one person anywhere? */
export const asksSeveral = (t: Transition): boolean => Math.max(t.quorum ?? 1, t.order?.length ?? 1) > 1;

/** Where several must decide on this record, how far they have come; undefined where one person decides: in all but a larger organisation. */
export function severalOn(
  t: Transition,
  register: Register,
  record: Subject,
  c: Circumstances,
  decided: Decided,
  today: string,
): Several | undefined {
  const where = t.severalWhere;
  const binds =
    asksSeveral(t) && modeFor(c, register, record) === 'larger' && (!where || matches(where, record, c));
  if (!binds || !t.decision) return undefined;
  const order = t.order ?? [];
  const agreed = agreedSoFar(decided, { kind: t.decision, since: c.workedVersion, today });
  const turn = order.find((w) => !agreed.some((a) => a.role === w));
  const who = whoSaid(turn ? [turn] : asList(t.by), register.whoLabels);
  return {
    needed: Math.max(t.quorum ?? 1, t.order?.length ?? 1),
    order,
    agreed,
    turn,
    next: agreed.length > 0 && !turn ? next('somebodyElse', { who }) : next('who', { who }),
  };
}

/** Decisions of the kind that count today, one a voice, newest first; none from before the record was worked on again, and none that was taken alone. */
function agreedSoFar(d: Decided, o: { kind: DecisionKind; since: number; today: string }): Agreed[] {
  const about = (x: Said) => isAbout(d.binding, x);
  return weigh(d.decisions, { kinds: [o.kind], about, today: o.today, since: o.since }).counts.map((x) => ({
    by: String(x.values.by),
    role: String(x.values.role),
    voices: voicesOf(x),
  }));
}

/** Whether one of the linked records has one of the values; what is not known counts as having it. */
function matches(where: NonNullable<Transition['severalWhere']>, record: Subject, c: Circumstances): boolean {
  const linked = c.systems.filter((s) => (record.links[where.link] ?? []).includes(s.ref));
  return linked.some((s) => {
    const value = s.values[where.field];
    return value === undefined || value === null || where.values.includes(String(value));
  });
}
