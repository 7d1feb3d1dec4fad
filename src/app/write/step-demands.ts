import { isFilled, isProposed } from '../../authority/own-right.ts';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { labelled } from '../../register/describe.ts';
import type { Register, Transition } from '../../register/register.ts';
import { deedSaid } from '../../register/said.ts';
import { type Contents, demandedIn } from '../../register/values.ts';

/** What a step asks for must be filled in. */
export function demandRequired(
  register: Register,
  name: string,
  t: Transition,
  ref: string,
  contents: Contents,
  missing: readonly string[],
): void {
  if (missing.length === 0) return;
  const labels = missing.map((n) => register.fields[n]?.label ?? register.links[n]?.label ?? n);
  const proposed = (n: string) => isProposed(register, contents, n);
  throw new Failure(
    'REQUIREMENTS_MISSING',
    `To ${deedSaid(name, t, ref).text}, first fill in ${labelled(labels)}${missing.some(proposed) ? ', in words of your own: what is there was proposed' : ''}.`,
    missing.map((n) => ({
      path: `/values/${n}`,
      message: proposed(n) ? 'is still the text that was proposed' : 'is needed for this step',
    })),
  );
}

/** A reason and an end, where the step wants them. */
export function demandReasonAndEnd(
  clock: Clock,
  t: Transition,
  name: string,
  ref: string,
  input: { reason?: string; until?: string },
): void {
  const problems = [];
  if (t.reason && !input.reason?.trim()) problems.push({ path: '/reason', message: 'a reason is needed' });
  if (t.until) {
    const today = clock.now().toISOString().slice(0, 10);
    if (!input.until) problems.push({ path: '/until', message: 'an end date is needed, such as 2027-03-31' });
    else if (input.until <= today)
      problems.push({ path: '/until', message: `must be after today, ${today}` });
  }
  if (problems.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `To ${deedSaid(name, t, ref).text}: ${problems.map((p) => p.message).join('; ')}.`,
      problems,
    );
}

/** What a state says of its records stays true while they are in it. */
export function demandKept(register: Register, before: Contents, after: Contents, state: string): void {
  const lost = [...(demandedIn(register, after.values).get(state) ?? [])].filter(
    (n) => isFilled(before, n) && !isFilled(after, n),
  );
  if (lost.length === 0) return;
  const labels = lost.map((n) => register.fields[n]?.label ?? register.links[n]?.label ?? n);
  throw new Failure(
    'REQUIREMENTS_MISSING',
    `${register.label.one}: ${labelled(labels)} cannot be emptied while it is ${state}; change it, or take the record back first.`,
    lost.map((n) => ({ path: `/${n}`, message: `is needed while the record is ${state}` })),
  );
}
