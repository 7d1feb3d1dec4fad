import { Failure } from '../base/failure.ts';
import type { Register, Transition } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { admittedAs, type Who, whoText } from '../register/who.ts';
import type { StoredWithRelations } from '../store/records.ts';
import { deciding } from './access.ts';
import type { Admitted } from './admission.ts';
import { type Circumstances, modeFor, readCircumstances } from './circumstances.ts';
import type { App, Asking } from './context.ts';
import {
  type Agreed,
  agreedSoFar,
  decisionContents,
  type MadeDecision,
  presentBinding,
  refuseSecondDecision,
} from './decisions.ts';

/** A decision about to be taken: on what, in which capacity, by which transition, with which words. */
export interface Deciding {
  admitted: Admitted;
  contents: Contents;
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
  asked: Asking,
  register: Register,
  d: Deciding,
): Promise<{ made: MadeDecision; as: Who; enough: boolean }> {
  const { t, admitted } = d;
  const { as, onBehalfOf, manner, record: before } = admitted;
  const ask = { ...asked, ...(onBehalfOf ? { onBehalfOf } : {}), ...(manner ? { manner } : {}) };
  const facts = {
    kind: t.decision!,
    version: before.version + 1,
    reason: d.input.reason,
    until: d.input.until,
    method: d.method,
  };
  const one = async () => {
    const made = await decisionContents(app, ask, register, before, d.contents, { ...facts, role: as });
    // Where the step leads elsewhere, being able to take it shows that the earlier decision was undone.
    if (t.to === before.state) await refuseSecondDecision(app, ask.actor, made);
    return { made, as, enough: true };
  };
  if (!asksSeveral(t)) return one();
  const c = await readCircumstances(app, ask, register, before);
  const { quorum, order } = demandsOn(t, register, before, c);
  if (quorum === 1) return one();
  const bound = await presentBinding(app, ask.actor.organisation, register, before.ref, d.contents);
  const subject = { subject: before.ref, binding: bound, kind: t.decision!, since: c.workedVersion };
  const agreed = await agreedSoFar(app, ask.actor.organisation, subject);
  const mine = [ask.actor.ref, ...(onBehalfOf ? [onBehalfOf] : [])];
  if (agreed.some((a) => a.voices.some((v) => mine.includes(v))))
    throw new Failure(
      'CONFLICT',
      `${onBehalfOf ? 'You, or whoever delegated this to you,' : 'You'} already decided this; ${agreed.length} of ${quorum} people have. Somebody else decides next.`,
    );
  const next = nextInOrder(order, agreed);
  const capacity = next === undefined ? as : admittedAs(ask.actor, [next], deciding(before));
  if (!capacity)
    throw new Failure(
      'NOT_ALLOWED',
      `First ${whoText([next!], register.whoLabels)} decides on ${before.ref}, then you.`,
    );
  const made = await decisionContents(app, ask, register, before, d.contents, { ...facts, role: capacity });
  const roles = [...agreed.map((a) => a.role), capacity];
  const enough = agreed.length + 1 >= quorum && order.every((w) => roles.includes(w));
  return { made, as: capacity, enough };
}

/** Does the declaration ask for more than one person anywhere? */
export const asksSeveral = (t: Transition): boolean => Math.max(t.quorum ?? 1, t.order?.length ?? 1) > 1;

/** How many different people must decide on this record, and in which order: several only in a larger organisation. */
export function demandsOn(
  t: Transition,
  register: Register,
  record: StoredWithRelations,
  c: Circumstances,
): { quorum: number; order: readonly Who[] } {
  const where = t.severalWhere;
  const binds = modeFor(c, register, record) === 'larger' && (!where || matches(where, record, c));
  return binds
    ? { quorum: Math.max(t.quorum ?? 1, t.order?.length ?? 1), order: t.order ?? [] }
    : { quorum: 1, order: [] };
}

/** Whether one of the linked records has one of the values; what is not known counts as having it. */
function matches(
  where: NonNullable<Transition['severalWhere']>,
  record: StoredWithRelations,
  c: Circumstances,
): boolean {
  const linked = c.systems.filter((s) => (record.links[where.link] ?? []).includes(s.ref));
  return linked.some((s) => {
    const value = s.values[where.field];
    return value === undefined || value === null || where.values.includes(String(value));
  });
}

/** Whose turn it is, where the order says so. */
export const nextInOrder = (order: readonly Who[], agreed: readonly Agreed[]): Who | undefined =>
  order.find((w) => !agreed.some((a) => a.role === w));
