import { aloneCounts } from '../authority/alone.ts';
import type { Rec } from '../register/rec.ts';
import type { GatePolicy } from './policy.ts';
import type { Requirement, SystemFacts } from './requirement.ts';

// What all points that a class asks for are made of.

/** One system's facts, and the policy of its class. */
export interface Known {
  f: SystemFacts;
  policy: GatePolicy;
  today: string;
}

/** A point; `done` says that it is recorded, never that a clause is met. */
export const item = (
  id: string,
  title: string,
  asks: string,
  status: Requirement['status'],
  text: string,
  more: Partial<Pick<Requirement, 'records' | 'next'>> = {},
): Requirement => ({ id, title, asks, status, text, records: [], ...more });

/** A record that hangs on the system. */
export type Fact = SystemFacts['about'][number];

/** Records of one register, in these states. */
export const of = (d: Known, register: keyof SystemFacts['registers'], states?: readonly string[]): Fact[] =>
  d.f.about.filter((r) => r.register === d.f.registers[register] && (!states || states.includes(r.state)));

/** A decision that led to its state still counts: nothing has changed since. What was decided alone counts where the gate lets it. */
export const stands = ({ f }: Known, r: Fact): boolean =>
  r.standing === 'current' ||
  (r.standing === 'alone' &&
    aloneCounts({
      onePerson: f.onePerson,
      mode: f.criteria?.values.mode,
      classes: [f.system.values.riskClass],
    }));

/** Their numbers. */
export const refs = (rs: readonly Rec[]): string[] => rs.map((r) => r.ref);
