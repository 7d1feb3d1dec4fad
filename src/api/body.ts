import type * as z from 'zod';
import { Failure } from '../base/failure.ts';

/** Checks a small body; every fault is named with its place. */
export function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {}, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.map((i) => ({
    path: `/${i.code === 'unrecognized_keys' ? i.keys[0] : i.path.join('/')}`,
    message: messageOf(i),
  }));
  throw new Failure(
    'INVALID',
    `${problems[0]!.path.slice(1) || 'the body'}: ${problems[0]!.message}.`,
    problems,
  );
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'is not known here';
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is needed';
  return issue.message;
}
