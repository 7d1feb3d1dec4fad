import type { Committed } from '../../answers/record.ts';
import { asList, type Register } from '../../register/register.ts';
import { deedSaid } from '../../register/said.ts';
import { type Contents, freshContents, parseInput } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import type { Kept } from '../../store/records/idempotency.ts';
import type { Also, Change } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import { toView, writtenView } from '../read/view.ts';
import { transitionOf } from './access.ts';
import { demandCreate, planCreate } from './create.ts';
import { planEdit } from './edit.ts';
import { retrying } from './idempotent.ts';
import { carryOut, type Intended, type Planned, together, type WritePlan } from './plan.ts';
import type { Besides } from './rule.ts';
import { planStep, type Said } from './step.ts';

/**
 * The one write path. Every door (HTTP, command line, imports, jobs) ends here: permission, checks, and then record, version,
 * links and ledger entry in one transaction. When it returns, all are durable; when it throws, none exists.
 */
export async function createRecord(
  app: App,
  ask: Asking,
  register: Register,
  input: unknown,
): Promise<Committed> {
  const as = demandCreate(ask, register);
  const contents = freshContents(register, parseInput(register, input, 'create'));
  return createRuled(app, ask, register, contents, { as });
}

/** Creates one record from contents whose values were checked; all rules are asked. `also` stands or falls with it. */
export async function createRuled(
  app: App,
  ask: Asking,
  register: Register,
  contents: Contents,
  { also, ...o }: { as: string; state?: string; also?: (ref: string) => Also[] },
): Promise<Committed> {
  const planned = await planCreate(app, ask, register, contents, { ...o, single: true });
  return store(app, ask, { ...together([planned]), ...alsoOf(also) });
}

const alsoOf = (also: ((ref: string) => Also[]) | undefined): Pick<WritePlan, 'also'> =>
  also ? { also: (records) => also(records[0]!.ref) } : {};

/** Creates from contents that the engine made: no rule is asked. `also` stands or falls with it. */
export async function createChecked(
  app: App,
  ask: Asking,
  register: Register,
  contents: Contents,
  o: {
    as: string;
    /** When; now unless told, for what tells the time in more places than the record. */
    at?: Date;
    act?: 'create' | 'import';
    state?: string;
    reason?: string;
    also?: (ref: string) => Also[];
    once?: string;
  } & Pick<WritePlan, 'told' | 'whileRefused'>,
): Promise<Committed> {
  const { as, at, act = 'create', state = register.states[0]!, reason, also, once, told, whileRefused } = o;
  const record: Intended = {
    register,
    contents,
    state,
    act,
    actor: { ref: ask.actor.ref, as },
    reason,
    once,
  };
  return store(app, ask, { records: [record], at, told, whileRefused, ...alsoOf(also) });
}

/** Edits a record: `input` is flat and partial, null clears. `expect` is the version the caller saw, if it said so. */
export async function editRecord(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  input: unknown,
  o: { expect?: number; reason?: string } = {},
): Promise<Committed> {
  const part = parseInput(register, input, 'edit');
  return retrying(app, ask, register, ref, o.expect, async (before, app) => {
    const planned = await planEdit(app, ask, register, before, part, { reason: o.reason });
    if (planned) return store(app, ask, together([planned]));
    const unchanged = { record: { register: register.name, ref }, unchanged: true } satisfies Kept;
    await carryOut(app, ask, { records: [] }, () => unchanged);
    return { record: toView(before), unchanged: true };
  });
}

export interface TransitionInput {
  values?: unknown;
  reason?: string;
  until?: string;
  expect?: number;
}

/** What is written in the same transaction as a step, and what its rules are told of that. */
export interface Accompanied {
  besides?: Besides;
  more?: (planned: Planned) => Promise<Pick<WritePlan, 'also' | 'cascade' | 'judges' | 'told'>>;
}

/** Carries a record along one transition; records the decision when the transition is one. */
export async function transitRecord(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  name: string,
  input: TransitionInput = {},
  { besides, more }: Accompanied = {},
): Promise<Committed> {
  const t = transitionOf(register, name);
  const part = input.values === undefined ? {} : parseInput(register, input.values, 'edit');
  const { reason, until } = input;
  const asked = new Map<Said, string>();
  const same = (what: Said, digest: string) => {
    if (!asked.has(what)) asked.set(what, digest);
    return asked.get(what) === digest;
  };
  return retrying(
    app,
    ask,
    register,
    ref,
    input.expect,
    async (before, app) => {
      const planned = await planStep(app, ask, register, before, {
        name,
        part,
        reason,
        until,
        same,
        ...besides,
      });
      const plan = together([planned]);
      const { cascade = [], judges = [], ...rest } = (await more?.(planned)) ?? {};
      return store(app, ask, {
        records: plan.records,
        cascade: [...plan.cascade, ...cascade],
        judges: [...plan.judges, ...judges],
        ...rest,
      });
    },
    { who: asList(t.by), says: (number) => deedSaid(name, t, number) },
  );
}

/** Carries out what one record is about, and answers that record. */
export async function store(app: App, ask: Asking, plan: WritePlan): Promise<Committed> {
  const { kept, at, records } = await carryOut(app, ask, plan, (changes) => keptOf(changes, plan.told));
  return { record: writtenView(at, ask.actor.ref, records[0]!), decision: kept.decision };
}

const keptOf = ([main, ...rest]: readonly Change[], more: Kept['more']): Kept => ({
  record: { register: main!.register, ref: main!.ref },
  decision: rest.find((c) => c.register === registers.decision.name)?.ref,
  more,
});
