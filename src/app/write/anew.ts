import { Failure } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { codeOf } from '../../base/thrown.ts';

/** Times something is done on what is there by then before whoever asked is told that others were faster. */
export const ATTEMPTS = 10;

const no = failures('overtaken', {
  beside: [
    'VERSION_MISMATCH',
    '{what}: another record that this rests on was changed at this moment; read it again, then repeat what you did.',
  ],
  eachTime: [
    'CONFLICT',
    'Others changed what this rests on each of the {times} times that it was tried; nothing was stored. Try again in a moment.',
  ],
});

/** Something that this rests on was changed between reading and writing: planned anew by whoever plans within `anew`. */
export const changedBeside = (what: string): Failure => no('beside', { what });

/** What statements say by dividing by zero: what they were made for is no longer so. */
export const noLongerSo = (error: unknown): boolean => codeOf(error) === '22012';

const changed = (error: unknown): boolean => error instanceof Failure && error.code === 'VERSION_MISMATCH';

/**
 * Reads, plans and carries out; all of it again, on what is there by then, where that was changed meanwhile. The one loop for whatever is overtaken.
 * `overtaken` tells what else says so.
 */
export async function anew<T>(
  once: () => Promise<T>,
  overtaken: (error: unknown) => boolean = () => false,
): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++)
    try {
      return await once();
    } catch (error) {
      if (!changed(error) && !overtaken(error)) throw error;
    }
  throw no('eachTime', { times: ATTEMPTS });
}
