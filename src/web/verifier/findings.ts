/** Where in a pack something stands; what is known of it. */
export interface Place {
  file?: string;
  /** Line of the file, from 1. */
  line?: number;
  /** Index of a log entry, from 0. */
  entry?: number;
  /** Number of the log, when it is not the present one. */
  log?: number;
  ref?: string;
  version?: number;
}

export interface Problem extends Place {
  message: string;
}

/** What does not hold, as a sentence for the reader of the verdict. */
export class Wrong extends Error {}

/** Ends the check at hand with a sentence unless the condition holds. */
export function need(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Wrong(message);
}

const LISTED = 100;
const SLICE_MS = 30;

/** Collects what is wrong and goes on; gives the page time to paint between slices of work. */
export class Findings {
  total = 0;
  readonly problems: Problem[] = [];
  readonly #told: (done: number) => void;
  #done = 0;
  #began = performance.now();

  /** `told` hears how many units of work are done. */
  constructor(told: (done: number) => void) {
    this.#told = told;
  }

  add(place: Place, message: string): void {
    this.total += 1;
    if (this.total <= LISTED) this.problems.push({ ...place, message });
  }

  /** Runs one check. A file may be hostile in any way: whatever is thrown becomes a problem at this place. */
  async attempt(place: Place, act: () => unknown): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.add(place, sentence(error));
      return false;
    }
  }

  /** Counts work done, and lets the page breathe when this slice has had its time. */
  async step(work = 1): Promise<void> {
    this.#done += work;
    if (performance.now() - this.#began < SLICE_MS) return;
    this.#told(this.#done);
    await new Promise((go) => setTimeout(go, 0));
    this.#began = performance.now();
  }
}

export function sentence(error: unknown): string {
  if (error instanceof Wrong) return error.message;
  return `it is not written as it must be (${error instanceof Error ? error.message : String(error)})`;
}

/** The place in words, for people. */
export function placeText({ file, line, entry, log, ref, version }: Place): string {
  const words = [
    ref && (version === undefined ? ref : `${ref} version ${version}`),
    entry !== undefined && `entry ${entry}${log === undefined ? '' : ` of log ${log}`}`,
    file && (line === undefined ? file : `${file} line ${line}`),
  ];
  return words.filter(Boolean).join(', ') || 'The pack';
}
