import { Failure, type FailureCode, type Problem } from '../base/failure.ts';
import { JsonError, type JsonErrorCode } from '../base/json.ts';
import type { Sentence } from '../base/sentence.ts';

/** An error in a form that passes between threads, where classes are lost. */
export type Refusal =
  | { kind: 'failure'; code: FailureCode; said: Sentence | string; problems: Problem[] }
  | { kind: 'json'; code: JsonErrorCode; message: string; line: number; column: number; pointer: string }
  /** A fault of the reader: its name and place, nothing of the file. */
  | { kind: 'fault'; message: string };

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Failure) {
    const { code, message, said = message, problems } = error;
    return { kind: 'failure', code, said, problems };
  }
  if (error instanceof JsonError) {
    const { code, message, line, column, pointer } = error;
    return { kind: 'json', code, message, line, column, pointer };
  }
  const place =
    error instanceof Error ? `${error.name} ${error.stack?.split('\n')[1]?.trim() ?? ''}` : typeof error;
  return { kind: 'fault', message: place };
}

export function errorOf(refusal: Refusal): Error {
  if (refusal.kind === 'failure') return new Failure(refusal.code, refusal.said, refusal.problems);
  if (refusal.kind === 'json')
    return new JsonError(refusal.code, refusal.message, refusal.line, refusal.column, refusal.pointer);
  return new Error(`the reader of files failed: ${refusal.message}`);
}
