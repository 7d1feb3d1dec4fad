import { contentsAs, recOf, stepAs } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { Along, Guarded, Guards } from './guards.ts';

/** A rule about the records of one register, which sees them with the types of their declaration. */
export const about = <R extends Register>(
  register: R,
  rule: (g: Guarded<R>) => void | Promise<void> | Promise<Along>,
): Guards => ({
  [register.name]: (g) =>
    rule({
      ...g,
      register: g.app.registry.of(register),
      contents: contentsAs(register, g.register, g.contents),
      before: g.before && recOf(register, g.before),
      transition: g.transition === undefined ? undefined : stepAs(register, g.transition),
    }),
});
