import type { Field } from './field.ts';
import type { Fields, Links, Register } from './register.ts';
import type { Contents } from './values.ts';

type ValueOf<F> = F extends Field<infer V> ? V : never;

/** The values of a record by field: those that every record has, and those that may be absent. */
export type ValuesOf<F extends Fields> = {
  readonly [K in keyof F as F[K]['required'] extends true ? K : never]: ValueOf<F[K]>;
} & { readonly [K in keyof F as F[K]['required'] extends true ? never : K]?: ValueOf<F[K]> };

/** References by name of the link; a link that leads nowhere is absent. */
export type LinksOf<L extends Links, V = string[]> = string extends keyof L
  ? Readonly<Record<string, V>>
  : { readonly [K in keyof L]?: V };

/** What was computed from the values; what could not be is absent. */
export type DerivedOf<R extends Register> = string extends keyof R['derived']
  ? Readonly<Record<string, unknown>>
  : { readonly [K in keyof R['derived']]?: Exclude<ReturnType<R['derived'][K]>, undefined> };

export type StateOf<R extends Register> = R['states'][number];
export type StepOf<R extends Register> = keyof R['transitions'] & string;
export type FieldOf<R extends Register> = keyof R['fields'] & string;
export type LinkOf<R extends Register> = keyof R['links'] & string;

/**
 * A record of a register: `Rec<typeof risk>` has the values, links, derived values and states of the declaration; `Rec` alone is a record of any
 * register.
 */
export interface Rec<R extends Register = Register> {
  readonly id: string;
  readonly ref: string;
  readonly register: R['name'];
  readonly number: number;
  readonly version: number;
  readonly state: StateOf<R>;
  readonly title: string;
  readonly values: ValuesOf<R['fields']>;
  readonly derived: DerivedOf<R>;
  readonly links: LinksOf<R['links']>;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/**
 * A record as it is answered over HTTP, with what the declaration knows of it. What was erased since, and what was not asked for, is absent: so any
 * value may be.
 */
export interface Answered<R extends Register = Register> {
  readonly ref: string;
  readonly register: R['name'];
  readonly version: number;
  readonly state: StateOf<R>;
  readonly title: string;
  readonly values: Partial<ValuesOf<R['fields']>>;
  readonly derived: DerivedOf<R>;
  readonly links: LinksOf<R['links'], readonly string[]>;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** An answer as one of this register. Undefined where it is a record of another. */
export const answeredIf = <R extends Register>(register: R, answer: Answered): Answered<R> | undefined =>
  answer.register === register.name ? (answer as Answered<R>) : undefined;

/** What a record of a register says, as `Contents` does for any register. */
export interface ContentsOf<R extends Register = Register> {
  values: ValuesOf<R['fields']>;
  links: LinksOf<R['links']>;
}

/** A stored record with the types of its register; what else is known of it (who worked on it, its digest) stays as it is. */
export type As<R extends Register, T> = Rec<R> & Omit<T, keyof Rec>;

/**
 * The record as one of this register. Every value was checked by its kind when it was written, so the name of the register says what the types
 * are. Throws where it is a record of another: that is a fault of the program.
 */
export function recOf<R extends Register, T extends Rec>(register: R, stored: T): As<R, T> {
  const found = recIf(register, stored);
  if (!found)
    throw new Error(`expected a record of ${register.name}, got ${stored.ref} of ${stored.register}`);
  return found;
}

/** The record where there is one and it is of this register. */
export const recIf = <R extends Register, T extends Rec>(
  register: R,
  stored: T | undefined,
): As<R, T> | undefined => (stored?.register === register.name ? (stored as unknown as As<R, T>) : undefined);

/** The record that a link leads to, or a way back comes from: the declaration says of which register it is, and the store keeps to that. */
export const recLinked = <R extends Register>(stored: Rec): Rec<R> => stored as unknown as Rec<R>;

/** Those of the records that are of this register. */
export const recsOf = <R extends Register, T extends Rec>(register: R, stored: readonly T[]): As<R, T>[] =>
  stored.flatMap((r) => recIf(register, r) ?? []);

/**
 * Contents of a record of `of`, with the types of `register`. Throws where these are two registers.
 */
export function contentsAs<R extends Register>(register: R, of: Register, contents: Contents): ContentsOf<R> {
  if (of.name !== register.name) throw new Error(`expected contents of ${register.name}, got ${of.name}`);
  return contents as ContentsOf<R>;
}

/**
 * Values by the names of the declaration, with anything in them: what an earlier version says was checked by an earlier declaration. Rules that compare
 * versions read such.
 */
export type Said<R extends Register> = { readonly [K in FieldOf<R>]?: unknown };

/** The name as one of the register's steps. Throws where it has no such step. */
export function stepAs<R extends Register>(register: R, name: string): StepOf<R> {
  if (!Object.hasOwn(register.transitions, name)) throw new Error(`${register.name} has no step ${name}`);
  return name as StepOf<R>;
}

/** The text as one of the options of a choice. Throws where it is none of them. */
export function choiceAs<R extends Register, K extends FieldOf<R>>(
  register: R,
  field: K,
  text: string,
): NonNullable<ValueOf<R['fields'][K]>> {
  if (!register.fields[field]?.options?.includes(text))
    throw new Error(`${register.name} has no ${field} ${text}`);
  return text as NonNullable<ValueOf<R['fields'][K]>>;
}

/** References under a link, none where it leads nowhere. */
export function linksOf<L extends object>(
  rec: { readonly links: L } | undefined,
  name: keyof L & string,
): readonly string[] {
  const refs: unknown = rec?.links[name];
  return Array.isArray(refs) ? refs : [];
}

type RowIn<V> = NonNullable<V> extends readonly (infer Row)[] ? Row : Record<string, unknown>;

/** Rows of a table field; what is no row is left out. */
export function rowsOf<V extends object, N extends keyof V>(
  rec: { readonly values: V } | undefined,
  name: N,
): RowIn<V[N]>[] {
  const rows: unknown = rec?.values[name];
  return Array.isArray(rows) ? rows.filter((row) => typeof row === 'object' && row !== null) : [];
}
