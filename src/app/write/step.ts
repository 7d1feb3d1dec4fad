import { missingFor } from '../../authority/own-right.ts';
import { Failure } from '../../base/failure.ts';
import { transitionLabel } from '../../register/describe.ts';
import { demandUnfixed } from '../../register/fixed.ts';
import type { Register, Transition } from '../../register/register.ts';
import { type Contents, materialDigest, mergeContents } from '../../register/values.ts';
import type { App, Asking } from '../context.ts';
import { type Changing, keepingUnseen } from '../read/hidden.ts';
import { demand, transitionOf } from './access.ts';
import { admit, admitEdit } from './admission.ts';
import { refuseOwnLink } from './change.ts';
import { decide } from './deciding.ts';
import { capacityOf } from './edit.ts';
import type { Intended, Planned } from './plan.ts';
import type { Besides } from './rule.ts';
import { ruled } from './rules.ts';
import { demandKept, demandReasonAndEnd, demandRequired } from './step-demands.ts';
import { changedMeanwhile, judgeStep, restsOnOthers } from './step-judge.ts';

/** What whoever decides has decided on: the record itself, and with it all that its decisions cover. */
export type Said = 'record' | 'covered';

/** A step as it was asked for. */
export interface StepAsked extends Besides {
  name: string;
  part?: Partial<Contents>;
  reason?: string;
  until?: string;
  /** Tells whether the record, and what is covered, still says what was decided on; it does, unless told. */
  same?: (what: Said, digest: string) => boolean;
}

/** Everything that one step of one record takes: checked, and not stored. */
export async function planStep(
  app: App,
  ask: Asking,
  register: Register,
  before: Changing,
  { name, part = {}, reason, until, same = () => true, ...besides }: StepAsked,
): Promise<Planned> {
  const { ref } = before;
  const t = transitionOf(register, name);
  const input = { reason, until };
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
  const given = Object.keys({ ...part.values, ...part.links });
  await demandNoOtherChange(app, ask, register, before, name, t, given);
  const merged = mergeContents(register, before, keepingUnseen(register, before, part));
  demandUnfixed(register, before, merged, name);
  refuseOwnLink(register, ref, merged);
  const untold = (t.finds ?? []).filter((n) => !given.includes(n));
  demandRequired(register, name, t, ref, merged, missingFor(register, t, merged, untold));
  demandKept(register, before, merged, t.to);
  demandReasonAndEnd(app.clock, t, name, ref, input);
  const method = await demandSignature(ask, t, name);
  const actor = { ref: ask.actor.ref, as: capacityOf(admitted) };
  const planned = await ruled(
    app,
    ask,
    { register, before, contents: merged, state: t.to, act: 'transition', transition: name, actor, reason },
    { ...besides, until },
  );
  const { contents } = planned.intent;
  const deciding = { admitted, contents, t, input, method };
  const decided = t.decision ? await decide(app, ask, register, deciding) : undefined;
  if (decided && !same('covered', decided.made.digest)) throw changedMeanwhile(ref);
  const judges = [...planned.judges];
  if (read || restsOnOthers(admitted, t))
    judges.push(judgeStep(app, ask, register, { ...deciding, name, asked }, decided));
  if (!decided) return { ...planned, judges };
  const { made, enough } = decided;
  const state = made.register.states[0]!;
  const decision: Intended = {
    register: made.register,
    contents: made.contents,
    state,
    act: 'create',
    actor,
  };
  const intent = enough ? planned.intent : { ...planned.intent, state: before.state };
  return { ...planned, intent, decision, judges };
}

/** Whoever decides takes the record as it is: changing it in the same breath would approve one's own work. Others may edit it with the step. */
async function demandNoOtherChange(
  app: App,
  ask: Asking,
  register: Register,
  before: Changing,
  name: string,
  t: Transition,
  given: readonly string[],
): Promise<void> {
  const changing = given.filter((n) => !t.finds?.includes(n));
  if (changing.length === 0) return;
  if (t.decision)
    throw new Failure(
      'INVALID',
      `${transitionLabel(name, t.label)} is a decision on ${before.ref} as it stands and takes no values; edit the record first.`,
      changing.map((n) => ({ path: `/values/${n}`, message: 'cannot be changed by a decision' })),
    );
  await admitEdit(app, ask, register, before);
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
