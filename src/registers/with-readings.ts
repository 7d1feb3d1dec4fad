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

/** Whether its newest reading is on the right side: `yes`, `no`, or undefined where there is no reading or no limit. */
export const onRightSide = ({ derived }: { readonly derived: object }): unknown =>
  Object.entries(derived).find(([name]) => RIGHT_SIDE.includes(name))?.[1];

const RIGHT_SIDE: readonly string[] = ['withinLimit', 'onTarget'] satisfies (
  | keyof (typeof monitor)['derived']
  | keyof (typeof objective)['derived']
)[];
