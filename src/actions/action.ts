import type * as z from 'zod';
import type { Register } from '../register/register.ts';
import type { Command } from './command.ts';
import type { Param } from './params.ts';

export type Method = 'GET' | 'POST' | 'PATCH';
export type Query = Readonly<Record<string, Param>>;

/**
 * How a body comes: JSON of a schema; JSON that the application checks; a stream of bytes; a file of at most 20 MiB held in memory; or none.
 */
export type Body = z.ZodType | 'json' | 'bytes' | 'file' | 'none';

/** What is answered: JSON of a schema, or a file of this media type. */
export type Answers = z.ZodType | `${string}/${string}`;

/** What is said of one action, or of the same one of several registers. */
type Said = string | ((register: Register) => string);

/**
 * What is done beside a register's own operations: the route, its entry in the interface description and the calls of pages and commands come from
 * this, and both ends compile against it.
 */
export interface Action<
  M extends Method = Method,
  P extends string = string,
  Q extends Query = Query,
  B extends Body = Body,
  A extends Answers = Answers,
> {
  readonly id: string;
  readonly method: M;
  /** Below the organisation, unless it begins with a slash; parameters as `:name`. */
  readonly path: P;
  readonly tag: Said;
  readonly summary: Said;
  /** `member` unless told: belongs to the organisation. `public`: nobody is asked who they are. `account`: signed in. */
  readonly access?: 'public' | 'account' | 'member';
  /** Changes records; leaves one ledger entry for each. `showsOnce`: and answers a secret that is kept nowhere. */
  readonly writes?: true | 'showsOnce';
  readonly query: Q;
  readonly body: B;
  /** Longest body, in bytes, where it is less than for other JSON. */
  readonly most?: number;
  readonly answer: A;
  readonly status?: 201;
  /** Registers that have it, each with an operation of its own: `:register` in the path is their name. */
  readonly of?: readonly Register[];
  /** The commands that it is; others are written in `cli`. */
  readonly command?: Command<A> | readonly Command<A>[];
}

type Given<M extends Method, P extends string, Q extends Query, B extends Body, A extends Answers> = Omit<
  Action<M, P, Q, B, A>,
  'query' | 'body'
> & { readonly query?: Q; readonly body?: B };

/** Declares an action. Without `body` it takes none. */
export function defineAction<
  const M extends Method,
  const P extends string,
  const A extends Answers,
  const Q extends Query = Record<never, Param>,
  const B extends Body = 'none',
>(given: Given<M, P, Q, B, A>): Action<M, P, Q, B, A>;
export function defineAction(given: Omit<Action, 'query' | 'body'> & Partial<Action>): Action {
  return { query: {}, body: 'none', ...given };
}

/** Names in a path: `risk/:ref/standing` has `ref`. */
export type ParamsOf<P extends string> = P extends `${string}:${infer N}/${infer Rest}`
  ? N | ParamsOf<`/${Rest}`>
  : P extends `${string}:${infer N}`
    ? N
    : never;

export type QueryOf<Q extends Query> = {
  readonly [K in keyof Q]: Q[K] extends Param<infer T, unknown> ? T : never;
};
