import { PACK_LIMITS } from './format.ts';

/** What is verified, in the order it is told. */
export const STEPS = [
  'files',
  'checkpoint',
  'log',
  'histories',
  'versions',
  'completeness',
  'present',
  'attachments',
] as const;
export type Step = (typeof STEPS)[number];

/** Where in the pack something is wrong; what is known of it. */
export interface Place {
  /** Path in the ZIP. */
  file?: string;
  /** Line of it, from 1. */
  line?: number;
  /** Number of the log, when it is not the present one. */
  log?: number;
  /** Index of a log entry, from 0. */
  entry?: number;
  /** Reference of a record. */
  ref?: string;
  version?: number;
}

/** One thing that is wrong. */
export interface PackProblem extends Place {
  step: Step;
  message: string;
}

/**
 * Collects problems: the first hundred, and of each step at least the first ten, however many an earlier step had. All are counted.
 */
export class Problems {
  total = 0;
  readonly #list: PackProblem[] = [];
  readonly #counts = new Map<Step, number>();

  add(step: Step, place: Place, message: string): void {
    this.total += 1;
    const count = (this.#counts.get(step) ?? 0) + 1;
    this.#counts.set(step, count);
    if (count <= PACK_LIMITS.problems) this.#list.push({ step, ...place, message });
  }

  count(step: Step): number {
    return this.#counts.get(step) ?? 0;
  }

  /** At most a hundred, in the order of the steps. */
  list(): PackProblem[] {
    const byStep = STEPS.map((step) => this.#list.filter((p) => p.step === step));
    let room = PACK_LIMITS.problems - byStep.reduce((sum, list) => sum + Math.min(10, list.length), 0);
    return byStep.flatMap((list) => {
      const more = Math.max(0, Math.min(room, list.length - 10));
      room -= more;
      return list.slice(0, Math.min(10, list.length) + more);
    });
  }
}
