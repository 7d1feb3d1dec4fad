import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../shared/vectors/', import.meta.url));

/** Directory of published test vectors, for tests only; they are not part of the repository. */
export const vectors: string = root;

/** True when the published vectors are there; says so when they are not. */
export function haveVectors(): boolean {
  const found = existsSync(root);
  if (!found) console.log('skipped: no shared files');
  return found;
}
