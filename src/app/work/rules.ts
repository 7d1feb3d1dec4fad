import { acknowledgements } from './acknowledgements.ts';
import { appointments } from './appointments.ts';
import { concerns } from './concerns.ts';
import { decisions, standing } from './decisions.ts';
import { due } from './due.ts';
import { delegations, keys } from './ending.ts';
import { gate } from './gate.ts';
import { emergencies, inUse } from './in-use.ts';
import { incidents } from './incidents.ts';
import { intervals } from './intervals.ts';
import { mentions } from './mentions.ts';
import { refused } from './refused.ts';
import { results } from './results.ts';
import { risks } from './risks.ts';
import type { WorkRule } from './rule.ts';

/** All rules of work there are. */
export const WORK_RULES: readonly WorkRule[] = [
  due,
  decisions,
  standing,
  acknowledgements,
  intervals,
  appointments,
  mentions,
  concerns,
  incidents,
  emergencies,
  inUse,
  gate,
  refused,
  risks,
  results,
  keys,
  delegations,
];
