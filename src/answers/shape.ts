import * as z from 'zod';
import type { Params } from '../base/sentence.ts';
import type { StateOf, ValuesOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';

/**
 * What answers are made of. An answer is written down once, as a schema: the type that `app` answers with and that pages and commands read is
 * inferred from it, the interface description is made from it, and the tests hold every real answer against it.
 */

export const text = z.string();
export const number = z.number();
export const flag = z.boolean();
export const list = z.array;
/** Names every member that there is: another one, or one too few, is a fault that the tests find. */
export const object = z.strictObject;
export const byName = <V extends z.ZodType>(of: V) => z.record(text, of);

/** What a sentence was made from, for whoever renders it in another language. */
export const params = z
  .custom<Params>((v) => typeof v === 'object' && v !== null)
  .meta({
    type: 'object',
    description:
      'What the message names, each a text, a number, a sentence within the sentence (`message`, `params`, `text`), a list of texts or sentences, or such a list with how it is joined (`join`, `items`)',
  });
const message = text.describe('Id of the message that the English was made from');
export const key = object({ message, params });
export const sentence = key.extend({ text: text.describe('In English') });

/** A record, or a person, with how it is called. */
export const named = object({ ref: text, title: text });
export const person = object({ ref: text, name: text });

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** The type of an answer: nobody changes what was answered. */
export type Answer<S extends z.ZodType> = Frozen<z.output<S>>;

/** An answer while it is put together. */
export type Draft<T> = T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T;

/** Who reads on: an answer is one of these words, and the type says which; OpenAPI lists them. */
const oneOf = <T extends string>(options: readonly string[] | undefined) =>
  z.custom<T>((v) => options?.includes(String(v))).meta({ type: 'string', enum: options });

/** What a choice of a register says. */
export const choiceOf = <R extends Register, F extends keyof ValuesOf<R['fields']> & string>(
  register: R,
  field: F,
) => oneOf<Extract<NonNullable<ValuesOf<R['fields']>[F]>, string>>(register.fields[field]?.options);

/** The state of a record of one register. */
export const stateOf = <R extends Register>(register: R) => oneOf<StateOf<R>>(register.states);

/** What a field of a register says, whatever its kind. */
export const contentOf = <R extends Register, F extends keyof ValuesOf<R['fields']> & string>(
  register: R,
  field: F,
) =>
  z
    .custom<NonNullable<ValuesOf<R['fields']>[F]>>((v) => v !== undefined && v !== null)
    .describe(register.fields[field]?.label ?? field);
