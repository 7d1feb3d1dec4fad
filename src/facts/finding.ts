import type { Sentence } from '../base/sentence.ts';

/** What a rule says of its subject. `unknown` is never better than `notMet`: what nobody knows is not shown to hold. */
export type Status = 'met' | 'partlyMet' | 'notMet' | 'notApplicable' | 'unknown';

/** Why, as the id of a message with its parameters; and the records that it rests on. */
export interface Reason {
  readonly said: Sentence;
  readonly records?: readonly string[];
}

/** What to do about it: in words, and the step of the workflow, or the register of a new record, where it is one. */
export interface Next {
  readonly said: Sentence;
  /** Who does it: a reference, or a role. */
  readonly who?: string;
  readonly ref?: string;
  readonly create?: string;
  readonly action?: string;
}

/** Of how many records a rule over several of them speaks. An empty population never meets anything. */
export interface Population {
  readonly size: number;
  readonly good: number;
  readonly bad: number;
  readonly unknown: number;
  readonly excused: number;
}

/** What a rule found of one subject. All that people are told of what holds and what waits are findings. */
export interface Finding {
  readonly rule: string;
  /** Reference of the record that it is about. */
  readonly subject: string;
  readonly status: Status;
  readonly reasons: readonly Reason[];
  readonly population?: Population;
  readonly next?: Next;
  /** The next day on which time alone may change it. */
  readonly changesOn?: string;
}
