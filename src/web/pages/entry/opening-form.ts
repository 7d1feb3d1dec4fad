import { useState } from 'react';
import { ApiError, fieldOfPath } from '../../api/client.ts';
import { queryClient } from '../../api/queries.ts';

/** State of a small form that opens a session: what was typed, what is wrong, whether it is under way. */
export function useEntering<T extends Record<string, string>>(empty: T) {
  const [values, setValues] = useState(empty);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const put = (name: keyof T) => (value: string) => setValues((was) => ({ ...was, [name]: value }));
  const problem = (name: keyof T & string): string | undefined =>
    error instanceof ApiError ? error.problems.find((p) => fieldOfPath(p.path) === name)?.message : undefined;
  const hidden =
    error instanceof ApiError
      ? error.problems.filter((p) => fieldOfPath(p.path) in empty).map((p) => p.path)
      : [];

  const enter = async (request: (values: T) => Promise<unknown>, then: () => void) => {
    setBusy(true);
    setError(undefined);
    try {
      await request(values);
      // Whoever was here before must not leave answers behind.
      queryClient.clear();
      then();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return { values, setValues, put, problem, error, hidden, busy, enter };
}
