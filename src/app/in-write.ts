import { Failure } from '../base/failure.ts';
import type { Register } from '../register/register.ts';
import type { Along, Guarded } from './guards.ts';

/** A check that makes a new record rest on others: asked in its write, and before where many are checked, so that each line is told its faults. */
export async function inWrite<R extends Register>(
  g: Guarded<R>,
  check: (g: Guarded<R>) => Promise<void>,
): Promise<Along> {
  if (!g.single) await check(g);
  return { judges: [(within) => check({ ...g, app: { ...g.app, db: within(g.app.db) } })] };
}

/** Tried again by those who plan anew. */
export const changedBeside = (what: string): Failure =>
  new Failure(
    'VERSION_MISMATCH',
    `${what}: another record that this rests on was changed at this moment; read it again, then repeat what you did.`,
  );
