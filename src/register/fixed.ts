import { Failure, problem } from '../base/failure.ts';
import { failures } from '../base/refusals.ts';
import { catalogue } from '../base/sentence.ts';
import { requiredFor } from './conditions.ts';
import { labelled } from './describe.ts';
import type { Register } from './register.ts';
import { type Contents, changedNames } from './values.ts';

const no = failures('growing', {
  taken: ['WRONG_STATE', '{ref} is {state}: {kept} stay with it, and more can be added. {next}'],
});

const wrong = catalogue('growing.wrong', { taken: '{ref} stays while the record is {state}' });

/** Fields and links that are settled while a record is in this state. */
export const fixedIn = (register: Register, state: string): string[] =>
  Object.entries(register.fixed)
    .filter(([, states]) => states.includes(state))
    .map(([name]) => name);

/**
 * What a state of a record rests on is not edited while it is in it; only a step that asks for it says it anew, or one that takes it back
 * to where it is open. Asked where changes are built, so that
 * no door leads around it, and by those that check many rows first.
 */
export function demandUnfixed(
  register: Register,
  before: Contents & { ref: string; state: string },
  after: Contents,
  transition?: string,
): void {
  demandGrowing(register, before, after, transition);
  const step = register.transitions[transition ?? ''];
  const stays = fixedIn(register, step?.to ?? before.state);
  const fixed = fixedIn(register, before.state).filter(
    (n) => stays.includes(n) && !(step && requiredFor(step, after.values).includes(n)),
  );
  if (fixed.length === 0) return;
  const touched = changedNames(before, after).filter((n) => fixed.includes(n));
  if (touched.length === 0) return;
  const labels = touched.map((n) => register.fields[n]?.label ?? register.links[n]?.label ?? n);
  throw new Failure(
    'WRONG_STATE',
    `${before.ref} is ${before.state}: ${labelled(labels)} ${labels.length === 1 ? 'is' : 'are'} settled and no longer edited. ${wayBack(register, before.state, touched)}`,
    touched.map((n) => ({ path: `/${n}`, message: `is settled while the record is ${before.state}` })),
  );
}

/** Links that are only added to while a record is in this state lose nothing, by an edit or by a step that leads to another such state. */
function demandGrowing(
  register: Register,
  before: Contents & { ref: string; state: string },
  after: Contents,
  transition?: string,
): void {
  const to = register.transitions[transition ?? '']?.to ?? before.state;
  const lost = Object.entries(register.grows)
    .filter(([, states]) => states.includes(before.state) && states.includes(to))
    .flatMap(([name]) =>
      (before.links[name] ?? [])
        .filter((ref) => !after.links[name]?.includes(ref))
        .map((ref) => ({ name, ref })),
    );
  if (lost.length === 0) return;
  const names = [...new Set(lost.map((l) => l.name))];
  const { ref, state } = before;
  throw no(
    'taken',
    {
      ref,
      state,
      kept: lost.map((l) => l.ref),
      next: wayBack(register, state, names, register.grows),
    },
    lost.map((l) => problem(`/${l.name}`, wrong('taken', { ref: l.ref, state }))),
  );
}

/** Which step leads back to where these are open; where there is none, a new record says what is new. */
function wayBack(
  register: Register,
  state: string,
  names: readonly string[],
  settled = register.fixed,
): string {
  const back = Object.entries(register.transitions).find(
    ([, t]) =>
      [t.from].flat().includes(state) &&
      ![t.by].flat().includes('engine') &&
      !register.locked.includes(t.to) &&
      names.every((n) => !settled[n]!.includes(t.to)),
  );
  return back
    ? `To change ${names.length === 1 ? 'it' : 'them'}, take the record back first (${back[0]}).`
    : 'What was said stays; say what is new in another record, or in a comment.';
}
