import { Failure, type FailureCode, type Problem, problem } from './failure.ts';
import { areParams, declared, type Given, type Sentence } from './sentence.ts';

/** `at` is the place in the input that the sentence is about, where that is always the same. */
type Entries = Readonly<Record<string, readonly [code: FailureCode, text: string, at?: string]>>;

/** Why something is not done: a code for programs, a sentence for people, and the places in the input that it is about. */
export interface Refusal<Id extends string = string> {
  readonly id: Id;
  readonly code: FailureCode;
  readonly said: Sentence;
  readonly problems: readonly Problem[];
}

/** Parameters, where the message has any, and then the problems. */
type And<T extends string> = [...Given<T>, problems?: readonly Problem[]];

/** Declares why something may be refused in an area, each with its code, and gives what makes the refusal. Nothing is thrown. */
export function refusals<const M extends Entries>(
  area: string,
  entries: M,
): <K extends keyof M & string>(id: K, ...and: And<M[K][1]>) => Refusal<K> {
  const say = declared(area, Object.fromEntries(Object.entries(entries).map(([id, [, text]]) => [id, text])));
  function refuse<K extends keyof M & string>(id: K, ...and: And<M[K][1]>): Refusal<K>;
  function refuse<K extends keyof M & string>(id: K, ...and: readonly unknown[]): Refusal<K> {
    const { [id]: entry } = entries;
    const [code, , at] = entry!;
    const said = say(id, and.find(areParams));
    return { id, code, said, problems: and.find(areProblems) ?? (at ? [problem(at, said)] : []) };
  }
  return refuse;
}

/** As `refusals`, for what throws: `throw no('notThere', { ref })`. */
export function failures<const M extends Entries>(
  area: string,
  entries: M,
): <K extends keyof M & string>(id: K, ...and: And<M[K][1]>) => Failure {
  const refuse = refusals(area, entries);
  return (id, ...and) => failed(refuse(id, ...and));
}

export const failed = (r: Refusal): Failure => new Failure(r.code, r.said, r.problems);

/** Only to tell problems from parameters: the signature that is called has checked them. */
const areProblems = (given: unknown): given is readonly Problem[] => Array.isArray(given);
