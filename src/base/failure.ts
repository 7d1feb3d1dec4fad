import type { Params, Sentence } from './sentence.ts';

/**
 * The one catalogue of things that go wrong. A broken request is thrown as a Failure; a verdict
 * (a gate that refuses, a clause that is not met) is returned, never thrown.
 */

/** Closed list of codes with the HTTP status each one is answered with. */
export const FAILURES = {
  BAD_INPUT: 400,
  BAD_JSON: 400,
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  OWN_WORK: 403,
  NOT_FOUND: 404,
  NO_SUCH_TRANSITION: 409,
  WRONG_STATE: 409,
  CONFLICT: 409,
  ALREADY_EXISTS: 409,
  REQUIREMENTS_MISSING: 409,
  IDEMPOTENCY_MISMATCH: 409,
  VERSION_MISMATCH: 412,
  TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  WRONG_HOST: 421,
  INVALID: 422,
  EVIDENCE_REFUSED: 422,
  TOO_MANY: 429,
  DAMAGED: 500,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  CLOCK_BEHIND: 503,
  STORAGE_FULL: 507,
} as const satisfies Record<string, number>;

export type FailureCode = keyof typeof FAILURES;

/**
 * One thing wrong with one place of the input. `path` is a JSON pointer, a column or `line N`; `message` is the sentence, and `id` and `params` are
 * what it was made from.
 */
export interface Problem {
  path: string;
  message: string;
  id?: string;
  params?: Params;
}

export const problem = (path: string, said: Sentence): Problem => ({
  path,
  message: said.text,
  id: said.message,
  params: said.params,
});

/** What a problem says, as a part of another sentence, which has a full stop of its own. */
export function problemSaid({ message, id, params = {} }: Problem): string | Sentence {
  const text = message.replace(/\.$/, '');
  return id === undefined ? text : { message: id, params, text };
}

/** Why one of several is refused, told at its place: the sentence keeps its id. */
export const refusedAt = (path: string, { message, said }: Failure, text = message): Problem => ({
  path,
  message: text,
  ...(said ? { id: said.message, params: said.params } : {}),
});

/**
 * A request that cannot be carried out. The sentence names the record or place, says what was expected and got, and what to do next; it is shown to
 * the person, so it never carries a secret or a value of personal data. A sentence alone cannot be told in another language: `failures` gives it with
 * its id.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly problems: Problem[];
  /** The id and parameters of the sentence. */
  readonly said: Sentence | undefined;
  /** The rule that refused, where one did. */
  rule?: string;

  constructor(code: FailureCode, said: Sentence | string, problems: readonly Problem[] = []) {
    super(typeof said === 'string' ? said : said.text);
    this.name = 'Failure';
    this.code = code;
    this.said = typeof said === 'string' ? undefined : said;
    this.problems = [...problems];
  }

  /** HTTP status of this code. */
  get status(): number {
    return FAILURES[this.code];
  }
}

/** What is wrong with a record, to stand behind its number: rules say the number too, and it is read once. */
export const withoutRef = (ref: string, message: string): string =>
  message.startsWith(`${ref}: `) ? message.slice(ref.length + 2) : message;
