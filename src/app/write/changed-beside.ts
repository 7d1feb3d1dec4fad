import { Failure } from '../../base/failure.ts';

/** Tried again by those who plan anew. */
export const changedBeside = (what: string): Failure =>
  new Failure(
    'VERSION_MISMATCH',
    `${what}: another record that this rests on was changed at this moment; read it again, then repeat what you did.`,
  );
