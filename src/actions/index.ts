import type * as z from 'zod';
import type { Answer } from '../answers/shape.ts';
import type * as account from './account.ts';
import type { Action, Body, ParamsOf, Query } from './action.ts';
import type * as assure from './assure.ts';
import type * as components from './components.ts';
import type * as concerns from './concerns.ts';
import type * as erasure from './erasure.ts';
import type * as evidence from './evidence.ts';
import type * as gate from './gate.ts';
import type * as govern from './govern.ts';
import type * as home from './home.ts';
import type * as log from './log.ts';
import type * as own from './own.ts';
import type * as people from './people.ts';
import type * as records from './records.ts';
import type * as risk from './risk.ts';
import type * as rows from './rows.ts';
import type * as work from './work.ts';

/**
 * Every action by what a client writes: `GET risk/:ref/standing`. Only types, so that a page that asks carries no schema; a request that no action takes,
 * or an answer read for what is not in it, does not compile.
 */
type Declared<T> = { [K in keyof T]: T[K] extends Action ? T[K] : never }[keyof T];
type All =
  | Declared<typeof account>
  | Declared<typeof assure>
  | Declared<typeof components>
  | Declared<typeof concerns>
  | Declared<typeof erasure>
  | Declared<typeof evidence>
  | Declared<typeof gate>
  | Declared<typeof govern>
  | Declared<typeof home>
  | Declared<typeof log>
  | Declared<typeof own>
  | Declared<typeof people>
  | Declared<typeof records>
  | Declared<typeof risk>
  | Declared<typeof rows>
  | Declared<typeof work>;

export type Actions = { [A in All as `${A['method']} ${A['path']}`]: A };
export type Key = keyof Actions;

type AskedIn<P extends string, Q extends Query> = { readonly [N in ParamsOf<P>]: string | number } & {
  readonly [N in keyof Q]?: NonNullable<Q[N]['takes']> | undefined;
};

/** Parameters of path and query together. */
export type Asked<K extends Key> = AskedIn<Actions[K]['path'], Actions[K]['query']>;

type SentIn<B extends Body, File> = B extends z.ZodType
  ? z.input<B>
  : B extends 'none'
    ? Record<string, never> | undefined
    : B extends 'json'
      ? unknown
      : File;

/** What is sent: JSON as the action takes it, or a file in the form that this client has of one. */
export type Sent<K extends Key, File = never> = SentIn<Actions[K]['body'], File>;

/** What is answered; `never` where that is a file. */
export type Answered<K extends Key> = Actions[K]['answer'] extends z.ZodType
  ? Answer<Actions[K]['answer']>
  : never;

/** A record as a change answers it; some registers answer a secret or a link besides, once. */
export type Changed = Answered<'POST :register'> &
  Partial<Pick<Answered<'POST apiKey'>, 'secret'> & Pick<Answered<'POST person/:ref/invite'>, 'invitation'>>;
