import type { Admitted } from '../../authority/take.ts';
import type { Register, Transition } from '../../register/register.ts';
import type { Contents } from '../../register/values.ts';
import type { StoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { decisionContents, type MadeDecision } from './decisions.ts';

/** A decision about to be taken: on what, in which capacity, by which transition, with which words. */
export interface Deciding {
  admitted: Admitted<StoredWithRelations>;
  contents: Contents;
  t: Transition;
  input: { reason?: string; until?: string };
  method: string;
}

/** The decision that goes with a transition, and whether with it enough people have decided. */
export async function decide(
  app: App,
  asked: Asking,
  register: Register,
  { admitted, contents, t, input, method }: Deciding,
): Promise<{ made: MadeDecision; enough: boolean }> {
  const { as, onBehalfOf, manner, record, several } = admitted;
  const ask = { ...asked, ...(onBehalfOf ? { onBehalfOf } : {}), ...(manner ? { manner } : {}) };
  const made = await decisionContents(app, ask, register, record, contents, {
    kind: t.decision!,
    version: record.version + 1,
    role: as,
    reason: input.reason,
    until: input.until,
    method,
  });
  if (!several) return { made, enough: true };
  const roles = [...several.agreed.map((a) => a.role), as];
  const enough = several.agreed.length + 1 >= several.needed && several.order.every((w) => roles.includes(w));
  return { made, enough };
}
