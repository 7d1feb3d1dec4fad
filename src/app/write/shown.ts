import { problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue, worded } from '../../base/sentence.ts';
import { namedAsSupport, supportOf, supportReads } from '../../facts/support.ts';
import type { Register } from '../../register/register.ts';
import { deedSaid, whoSaid } from '../../register/said.ts';
import { factsAround, type Guarded } from './rule.ts';

const no = failures('shown', {
  nothing: [
    'REQUIREMENTS_MISSING',
    'To {step}, something has to show it{there, plural, =0 {, and nothing does} other {. What is there does not: {found}}}. {next} It is added by {who}.',
  ],
});
const wrong = catalogue('shown.wrong', { nothing: 'nothing shows it' });

/** By which many records that wait for the same step are read at once, as they are. */
export const shownKey = (register: Register, step: string): string => `shown ${register.name}/${step}`;

/** What says that something was done is said of what something shows (`shown`). */
export async function demandShown(g: Guarded): Promise<void> {
  const { app, register, transition, before, contents } = g;
  const t = register.transitions[transition ?? ''];
  if (!before || !t?.shown) return;
  const { shown } = t;
  const reads = supportReads(app.registry, register, shown);
  const facts =
    (await g.besides.facts?.get(shownKey(register, transition!))) ??
    (await factsAround(g, reads, [before.ref, ...namedAsSupport(register, contents, shown)]));
  const { by, not } = supportOf(facts, app.registry, register, { ...before, ...contents }, shown);
  if (by.length > 0) return;
  const params = {
    step: deedSaid(transition!, t, before.ref),
    there: not.length,
    found: { join: 'comma', items: not },
    next: worded(`register.${register.name}.step.${transition}.shown`, shown.next),
    who: whoSaid(register.permissions.edit, register.whoLabels),
  } as const;
  throw no(
    'nothing',
    params,
    not.length > 0 ? not.map((s) => problem('/state', s)) : [problem('/state', wrong('nothing'))],
  );
}
