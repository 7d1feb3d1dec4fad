import type { Key } from '../base/sentence.ts';
import type { RiskClass } from './policy.ts';
import type { NextStep } from './result.ts';

/** One thing that a class asks of a system: a part of one of the gate's checks, or all of it. */
export interface Requirement {
  readonly id: string;
  /** The gate's check that it is a part of. */
  readonly check: string;
  readonly title: string;
  /** Id of the message that is the title. */
  readonly titleMessage: string;
  /** What the criteria ask of this class, in a sentence; where they ask for nothing, that. */
  readonly asks: string;
  readonly asksSaid: Key;
  /** `done`: this holds up no release now. */
  readonly status: 'done' | 'missing' | 'notAsked';
  /** What the gate says of it. */
  readonly text: string;
  /** The sentences in it. */
  readonly said: readonly Key[];
  readonly records: readonly string[];
  /** Where the next step is taken: on a record, or by making one. */
  readonly next?: NextStep;
}

/** What is asked of each release by itself, and so cannot be there before it is. */
export type OfEachRelease = Pick<Requirement, 'check' | 'title' | 'titleMessage' | 'asks' | 'asksSaid'>;

export interface Requirements {
  readonly system: string;
  readonly title: string;
  /** Null while it has none; then it is treated as high. */
  readonly riskClass: RiskClass | null;
  readonly criteria: string | null;
  readonly mode: string | null;
  readonly items: readonly Requirement[];
  readonly eachRelease: readonly OfEachRelease[];
}
