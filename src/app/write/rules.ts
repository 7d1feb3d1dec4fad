import { canonicalJson } from '../../base/canonical.ts';
import { Failure } from '../../base/failure.ts';
import type { Register } from '../../register/register.ts';
import type { StoredWithRelations } from '../../store/records/records.ts';
import type { Judge } from '../../store/records/write.ts';
import { type App, type Asking, asEngine } from '../context.ts';
import { nobodyDeparted } from '../people/people-here.ts';
import { whole } from '../read/hidden.ts';
import { changedBeside } from './anew.ts';
import { declaredRules } from './declared-rules.ts';
import * as lists from './lists.ts';
import type { Planned } from './plan.ts';
import type { Along, Besides, Guarded, Rule, Ruling } from './rule.ts';

/** All rules there are, in the order in which they are asked: those about all registers, then list by list in the order of their names. */
export const allRules = (): readonly Rule[] => {
  // Put together when it is first asked for: some of these files import this one, and whichever is loaded first finds the others empty.
  every ??= [nobodyDeparted, ...declaredRules, ...Object.values(lists).flat()];
  return every;
};
let every: readonly Rule[] | undefined;

/** Those about a record that is created, edited, or carried along this step. */
export const rulesFor = (register: Register, act: string): Rule[] =>
  allRules().filter(
    ({ register: of, at }) =>
      (of === undefined || of === register.name) &&
      (at === 'any' || (at === 'changes' ? act !== 'create' : at.includes(act))),
  );

/**
 * Asks all rules about what shall become of a record, one after the other, by whatever door it came, and those about what they make of others; what they
 * add goes along. What they read of other records may be another thing by the time of the write: where they read something, they are asked again in it.
 */
export async function ruled(
  app: App,
  ask: Asking,
  { number, ...asked }: Ruling,
  o: Besides & { until?: string } = {},
): Promise<Planned> {
  const { register, before, transition, reason } = asked;
  const { until, ...besides } = o;
  const rules = rulesFor(register, transition ?? (before ? 'edit' : 'create'));
  let read = false;
  const db = app.db.listened(() => {
    read = true;
  });
  const g: Guarded = {
    app: { ...app, db },
    ask,
    register,
    contents: asked.contents,
    before,
    transition,
    reason,
    until,
    besides: { known: new Map(), ...besides },
  };
  // What is new rests on nothing that was settled by others but where its rule says so.
  const later = before ? [] : rules.filter((r) => r.inWrite?.(g));
  const along = await allOf(besides.single ? rules.filter((r) => !later.includes(r)) : rules, g);
  const judges = [
    ...(along.judges ?? []),
    ...later.map(
      (r): Judge =>
        (within) =>
          askIn(within, r, g),
    ),
  ];
  if (read && before && !along.ofItsMoment) judges.unshift(judgeRules(rules, g, along));
  const others = await Promise.all(
    along.cascade.map(async (made) => ruled(app, asEngine(ask), await whole(app, ask, made))),
  );
  return {
    intent: {
      ...asked,
      contents: along.contents,
      before: before ?? (number === undefined ? undefined : { number }),
    },
    cascade: others.flatMap((p) => [p.intent, ...p.cascade]),
    judges: [...judges, ...others.flatMap((p) => p.judges)],
  };
}

/** What rules have against a step of the record as it is, where that hangs on nothing that comes with the step. */
export async function refusedBefore(
  app: App,
  ask: Asking,
  register: Register,
  before: StoredWithRelations,
  transition: string,
  besides: Besides,
): Promise<Failure | undefined> {
  const { values, links } = before;
  const rules = rulesFor(register, transition).filter((r) => r.offered);
  const g: Guarded = {
    app,
    ask,
    register,
    contents: { values, links },
    before,
    transition,
    besides,
  };
  try {
    await allOf(rules, g);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

type Summed = Required<Pick<Along, 'contents' | 'cascade' | 'judges'>> & Pick<Along, 'ofItsMoment'>;

async function allOf(rules: readonly Rule[], g: Guarded): Promise<Summed> {
  const sum: Summed = { contents: g.contents, cascade: [], judges: [] };
  for (const rule of rules) {
    const more = await told(rule, { ...g, contents: sum.contents });
    if (!more) continue;
    sum.contents = more.contents ?? sum.contents;
    sum.cascade = [...sum.cascade, ...(more.cascade ?? [])];
    sum.judges = [...sum.judges, ...(more.judges ?? [])];
    if (more.ofItsMoment) sum.ofItsMoment = true;
  }
  return sum;
}

/** What the rule says; a refusal names it. */
async function told(rule: Rule, g: Guarded): Promise<Along | undefined> {
  try {
    return (await rule.check(g)) ?? undefined;
  } catch (error) {
    if (error instanceof Failure) error.rule ??= rule.id;
    throw error;
  }
}

/** In the write, nothing that was known before is. */
const here = (within: Parameters<Judge>[0], g: Guarded): Guarded => ({
  ...g,
  app: { ...g.app, db: within(g.app.db) },
  besides: { ...g.besides, known: new Map(), facts: undefined },
});

async function askIn(within: Parameters<Judge>[0], rule: Rule, g: Guarded): Promise<void> {
  await told(rule, here(within, g));
}

/** The same rules, asked in the write: they refuse, or say what they said before; otherwise all of it is planned anew. */
const judgeRules =
  (rules: readonly Rule[], g: Guarded, before: Summed): Judge =>
  async (within) => {
    const now = await allOf(rules, here(within, g));
    if (canonicalJson(saidBy(now)) !== canonicalJson(saidBy(before)))
      throw changedBeside(g.before?.ref ?? g.register.label.one);
  };

/** What rules make of a write: its contents, and which versions of which other records go along to what. */
const saidBy = ({ contents, cascade }: Summed) => ({
  contents,
  cascade: cascade.map(({ before, contents: c, state }) => ({
    record: before ? [before.ref, before.version] : [],
    contents: c,
    state,
  })),
});
