import { missingFor } from '../authority/own-right.ts';
import type { Admitted } from '../authority/take.ts';
import { Failure } from '../base/failure.ts';
import { inSentence, transitionLabel } from '../register/describe.ts';
import { demandUnfixed } from '../register/fixed.ts';
import { asList, type Register, type Transition } from '../register/register.ts';
import { deedSaid } from '../register/said.ts';
import {
  type Contents,
  freshContents,
  materialDigest,
  mergeContents,
  parseInput,
} from '../register/values.ts';
import { admittedAs, whoText } from '../register/who.ts';
import { registers } from '../registers/index.ts';
import { type Also, type Change, type Judge, takeNumbers, write } from '../store/write.ts';
import { demand, transitionOf } from './access.ts';
import { admit, admitEdit } from './admission.ts';
import { type Kept, present, retrying } from './again.ts';
import { buildChange, type Intent } from './change.ts';
import type { App, Asking } from './context.ts';
import { decide } from './deciding.ts';
import { guardFor } from './guards.ts';
import { type Changing, keepingUnseen } from './hidden.ts';
import { planEdit } from './plan-edit.ts';
import { changedMeanwhile, judgeStep, restsOnOthers } from './step-judge.ts';
import { demandKept, demandReasonAndEnd, demandRequired } from './stepDemands.ts';
import { type RecordView, toView, writtenView } from './view.ts';

/** What a write gave: the record as it is now, and the decision that was recorded with it. */
export interface Committed {
  record: RecordView;
  decision?: string;
  /** True when an earlier request with the same idempotency key had already done it. */
  replayed?: boolean;
  /** True when an edit asked for what was there already: no version was written. */
  unchanged?: boolean;
}

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
  const as = admittedAs(ask.actor, register.permissions.create);
  if (!as)
    throw new Failure(
      'NOT_ALLOWED',
      `You may not create ${inSentence(register.label.many)}: that is for ${whoText(register.permissions.create, register.whoLabels)}.`,
    );
  const contents = freshContents(register, parseInput(register, input, 'create'));
  const ruled = await guardFor(register)?.({ app, ask, register, contents, single: true });
  return createChecked(app, ask, register, ruled?.contents ?? contents, {
    as,
    along: ruled?.intents,
    judges: ruled?.judges,
  });
}

/** Creates from contents already checked: importers and the engine come in here. `also` stands or falls with it. */
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
    along?: readonly Intent[];
    once?: string;
    /** What rules rested on, asked again in the write. */
    judges?: readonly Judge[];
    /** Stores although the log is refused: for the act that begins a new one. */
    whileRefused?: boolean;
  },
): Promise<Committed> {
  const number = await takeNumbers(app.db, ask.actor.organisation, register.name, 1);
  const at = o.at ?? app.clock.now();
  const change = buildChange(app, at, {
    register,
    before: { number },
    contents,
    state: o.state ?? register.states[0]!,
    act: o.act ?? 'create',
    actor: { ref: ask.actor.ref, as: o.as },
    reason: o.reason,
    once: o.once,
  });
  const along = (o.along ?? []).map((i) => buildChange(app, at, i));
  return store(app, ask, [change, ...along], {
    also: o.also?.(change.ref),
    judges: o.judges,
    whileRefused: o.whileRefused,
  });
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
    const planned = await planEdit(app, ask, register, before, part);
    if (!planned) return { record: toView(before), unchanged: true };
    const { contents, admitted, intents, judges } = planned;
    const at = app.clock.now();
    const change = buildChange(app, at, {
      register,
      before,
      contents,
      state: before.state,
      act: 'edit',
      actor: { ref: ask.actor.ref, as: capacityOf(admitted) },
      reason: o.reason,
    });
    return store(app, ask, [change, ...intents.map((i) => buildChange(app, at, i))], { judges });
  });
}

export interface TransitionInput {
  values?: unknown;
  reason?: string;
  until?: string;
  expect?: number;
}

/** Carries a record along one transition; records the decision when the transition is one. */
export async function transitRecord(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  name: string,
  input: TransitionInput = {},
  also?: (contents: Contents) => Promise<Also[]>,
): Promise<Committed> {
  const t = transitionOf(register, name);
  const part = input.values === undefined ? {} : parseInput(register, input.values, 'edit');
  const asked = new Map<Said, string>();
  const deed = { who: asList(t.by), says: (number: string) => deedSaid(name, t, number) };
  const step = async (before: Changing, app: App) => {
    const same = (what: Said, digest: string) => {
      if (!asked.has(what)) asked.set(what, digest);
      return asked.get(what) === digest;
    };
    const at = app.clock.now();
    const { changes, contents, judges } = await planTransition(
      app,
      ask,
      at,
      register,
      before,
      name,
      t,
      part,
      input,
      same,
    );
    return store(app, ask, changes, { also: await also?.(contents), judges });
  };
  return retrying(app, ask, register, ref, input.expect, step, deed);
}

/** The capacity as the entry commits to it: `owner`, `owner for PSN-0003`, `owner, alone`. */
export const capacityOf = (a: Admitted): string =>
  `${a.as}${a.onBehalfOf ? ` for ${a.onBehalfOf}` : ''}${a.manner ? `, ${a.manner}` : ''}`;

/** What whoever decides has decided on: the record itself, and with it all that its decisions cover. */
type Said = 'record' | 'covered';

/** Everything that one step of one record takes: checked, built for the moment `at`, and not stored. `same` tells whether the record still says what was decided on. */
export async function planTransition(
  app: App,
  ask: Asking,
  at: Date,
  register: Register,
  before: Changing,
  name: string,
  t: Transition,
  part: Partial<Contents>,
  input: TransitionInput,
  same: (what: Said, digest: string) => boolean,
): Promise<{ changes: Change[]; contents: Contents; judges: readonly Judge[] }> {
  const { ref } = before;
  // Whoever may not take it learns nothing of what is kept from them.
  let read = false;
  const heard = {
    ...app,
    db: app.db.listened(() => {
      read = true;
    }),
  };
  const asked = mergeContents(register, before, part);
  const admitted = demand(await admit(heard, ask, register, before, name, t, asked));
  // Made again on a newer version only while it says the same: nobody decides on what came after their word.
  if (t.decision && !same('record', materialDigest(register, ref, before))) throw changedMeanwhile(ref);
  const finds = t.finds ?? [];
  const given = Object.keys({ ...part.values, ...part.links });
  const changing = given.filter((n) => !finds.includes(n));
  // Whoever decides takes the record as it is: changing it in the same breath would approve one's own work.
  if (changing.length > 0 && t.decision)
    throw new Failure(
      'INVALID',
      `${transitionLabel(name, t.label)} is a decision on ${ref} as it stands and takes no values; edit the record first.`,
      changing.map((n) => ({ path: `/values/${n}`, message: 'cannot be changed by a decision' })),
    );
  if (changing.length > 0) await admitEdit(app, ask, register, before);
  const merged = mergeContents(register, before, keepingUnseen(register, before, part));
  demandUnfixed(register, before, merged, name);
  demandRequired(
    register,
    name,
    t,
    ref,
    missingFor(
      t,
      merged,
      finds.filter((n) => !given.includes(n)),
    ),
  );
  demandKept(register, before, merged, t.to);
  demandReasonAndEnd(app.clock, t, name, ref, input);
  const method = await demandSignature(ask, t, name);
  const { reason, until } = input;
  const guarded = { app, ask, register, contents: merged, before, transition: name, reason, until };
  const ruled = await guardFor(register)?.(guarded);
  const contents = ruled?.contents ?? merged;
  const deciding = { admitted, contents, t, input, method };
  const decided = t.decision ? await decide(app, ask, register, deciding) : undefined;
  if (decided && !same('covered', decided.made.digest)) throw changedMeanwhile(ref);
  const changes = [
    buildChange(app, at, {
      register,
      before,
      contents,
      state: decided && !decided.enough ? before.state : t.to,
      act: 'transition',
      transition: name,
      actor: {
        ref: ask.actor.ref,
        as: capacityOf(admitted),
      },
      reason: input.reason,
    }),
  ];
  if (decided) {
    const { made } = decided;
    const number = await takeNumbers(app.db, ask.actor.organisation, made.register.name, 1);
    changes.push(
      buildChange(app, at, {
        register: made.register,
        before: { number },
        contents: made.contents,
        state: made.register.states[0]!,
        act: 'create',
        actor: { ref: ask.actor.ref, as: capacityOf(admitted) },
      }),
    );
  }
  changes.push(...(ruled?.intents ?? []).map((i) => buildChange(app, at, i)));
  const judges = [...(ruled?.judges ?? [])];
  if (read || restsOnOthers(admitted, t))
    judges.push(judgeStep(app, ask, register, { ...deciding, name, asked }, decided));
  return { changes, contents, judges };
}

/** A signed transition asks the person to prove again who they are; a key cannot. Returns the method. */
async function demandSignature(ask: Asking, t: Transition, name: string): Promise<string> {
  if (!t.signed || ask.actor.kind === 'engine') return 'session';
  return demandPerson(ask, transitionLabel(name, t.label).toLowerCase());
}

/** Asks whoever is there to prove again who they are; an API key cannot. Returns by which method. */
export async function demandPerson(ask: Asking, deed: string): Promise<string> {
  const Deed = deed.charAt(0).toUpperCase() + deed.slice(1);
  if (ask.actor.kind !== 'person')
    throw new Failure(
      'NOT_ALLOWED',
      `${Deed} must be done by a person who signs in; an API key cannot do it.`,
    );
  if (!ask.reauthenticate)
    throw new Failure('REQUIREMENTS_MISSING', `${Deed} asks for your password once more.`, [
      { path: '/password', message: 'is needed for this step' },
    ]);
  if (!(await ask.reauthenticate()))
    throw new Failure('NOT_ALLOWED', 'The password is not right; nothing was decided.', [
      { path: '/password', message: 'is not right' },
    ]);
  return 'reauthenticated';
}

export async function store(
  app: App,
  ask: Asking,
  changes: Change[],
  o: { also?: Also[]; judges?: readonly Judge[]; whileRefused?: boolean } = {},
): Promise<Committed> {
  const [main, ...rest] = changes;
  const decision = rest.find((c) => c.register === registers.decision.name)?.ref;
  const result: Kept = { record: { register: main!.register, ref: main!.ref }, decision };
  if (!o.whileRefused) app.sequencer.demandOpen(ask.actor.organisation);
  const { replay, at } = await write(app.db, {
    organisation: ask.actor.organisation,
    actor: ask.actor.ref,
    changes,
    ...(ask.idempotency ? { idempotency: { ...ask.idempotency, result } } : {}),
    also: o.also,
    judges: o.judges,
  });
  if (replay) return present(app, ask, replay);
  app.sequencer.wake(ask.actor.organisation);
  return { record: writtenView(at, ask.actor.ref, main!), decision };
}
