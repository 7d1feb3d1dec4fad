import { Failure } from '../../base/failure.ts';

/** Plans and carries out; both again, on what is there by then, when something that it rests on was changed meanwhile: so often at most. */
export async function anew<T>(attempts: number, once: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await once();
    } catch (error) {
      const changed = error instanceof Failure && error.code === 'VERSION_MISMATCH';
      if (!changed || attempt === attempts) throw error;
    }
}
