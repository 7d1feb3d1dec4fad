import type { Params, Sentence } from '../../base/sentence.ts';

/**
 * What a cell of a row holds. A statement and whoever reads its rows agree on that without a compiler between them: each cell is checked where it is
 * read, so that a statement that changed is found there and not three files further on.
 */
export type Cell<T> = (value: unknown) => T;

/** A fault of the program: a statement gives something else than its reader expects. Tells the type only, never the value. */
function wrong(expected: string, value: unknown): Error {
  const got = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return new Error(`a statement was expected to give ${expected}, and gave ${got}`);
}

export const text: Cell<string> = (v) => {
  if (typeof v !== 'string') throw wrong('text', v);
  return v;
};

export const number: Cell<number> = (v) => {
  if (typeof v !== 'number') throw wrong('a number', v);
  return v;
};

export const flag: Cell<boolean> = (v) => {
  if (typeof v !== 'boolean') throw wrong('true or false', v);
  return v;
};

export const bytes: Cell<Buffer> = (v) => {
  if (!Buffer.isBuffer(v)) throw wrong('bytes', v);
  return v;
};

/** A point in time. */
export const moment: Cell<Date> = (v) => {
  if (!(v instanceof Date)) throw wrong('a point in time', v);
  return v;
};

/** An object of which nothing more is known. */
export const object: Cell<Record<string, unknown>> = (v) => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) throw wrong('an object', v);
  return v as Record<string, unknown>;
};

export const list =
  <T>(of: Cell<T>): Cell<T[]> =>
  (v) => {
    if (!Array.isArray(v)) throw wrong('a list', v);
    return v.map(of);
  };

/** An object whose every member is the same. */
export const byName =
  <T>(of: Cell<T>): Cell<Record<string, T>> =>
  (v) =>
    Object.fromEntries(Object.entries(object(v)).map(([k, x]) => [k, of(x)]));

/** An object with these members; others are left out. */
export const members =
  <S extends Readonly<Record<string, Cell<unknown>>>>(shape: S): Cell<{ [K in keyof S]: ReturnType<S[K]> }> =>
  (v) => {
    const from = object(v);
    // Each member is what its own cell made of it.
    return Object.fromEntries(Object.entries(shape).map(([k, of]) => [k, of(from[k])])) as {
      [K in keyof S]: ReturnType<S[K]>;
    };
  };

/** One of some words. */
export const oneOf =
  <const O extends readonly string[]>(words: O): Cell<O[number]> =>
  (v) => {
    const found = words.find((w) => w === v);
    if (found === undefined) throw wrong(`one of ${words.join(', ')}`, v);
    return found;
  };

/** Null where there is nothing. */
export const orNull =
  <T>(of: Cell<T>): Cell<T | null> =>
  (v) =>
    v === null || v === undefined ? null : of(v);

/** Undefined where there is nothing. */
export const maybe =
  <T>(of: Cell<T>): Cell<T | undefined> =>
  (v) =>
    v === null || v === undefined ? undefined : of(v);

export const texts = list(text);
export const textOrNull = orNull(text);
export const numberOrNull = orNull(number);

/** Whatever it is: for cells whose reader looks for itself. */
export const anything: Cell<unknown> = (v) => v;

/** A sentence as it was kept: the program that kept it made its parameters. */
export const sentence: Cell<Sentence> = (v) => {
  const { message, params, text: english } = object(v);
  return { message: text(message), params: object(params) as Params, text: text(english) };
};
