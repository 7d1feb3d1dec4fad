import { inSentence, transitionLabel } from '../register/describe.ts';
import { fixedIn } from '../register/fixed.ts';
import { asList, type Register } from '../register/register.ts';
import { whoText } from '../register/who.ts';
import type { Stored, StoredWithRelations } from '../store/records.ts';
import { mayEdit, mayTransit, missingFor } from './access.ts';
import { admitEditWith, admitWith, ofOwnRight } from './admission.ts';
import type { Circumstances } from './circumstances.ts';
import type { Asking } from './context.ts';
import { asksSeveral, demandsOn, nextInOrder } from './deciding.ts';
import { agreedAmong, type Binding } from './decisions.ts';

/** What whoever asks may do with a record, and why not the rest. */
export interface May {
  edit: boolean;
  why?: string;
  /** Fields and links that are settled in this state: nobody edits them, not even who may edit the rest. */
  fixed: string[];
  transitions: {
    name: string;
    label: string;
    to: string;
    allowed: boolean;
    why?: string;
    missing: string[];
    /** Let in by a part that this person lent. */
    onBehalfOf?: string;
    /** It would be decided alone, which is no approval. */
    manner?: 'alone';
    /** Where several decide: how many there must be, who has, and whose turn it is. */
    several?: { needed: number; decided: { by: string; role: string }[]; next: string };
  }[];
}

/** Does what somebody may do with the record depend on more than its declaration and their roles? */
export function dependsOnCircumstances(
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
): boolean {
  const plain = mayOf(ask, register, record);
  const several = stepsFrom(register, record).some(([, t]) => asksSeveral(t));
  const denied = ask.actor.kind === 'person' && (!plain.edit || plain.transitions.some((t) => !t.allowed));
  return several || denied;
}

/** What whoever asks may do with the record now; `c` is given where it depends on the circumstances. */
export function mayNow(
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
  decisions: readonly Stored[],
  present: Binding,
  now: Date,
  c: Circumstances | undefined,
): May {
  if (!c) return mayOf(ask, register, record);
  const today = now.toISOString().slice(0, 10);
  const may = mayOf(ask, register, record, { c, now });
  return {
    ...may,
    transitions: may.transitions.map((m) => {
      const t = register.transitions[m.name]!;
      const { quorum, order } = asksSeveral(t) ? demandsOn(t, register, record, c) : { quorum: 1, order: [] };
      if (quorum === 1) return m;
      const agreed = agreedAmong(decisions, {
        binding: present,
        kind: t.decision!,
        since: c.workedVersion,
        today,
      });
      const turn = nextInOrder(order, agreed);
      const mine = agreed.some((a) => a.voices.includes(ask.actor.ref));
      const who = whoText(turn ? [turn] : asList(t.by), register.whoLabels);
      const others = agreed.length > 0 && !turn ? `somebody else: ${who}` : who;
      return {
        ...m,
        several: { needed: quorum, decided: agreed.map(({ by, role }) => ({ by, role })), next: others },
        ...(mine && m.allowed
          ? {
              allowed: false,
              why: `You have decided; ${agreed.length} of ${quorum} people have. Next: ${others}.`,
            }
          : {}),
      };
    }),
  };
}

const stepsFrom = (register: Register, record: StoredWithRelations) =>
  Object.entries(register.transitions).filter(
    ([, t]) => asList(t.from).includes(record.state) && !asList(t.by).every((w) => w === 'engine'),
  );

/** What whoever asks may do with the record, and if not, why; by their own right alone where no circumstances are given. */
export function mayOf(
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
  known?: { c: Circumstances; now: Date },
): May {
  const edit = known
    ? admitEditWith(ask.actor, register, record, known.c)
    : mayEdit(ask.actor, register, record);
  const transitions = stepsFrom(register, record).map(([name, t]) => {
    const a = known
      ? admitWith(ask.actor, register, record, name, t, known.c, known.now)
      : ofOwnRight(mayTransit(ask.actor, register, record, name, t), record);
    const { manner, onBehalfOf } = 'as' in a ? a : {};
    const label = transitionLabel(name, t.label);
    return {
      name,
      // What is decided alone is never called an approval.
      label: manner
        ? t.decision === 'approve'
          ? 'Decide alone'
          : `Decide alone: ${inSentence(label)}`
        : label,
      to: t.to,
      allowed: 'as' in a,
      ...('why' in a ? { why: a.why } : {}),
      missing: missingFor(t, record),
      ...(onBehalfOf ? { onBehalfOf } : {}),
      ...(manner ? { manner } : {}),
    };
  });
  return {
    edit: 'as' in edit,
    ...('why' in edit ? { why: edit.why } : {}),
    fixed: fixedIn(register, record.state),
    transitions,
  };
}
