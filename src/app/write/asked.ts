import { requiredFor } from '../../register/conditions.ts';
import type { Guarded } from './rule.ts';

/**
 * Whether the first of these fields and links is held against what is asked of it: when it or one of the others changes, and by steps that require it.
 * What was stored once stands in the way of nothing but the steps that rest on it.
 */
export function isAsked(g: Guarded, names: readonly string[]): boolean {
  const { before, contents, register, transition } = g;
  if (!before) return true;
  const t = transition === undefined ? undefined : register.transitions[transition];
  if (t && requiredFor(t).includes(names[0]!)) return true;
  return names.some((n) =>
    register.links[n]
      ? (contents.links[n] ?? []).some((ref) => !before.links[n]?.includes(ref))
      : before.values[n] !== contents.values[n],
  );
}
