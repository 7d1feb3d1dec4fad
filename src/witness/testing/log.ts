import { formatAddCheckpoint, type Signer, signCheckpoint } from '../../ledger/index.ts';
import { naiveProof, naiveRoot, someLeaves } from '../../ledger/testing/reference-tree.ts';
import { keyPair, LOG_KEY, ORIGIN } from '../../ledger/testing/sample-log.ts';

/** A log that can say anything: true growth, forks, other keys. For tests only. */

export const LEAVES = someLeaves(2000);
export const FORK = LEAVES.map((leaf, i) => (i === 3 ? Buffer.alloc(32, 0xee) : leaf));
export { keyPair, LOG_KEY, ORIGIN };

export function noteOf(
  size: number,
  o: { leaves?: Buffer[]; signer?: Signer; origin?: string } = {},
): string {
  const root = naiveRoot((o.leaves ?? LEAVES).slice(0, size));
  return signCheckpoint({ origin: o.origin ?? ORIGIN, size, root }, [o.signer ?? LOG_KEY.signer]);
}

/** Body of a request from `old` to `size`. */
export function bodyOf(old: number, size: number, o: Parameters<typeof noteOf>[1] = {}): string {
  const proof = old === 0 || old > size ? [] : naiveProof(old, (o.leaves ?? LEAVES).slice(0, size));
  return formatAddCheckpoint({ old, proof, note: noteOf(size, o) });
}
