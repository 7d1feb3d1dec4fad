import { Failure } from '../base/failure.ts';
import type { Register, Transition } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { admittedAs, type Who, whoText } from '../register/who.ts';
import type { StoredWithRelations } from '../store/records.ts';
import type { App, Asking } from './context.ts';
import {
  agreedSoFar,
  decisionContents,
  type MadeDecision,
  presentBinding,
  refuseSecondDecision,
} from './decisions.ts';

/** A decision about to be taken: on what, in which capacity, by which transition, with which words. */
export interface Deciding {
  before: StoredWithRelations;
  contents: Contents;
  as: Who;
  t: Transition;
  name: string;
  input: { reason?: string; until?: string };
  method: string;
}

/**
 * The decision that goes with a transition, the capacity it is taken in, and whether with it enough people have decided. Refuses whoever has decided
 * the same already, and whoever comes before those that are to decide first.
 */
export async function decide(
  app: App,
  ask: Asking,
  register: Register,
  d: Deciding,
): Promise<{ made: MadeDecision; as: Who; enough: boolean }> {
  const { t, before } = d;
  const facts = {
    kind: t.decision!,
    version: before.version + 1,
    reason: d.input.reason,
    until: d.input.until,
    method: d.method,
  };
  const { quorum, order } = demandsOn(t);
  if (quorum === 1) {
    const made = await decisionContents(app, ask, register, before, d.contents, { ...facts, role: d.as });
    // Where the step leads elsewhere, being able to take it shows that the earlier decision was undone.
    if (t.to === before.state) await refuseSecondDecision(app, ask.actor, made);
    return { made, as: d.as, enough: true };
  }
  const bound = await presentBinding(app, ask.actor.organisation, register, before.ref, d.contents);
  const subject = { subject: before.ref, digest: bound.digest, kind: t.decision! };
  const agreed = await agreedSoFar(app, ask.actor.organisation, subject);
  if (agreed.some((a) => a.by === ask.actor.ref))
    throw new Failure(
      'CONFLICT',
      `You already decided this; ${agreed.length} of ${quorum} people have. Somebody else decides next.`,
    );
  const next = order.find((w) => !agreed.some((a) => a.role === w));
  const as = next === undefined ? d.as : admittedAs(ask.actor, [next], before.relations);
  if (!as)
    throw new Failure(
      'NOT_ALLOWED',
      `First ${whoText([next!], register.whoLabels)} decides on ${before.ref}, then you.`,
    );
  const made = await decisionContents(app, ask, register, before, d.contents, { ...facts, role: as });
  const roles = [...agreed.map((a) => a.role), as];
  const enough = agreed.length + 1 >= quorum && order.every((w) => roles.includes(w));
  return { made, as, enough };
}

/** How many different people a decision needs, and in which order. */
const demandsOn = (t: Transition): { quorum: number; order: readonly Who[] } => ({
  quorum: Math.max(t.quorum ?? 1, t.order?.length ?? 1),
  order: t.order ?? [],
});
