import type { May } from '../../answers/record.ts';
import { isRefusal, missingFor } from '../../authority/own-right.ts';
import { severalOn } from '../../authority/several.ts';
import { dependsOn, editDependsOn, mayEdit, mayTake, type TakeFacts } from '../../authority/take.ts';
import { keyOf } from '../../base/sentence.ts';
import { inSentence, transitionLabel } from '../../register/describe.ts';
import { fixedIn } from '../../register/fixed.ts';
import { asList, type Register, type Transition } from '../../register/register.ts';
import type { StoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { refusedBefore } from '../write/rules.ts';

/** Does what somebody may do with the record depend on more than its declaration and their roles? */
export const dependsOnCircumstances = (
  { actor }: Asking,
  register: Register,
  record: StoredWithRelations,
): boolean =>
  editDependsOn(actor, register, record) ||
  stepsFrom(register, record).some(([name, t]) => dependsOn(actor, register, record, name, t).circumstances);

/** What whoever asks may do with the record now, and if not, why; `circumstances` are given where that depends on them. */
export function mayOf(
  { actor }: Asking,
  register: Register,
  record: StoredWithRelations,
  facts: TakeFacts,
): May {
  const edit = mayEdit(actor, register, record, facts.circumstances);
  return {
    edit: !isRefusal(edit),
    ...(isRefusal(edit) ? { why: edit.said.text, refusal: keyOf(edit.said) } : {}),
    fixed: fixedIn(register, record.state),
    transitions: stepsFrom(register, record).map(([name, t]) => {
      const a = mayTake(actor, register, name, record, facts);
      const { manner, onBehalfOf } = isRefusal(a) ? {} : a;
      const label = transitionLabel(name, t.label);
      const several = severalNow(register, t, record, facts);
      return {
        name,
        // What is decided alone is never called an approval.
        label: !manner
          ? label
          : t.decision === 'approve'
            ? 'Decide alone'
            : `Decide alone: ${inSentence(label)}`,
        to: t.to,
        allowed: !isRefusal(a),
        ...(isRefusal(a) ? { why: a.said.text, refusal: keyOf(a.said) } : {}),
        missing: missingFor(register, t, record),
        ...(onBehalfOf ? { onBehalfOf } : {}),
        ...(manner ? { manner } : {}),
        ...(several ? { several } : {}),
      };
    }),
  };
}

/** The same, without the steps that rules would refuse on the record as it is. What a step still asks for is given first. */
export async function withRules(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
  may: May,
): Promise<May> {
  const besides = { known: new Map(), facts: new Map() };
  const transitions = may.transitions.map(async (offer) => {
    const { finds = [] } = register.transitions[offer.name]!;
    if (!offer.allowed || offer.missing.some((n) => !finds.includes(n))) return offer;
    const out = await refusedBefore(app, ask, register, record, offer.name, besides);
    if (!out) return offer;
    return { ...offer, allowed: false, why: out.message, ...(out.said ? { refusal: keyOf(out.said) } : {}) };
  });
  return { ...may, transitions: await Promise.all(transitions) };
}

const stepsFrom = (register: Register, record: StoredWithRelations) =>
  Object.entries(register.transitions).filter(
    ([, t]) => asList(t.from).includes(record.state) && !asList(t.by).every((w) => w === 'engine'),
  );

function severalNow(register: Register, t: Transition, record: StoredWithRelations, f: TakeFacts) {
  if (!f.circumstances || !f.decided) return undefined;
  const today = f.now.toISOString().slice(0, 10);
  const s = severalOn(t, register, record, f.circumstances, f.decided, today);
  return (
    s && { needed: s.needed, decided: s.agreed.map(({ by, role }) => ({ by, role })), next: s.next.text }
  );
}
