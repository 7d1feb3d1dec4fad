import type { FieldOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { monitor } from './monitor.ts';
import type { objective } from './objective.ts';

/** Fields that both registers with readings have. */
type Kept = FieldOf<typeof monitor> & FieldOf<typeof objective>;

/** What the version of a batch says was done. */
export const APPENDED = 'readings' satisfies Kept;
export const LATEST = 'latest' satisfies Kept;
export const LATEST_ON = 'latestOn' satisfies Kept;

/** Does a record of this register take readings? It has the fields that keep them. */
export const takesReadings = (r: Register): boolean =>
  [APPENDED, LATEST, LATEST_ON].every((n) => r.fields[n]?.engine === true) &&
  r.fields[APPENDED]?.kind === 'table';
