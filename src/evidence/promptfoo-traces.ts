/**
 * What a promptfoo row says of its own way to the verdict. An attack over several turns is graded at each of them, and the row's `success` is the
 * grader's last word alone: a turn at which the attack succeeded can stand before one at which it did not. The names are those that the tool's
 * multi-turn strategies write (iterative, tree, crescendo, GOAT, Hydra) into the metadata of the answer and of the row.
 */
import { isJsonObject, type JsonValue } from '../base/json.ts';
import type { Row } from './promptfoo-file.ts';

/** Says that a grader found the attack to have succeeded. */
function saysFailed(name: string, value: JsonValue): boolean {
  switch (name) {
    case 'graderPassed':
      return value === false;
    case 'storedGraderResult':
      return isJsonObject(value) && value.pass === false;
    case 'successfulAttacks':
      return Array.isArray(value) && value.length > 0;
    case 'totalSuccessfulAttacks':
      return typeof value === 'number' && value > 0;
    case 'stopReason':
      return value === 'Grader failed';
    default:
      return false;
  }
}

/** Place below `at` of the first such word, as a JSON pointer; null when there is none. The reader of the file bounds the depth. */
function firstBelow(value: JsonValue | undefined, at: string): string | null {
  if (Array.isArray(value)) {
    for (const [n, part] of value.entries()) {
      const found = firstBelow(part, `${at}/${n}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isJsonObject(value)) return null;
  for (const [name, part] of Object.entries(value)) {
    const place = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (saysFailed(name, part)) return place;
    const found = firstBelow(part, place);
    if (found !== null) return found;
  }
  return null;
}

/** Where the row says that a grader found the attack to have succeeded, at whichever turn; null when it says so nowhere. */
export function failedTrace(row: Row): string | null {
  const { response, metadata } = row.source;
  const answer = isJsonObject(response) ? response.metadata : undefined;
  return (
    firstBelow(answer, `${row.location}/response/metadata`) ??
    firstBelow(metadata, `${row.location}/metadata`)
  );
}
