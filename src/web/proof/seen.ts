import type { Checkpoint } from './note.ts';
import type { Seen } from './verify.ts';

// Kept per key, so that a log under a new key does not look like a rewritten one.
const keyOf = (vkey: string): string => `openaims.seen.${vkey.trim()}`;

/** The checkpoint of this key that this browser verified last. Storage may be forbidden: then there is none. */
export function seenBefore(vkey: string): Seen | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(vkey)) ?? 'null') as Partial<Seen> | null;
    return typeof kept?.size === 'number' && typeof kept.root === 'string'
      ? { size: kept.size, root: kept.root }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a verified checkpoint for the next visit. */
export function keepSeen(vkey: string, checkpoint: Checkpoint): void {
  try {
    localStorage.setItem(keyOf(vkey), JSON.stringify({ size: checkpoint.size, root: checkpoint.rootText }));
  } catch {
    // Nothing to keep it in.
  }
}
