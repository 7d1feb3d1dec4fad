import { createHmac } from 'node:crypto';
import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';

/** The groups of a record's content, each under a commitment of its own so that each can be erased alone. */
export const GROUPS = ['values', 'people', 'text', 'links', 'actor', 'reason'] as const;
export type Group = (typeof GROUPS)[number];

/** Bytes of the random salt under each commitment. */
export const SALT_BYTES = 32;

/** Deepest nesting of a committed value. */
export const MAX_DEPTH = 64;

/** Most values inside one committed value; ends the walk over one that contains itself. */
const MAX_ITEMS = 1_000_000;

const CONTEXT = 'aims-commit/v1';

/**
 * Commitment to a value, 64 lower-case hex digits:
 *
 *     HMAC-SHA256(key = salt, message = "aims-commit/v1" LF label LF JCS(value)), as UTF-8
 *
 * where JCS is canonical JSON (RFC 8785). Who holds value and salt can show that this value was committed to;
 * once both are erased, nobody can find the value by trying candidates. That holds only when every commitment
 * has its own 32 random bytes as salt: never derive salts from one secret, never use one twice.
 *
 * Fails INVALID on a salt of another length, a label with a line break, and values JSON cannot hold faithfully:
 * NaN, lone surrogates, nesting deeper than 64, whole numbers beyond 2^53 - 1 (which readers round differently;
 * write those as strings).
 */
export function commit(label: string, value: unknown, salt: Uint8Array): string {
  if (salt.length !== SALT_BYTES) throw bad(`the salt of a commitment has 32 bytes, got ${salt.length}`);
  if (label === '' || label.includes('\n')) throw bad('the label of a commitment is one non-empty line');
  return createHmac('sha256', salt)
    .update(`${CONTEXT}\n${label}\n${faithfulJson(value)}`)
    .digest('hex');
}

/** Canonical JSON of a value every reader understands alike; fails INVALID for the rest. */
export function faithfulJson(value: unknown): string {
  const problem = unfaithful(value);
  if (problem !== undefined) throw bad(`this value cannot be committed to: ${problem}`);
  try {
    return canonicalJson(value);
  } catch (cause) {
    throw bad(
      `this value cannot be committed to: ${cause instanceof Error ? cause.message : 'it has no JSON form'}`,
    );
  }
}

/**
 * Why a value has no faithful JSON form, or undefined. Walks without recursion, so that hostile nesting ends in
 * an answer and not in a full stack.
 */
export function unfaithful(value: unknown, maxDepth: number = MAX_DEPTH): string | undefined {
  let row: unknown[] = [value];
  let seen = 0;
  for (let depth = 0; row.length > 0; depth++) {
    if (depth > maxDepth) return `it is nested deeper than ${maxDepth}`;
    seen += row.length;
    if (seen > MAX_ITEMS) return `it holds more than ${MAX_ITEMS} values`;
    const next: unknown[] = [];
    for (const item of row) {
      if (typeof item === 'number' && Number.isInteger(item) && !Number.isSafeInteger(item)) {
        return 'it holds a whole number beyond 2^53 - 1; write it as a string';
      }
      if (typeof item === 'bigint') return 'it holds a big integer; write it as a string';
      if (typeof item === 'object' && item !== null)
        for (const inner of Object.values(item)) next.push(inner);
    }
    row = next;
  }
  return undefined;
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
