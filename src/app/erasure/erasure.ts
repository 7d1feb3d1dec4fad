import type { Erased, ErasureView } from '../../answers/erasure.ts';
import { deed, mayNot, refusal } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failed } from '../../base/refusals.ts';
import type { ERASURE_BASES } from '../../ledger/index.ts';
import type { Given } from '../../register/values.ts';
import { contentsFrom } from '../../register/values.ts';
import { admittedAs, type Role } from '../../register/who.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { eraseStatement } from '../../store/ledger/erasure.ts';
import { FORGET_FINDINGS } from '../../store/release/in-use.ts';
import { FORGET_STANDING } from '../../store/standing/standing.ts';
import type { App, Asking } from '../context.ts';
import { anew, changedBeside, noLongerSo } from '../write/anew.ts';
import { carryOut, type Intended } from '../write/plan.ts';
import { demandPerson } from '../write/step.ts';
import { mentionsOf } from './mentions.ts';
import { byVersion, detailOf, notesOf } from './notes.ts';
import { type ErasurePlan, isNothing, type PartsRequest, type PersonRequest, planErasure } from './plan.ts';

export type { Mention } from '../../answers/erasure.ts';
export type { PartsRequest, PersonRequest } from './plan.ts';

/** Ground of an erasure, one of `ERASURE_BASES` of the ledger. */
export type ErasureBasis = (typeof ERASURE_BASES)[number];

/** What shall be erased, on which legal basis and why. The reason is kept: it must not hold personal data itself. */
export type ErasureRequest = (PartsRequest | PersonRequest) & { basis: ErasureBasis; reason: string };

const WHO: readonly Role[] = ['topManagement', 'aimsManager'];
/** Most places an answer lists. */
const LISTED = 500;

const KEPT_ELSEWHERE =
  'Backups and the write-ahead log of the database keep what was erased until they expire: let them expire, and erase again after restoring one.';

/** Who may, whether or not it is carried out: a key never does, what is erased is somebody's decision. */
function demandEraser(ask: Asking): string {
  const as = admittedAs(ask.actor, WHO);
  if (as && ask.actor.kind === 'person') return as;
  throw as ? failed(refusal('personErases')) : mayNot(deed('erase'), WHO);
}

/** Says what `erase` would do now. Changes nothing. */
export async function previewErasure(
  app: App,
  ask: Asking,
  request: PartsRequest | PersonRequest,
): Promise<ErasureView> {
  demandEraser(ask);
  return viewOf(request, await anew(() => settledPlan(app, ask, request)));
}

/** Works an erasure out once every version it concerns has its place in the log: the entries about it name these places. */
async function settledPlan(
  app: App,
  ask: Asking,
  request: PartsRequest | PersonRequest,
): Promise<ErasurePlan> {
  await app.sequencer.settle(ask.actor.organisation);
  const plan = await planErasure(app, ask, request);
  const waiting = plan.parts.find((p) => p.index === null);
  if (waiting) throw changedBeside(waiting.ref);
  return plan;
}

/**
 * Erases values and salts for good, in one transaction with the log entries that name version and group, the record of the act, and for a
 * whole person the placeholder version of their record and the end of their account: all or nothing. Every proof of what is left goes on
 * holding. Done again, it says that nothing is left. Throws NOT_ALLOWED, OWN_WORK, REQUIREMENTS_MISSING (password, reason), NOT_FOUND,
 * WRONG_STATE (a present version), INVALID.
 */
export async function erase(app: App, ask: Asking, request: ErasureRequest): Promise<Erased> {
  const as = demandEraser(ask);
  demandReason(request);
  await demandPerson(ask, 'erasing');
  return anew(async () => {
    const plan = await settledPlan(app, ask, request);
    if (mentionsOf(plan.known)?.(request.reason))
      throw new Failure(
        'INVALID',
        'reason: names the person or their address, and is kept; say it without, for example "asked for by the person".',
        [{ path: '/reason', message: 'must not hold personal data' }],
      );
    const view = viewOf(request, plan);
    if (view.nothing) return (await carryOut(app, ask, { records: [] }, () => view)).kept;
    const erased = await eraseAll(app, ask, as, request, plan, view);
    // Best effort: the next cleaning of the database does the same later.
    app.db.freeErased().catch((e: Error) => app.log(`erasure: the room is not freed yet: ${e.message}`));
    return erased;
  }, noLongerSo);
}

function demandReason(request: ErasureRequest): void {
  if (!request.reason.trim())
    throw new Failure('REQUIREMENTS_MISSING', 'An erasure needs a reason, without personal data.', [
      { path: '/reason', message: 'a reason is needed' },
    ]);
}

/** One transaction. Returns what was done, with the number of the record that tells of it. */
async function eraseAll(
  app: App,
  ask: Asking,
  as: string,
  request: ErasureRequest,
  plan: ErasurePlan,
  view: ErasureView,
): Promise<Erased> {
  const at = app.clock.now();
  const actor = { ref: ask.actor.ref, as };
  const register = app.registry.of(registers.logChange);
  const told: Given<Registers['logChange']> = {
    kind: 'erasure',
    subject: request.ref,
    basis: request.basis,
    reason: request.reason,
    detail: detailOf(plan),
  };
  const { planned, change } = plan;
  const act = change?.transition ? 'transition' : 'edit';
  const others = planned
    ? [{ ...planned.intent, act, transition: change?.transition, actor } satisfies Intended]
    : [];
  const record: Intended = {
    register,
    contents: contentsFrom(register, told, 'engine'),
    state: register.states[0]!,
    act: 'create',
    actor,
  };
  const done = await carryOut(
    app,
    ask,
    {
      records: [record, ...others],
      cascade: planned?.cascade,
      judges: planned?.judges,
      at,
      also: [
        FORGET_FINDINGS,
        FORGET_STANDING,
        // An account may be all that is left: that is in no entry, and the record of the act says it.
        ...(plan.parts.length > 0 ? [eraseStatement(plan.parts, notesOf(plan, at, request.basis))] : []),
        ...(request.kind === 'person'
          ? app.identity.eraseAccount({ personRef: request.ref, emails: plan.known.emails })
          : []),
      ],
    },
    ([made]) => ({ ...view, record: made!.ref }),
  );
  return done.kept;
}

function viewOf(request: PartsRequest | PersonRequest, plan: ErasurePlan): ErasureView {
  const nothing = isNothing(plan);
  const { before, change } = plan;
  return {
    kind: request.kind,
    ref: request.ref,
    nothing,
    parts: plan.parts.length,
    versions: byVersion(plan).slice(0, LISTED),
    ...(request.kind === 'person'
      ? {
          person: {
            version: change ? before.version + 1 : null,
            state: change?.state ?? before.state,
            account: plan.account,
            invitations: plan.invitations,
          },
        }
      : {}),
    mentions: plan.mentions.slice(0, LISTED),
    mentioned: plan.mentions.length,
    stays: [...plan.stays, KEPT_ELSEWHERE],
    entries: nothing ? 0 : notesOf(plan, new Date(before.updatedAt), 'other.law').length,
  };
}
