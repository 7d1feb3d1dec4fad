import { Failure } from '../../base/failure.ts';
import type { Statement } from './database.ts';

/** Uses the first run up, in the transaction that makes the first member; it fails for whoever comes second. */
export function finishFirstRun(at: Date): Statement {
  return { text: 'select finish_first_run($1)', values: [at] };
}

export const firstRunOver = () =>
  new Failure('ALREADY_EXISTS', 'The first account exists already; sign in, or ask for an invitation.');

/** The Failure for what the two steps of a first run raise (migration 0014), or undefined for any other error. */
export function firstRunFailure(error: unknown): Failure | undefined {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'AI030') return firstRunOver();
  if (code === 'AI031')
    return new Failure(
      'CONFLICT',
      `The first run was begun for the organisation ${message} and is not finished; give that name to finish it.`,
      [{ path: '/organisation', message: `expected ${message}, which was begun` }],
    );
  return undefined;
}
