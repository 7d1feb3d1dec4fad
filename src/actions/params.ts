import { Failure } from '../base/failure.ts';

/** A parameter of the query: what the documentation says of it, how it is read, and what a client may give (`I`). */
export interface Param<T = unknown, I = unknown> {
  readonly says: string;
  /** Throws BAD_INPUT naming the parameter. */
  read(given: string | undefined, name: string): T;
  /** Only a type: what a client gives. */
  readonly takes?: I;
}

const wrong = (name: string, sentence: string, message: string): Failure =>
  new Failure('BAD_INPUT', `${name}: ${sentence}.`, [{ path: `/${name}`, message }]);

const shown = (text: string): string => JSON.stringify(text.slice(0, 40));

/** Text as it came, empty too. */
export const raw = (says: string): Param<string | undefined, string> => ({ says, read: (given) => given });

/** Text; an empty one counts as not given. */
export const words = (says: string, most = Number.POSITIVE_INFINITY): Param<string | undefined, string> => ({
  says,
  read(given, name) {
    if (given !== undefined && given.length > most)
      throw wrong(name, `at most ${most} characters`, 'is too long');
    return given || undefined;
  },
});

/** Text, of which no more than so many characters are looked at. */
export const start = (says: string, most: number): Param<string, string> => ({
  says,
  read: (given) => (given ?? '').slice(0, most),
});

/** Text that is a mistake when it is empty, not a default. */
export const filled = (says: string): Param<string | undefined, string> => ({
  says,
  read(given, name) {
    if (given === '') throw wrong(name, 'is empty; leave it out or give it a value', 'is empty');
    return given;
  },
});

/** A whole number in a range. */
export function wholeNumber(text: string, name: string, min: number, max: number): number {
  const n = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(n >= min && n <= max))
    throw wrong(
      name,
      `expected a whole number from ${min} to ${max}, got ${shown(text)}`,
      `expected ${min} to ${max}`,
    );
  return n;
}

export const whole = <const F extends number | undefined>(
  says: string,
  min: number,
  max: number,
  unlessTold: F,
): Param<F | number, number | string> => ({
  says,
  read: (given, name) => (given ? wholeNumber(given, name, min, max) : unlessTold),
});

/** How many a page holds, and where the one before ended: as nearly every list has them. */
export const limit = whole('how many, 1 to 200; 50 unless told', 1, 200, 50);
export const cursor = words('cursor of the page before (its `next`)');

/** One of these words. The first unless told, where `unlessTold` says so. */
export function oneOf<const T extends string>(
  says: string,
  options: readonly T[],
  unlessTold: 'first',
): Param<T, T>;
export function oneOf<const T extends string>(says: string, options: readonly T[]): Param<T | undefined, T>;
export function oneOf<const T extends string>(
  says: string,
  options: readonly T[],
  unlessTold?: 'first',
): Param<T | undefined, T> {
  const known = options.length > 2 ? `one of ${options.join(', ')}` : options.join(' or ');
  return {
    says,
    read(given, name) {
      if (!given) return unlessTold && options[0];
      const found = options.find((o) => o === given);
      if (found === undefined)
        throw wrong(name, `expected ${known}, got ${shown(given)}`, `expected ${known}`);
      return found;
    },
  };
}

/** `true` or `false`, and false unless told. Anything else is refused: `dryRun=1` must not store. */
export const yes = (says: string): Param<boolean, boolean> => ({
  says,
  read(given, name) {
    if (given === undefined || given === '' || given === 'false') return false;
    if (given === 'true') return true;
    throw wrong(name, `expected true or false, got ${shown(given)}`, 'expected true or false');
  },
});

/** Number of a record: `what` is what people call it, `example` one of them. */
export const numbered = (
  says: string,
  what: string,
  example: string,
  pattern = /^[A-Z]{3}-\d{4,9}$/,
): Param<string | undefined, string> => ({
  says,
  read(given, name) {
    if (given && !pattern.test(given))
      throw wrong(
        name,
        `expected ${what} such as ${example}, got ${shown(given)}`,
        `expected ${what} such as ${example}`,
      );
    return given || undefined;
  },
});

/** Numbers of records of any register, with commas between them. */
export const numbers = (says: string, most = 200): Param<readonly string[], string | undefined> => ({
  says,
  read(given, name) {
    const refs = [...new Set((given ?? '').split(',').map((ref) => ref.trim()))].filter(Boolean);
    const odd = refs.find((ref) => !/^[A-Z]{3}-\d{4,9}$/.test(ref));
    if (odd !== undefined)
      throw wrong(name, `expected numbers such as CTL-0007,RSK-0012, got ${shown(odd)}`, 'expected numbers');
    if (refs.length > most)
      throw wrong(name, `takes at most ${most} records`, `names ${refs.length} records`);
    return refs;
  },
});

/** A day of the calendar. */
export const day = (says: string): Param<string | undefined, string> => ({
  says,
  read(given, name) {
    if (given && (!/^\d{4}-\d{2}-\d{2}$/.test(given) || Number.isNaN(Date.parse(given))))
      throw wrong(name, 'expected a day such as 2027-03-31', 'expected a day');
    return given || undefined;
  },
});

/** What every operation that reads earlier states says of the parameter; the application refuses what it cannot read. */
export const AS_OF =
  'the state at a time (RFC 3339), at the end of a day (UTC), or at a size of the log; checked against the log';
export const asOf = raw(AS_OF);

/** The same of what is computed from records, which filters and counts find in the tables. */
export const asOfComputed = raw(
  'computed of the records as they were at a time (RFC 3339), at the end of a day (UTC), or at a size of the log',
);
