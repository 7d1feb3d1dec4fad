import * as z from 'zod';
import type { Field, FieldKind, TableColumn } from './field.ts';

/** Typed columns of the record table that a value can be sorted and filtered in. */
export type SlotKind = 't' | 'n' | 'd';

/**
 * What the code must know about a kind of field. A new kind is one entry here and one in `web/kinds/`; the
 * compiler finds a forgotten one.
 */
export interface Kind {
  /** Checks and normalises input. */
  schema(f: Field): z.ZodType;
  /** The text form used by CSV and the command line; `parse(text(v))` gives v back. */
  text(value: unknown, f: Field): string;
  /** From the text form; returns the raw input for `schema` to judge. */
  parse(text: string, f: Field): unknown;
  /** Which slot sorts it; null when it is neither sorted nor filtered. */
  slot: SlotKind | null;
  /** The value as stored in its slot. */
  slotValue(value: unknown): string | number | null;
  /** Words that text search finds; empty when the kind is not searched. */
  words(value: unknown): string;
  /** A valid value made from a number, for tests and sample data. */
  sample(f: Field, seed: number): unknown;
}

const asText = (v: unknown): string => (v === null || v === undefined ? '' : String(v));
const noWords = () => '';
const same = (v: unknown) => v as string | number | null;

/** Sorting ignores case; 200 characters decide. NUL cannot be stored in a database text, so no text may hold one. */
export const sortText = (v: unknown): string => asText(v).normalize('NFKC').toLowerCase().slice(0, 200);

const plain = (max: number) =>
  z
    .string({ error: 'expected text' })
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must be at most ${max} characters` })
    .refine((s) => !s.includes('\u0000') && s.isWellFormed(), {
      error: 'must not hold NUL or broken characters',
    })
    .refine((s) => s.trim().length > 0, { error: 'must not be blank' });

const oneOf = (f: Field) =>
  z.enum(f.options as [string, ...string[]], { error: `must be one of ${(f.options ?? []).join(', ')}` });

function isDay(s: string): boolean {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(s);
  if (!m || m[1] === '0000') return false;
  const d = new Date(`${s}T00:00:00Z`);
  return !Number.isNaN(d.getTime()) && d.toISOString().slice(0, 10) === s;
}

function toMoment(s: string): string | undefined {
  if (
    !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(s) ||
    !isDay(s.slice(0, 10))
  )
    return undefined;
  const d = new Date(s);
  // An offset may carry it out of the years that are written with four digits.
  return Number.isNaN(d.getTime()) || !isDay(d.toISOString().slice(0, 10)) ? undefined : d.toISOString();
}

const DIGEST = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const DURATION = /^P(?=\d|T\d)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)$/;

/** ISO 8601 duration in seconds; a month counts 30 days, a year 365. */
export function durationSeconds(text: string): number {
  const m =
    /^P(?:(\d+)W)?(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
      text,
    );
  if (!m) return Number.NaN;
  const n = (i: number) => Number(m[i] ?? 0);
  return n(1) * 604800 + n(2) * 31536000 + n(3) * 2592000 + n(4) * 86400 + n(5) * 3600 + n(6) * 60 + n(7);
}

/** `PT1H15M` -> `1 h 15 min`; anything else is shown as it is. */
export function durationText(value: unknown): string {
  const parts =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(
      String(value),
    );
  if (!parts) return String(value ?? '');
  const units = ['y', 'months', 'weeks', 'd', 'h', 'min', 's'];
  const words = units.map((unit, i) => (parts[i + 1] ? `${parts[i + 1]} ${unit}` : '')).filter(Boolean);
  return words.join(' ') || String(value);
}

function cell(c: TableColumn): z.ZodType {
  const base = {
    text: () =>
      z
        .string({ error: 'expected text' })
        .max(2000)
        .refine((s) => !s.includes('\u0000'), { error: 'must not hold NUL' }),
    number: () => {
      const n = z
        .number({ error: 'expected a number' })
        .min(c.min ?? -1e15, { error: `must be at least ${c.min ?? '-1e15'}` })
        .max(c.max ?? 1e15, { error: `must be at most ${c.max ?? '1e15'}` });
      return c.whole ? n.int({ error: 'expected a whole number' }) : n;
    },
    choice: () =>
      z.enum(c.options as [string, ...string[]], { error: `must be one of ${(c.options ?? []).join(', ')}` }),
    yesNo: () => z.boolean({ error: 'expected true or false' }),
  }[c.kind]();
  return c.required ? base : base.nullish();
}

/**
 * Several words in one cell: `a; b`. A word that holds the separator, a quotation mark or outer blanks stands in quotes, so that
 * `splitList(joinList(words))` gives the words back.
 */
export const joinList = (words: readonly string[]): string =>
  words.map((w) => (/[;"\r\n]|^\s|\s$/.test(w) || w === '' ? `"${w.replaceAll('"', '""')}"` : w)).join('; ');

/** The words of a cell; parts between semicolons, without outer blanks unless they stand in quotes. */
export function splitList(cell: string): string[] {
  const words: string[] = [];
  for (const m of cell.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*(?=;|$)|([^;]*))(?:;|$)/gu)) {
    const word = m[1] === undefined ? (m[2] ?? '').trim() : m[1].replaceAll('""', '"');
    if (m[1] !== undefined || word !== '') words.push(word);
  }
  return words;
}
/** A number that the cell takes, different for different `n` as far as there are any. */
const sampleNumber = ({ min = 0, max = 1e15 }: TableColumn, n: number): number =>
  min + (n % (Math.min(max - min, 1e6) + 1));

const decimal = (t: string): unknown => (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(t.trim()) ? Number(t) : t);
const jsonOr = (t: string): unknown => {
  try {
    return JSON.parse(t) as unknown;
  } catch {
    return t;
  }
};

export const KINDS = {
  text: {
    schema: (f) => plain(f.max ?? 200).refine((s) => !/[\r\n]/.test(s), { error: 'must be one line' }),
    text: asText,
    parse: (t) => t,
    slot: 't',
    slotValue: sortText,
    words: asText,
    sample: (f, n) => `${f.label} ${n}`.slice(0, f.max ?? 200),
  },
  longText: {
    schema: (f) => plain(f.max ?? 20_000),
    text: asText,
    parse: (t) => t,
    slot: null,
    slotValue: () => null,
    words: asText,
    sample: (f, n) =>
      `${f.label}, written out.\n\nSecond paragraph ${n}, with "quotes", commas; and = signs.`,
  },
  score: {
    schema: (f) =>
      z
        .number({ error: 'expected a whole number' })
        .int({ error: 'expected a whole number' })
        .min(f.min ?? 1, { error: `must be from ${f.min ?? 1} to ${f.max}` })
        .max(f.max ?? 5, { error: `must be from ${f.min ?? 1} to ${f.max}` }),
    text: asText,
    parse: decimal,
    slot: 'n',
    slotValue: same,
    words: noWords,
    sample: (f, n) => 1 + (n % (f.max ?? 5)),
  },
  number: {
    schema: (f) =>
      z
        .number({ error: 'expected a number' })
        .min(f.min ?? -1e15, { error: `must be at least ${f.min ?? '-1e15'}` })
        .max(f.max ?? 1e15, { error: `must be at most ${f.max ?? '1e15'}` }),
    text: asText,
    parse: decimal,
    slot: 'n',
    slotValue: same,
    words: noWords,
    sample: (f, n) => Math.min(f.max ?? 1e15, (f.min ?? 0) + (n % 50)),
  },
  choice: {
    schema: oneOf,
    text: asText,
    parse: (t) => t,
    slot: 't',
    slotValue: (v) => asText(v),
    words: noWords,
    sample: (f, n) => f.options![n % f.options!.length],
  },
  choices: {
    schema: (f) =>
      z
        .array(oneOf(f), { error: 'expected a list' })
        .max(50)
        .refine((a) => new Set(a).size === a.length, { error: 'must not repeat a choice' }),
    text: (v) => joinList((v as string[] | undefined) ?? []),
    parse: splitList,
    slot: null,
    slotValue: () => null,
    words: noWords,
    sample: (f, n) => [f.options![n % f.options!.length]],
  },
  person: {
    schema: () =>
      z
        .string({ error: 'expected a person' })
        .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' }),
    text: asText,
    parse: (t) => t,
    slot: 't',
    slotValue: (v) => asText(v),
    words: noWords,
    sample: () => 'PSN-0001',
  },
  people: {
    schema: () =>
      z
        .array(
          z
            .string({ error: 'expected a person' })
            .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' }),
          { error: 'expected a list of people' },
        )
        .max(200)
        .refine((a) => new Set(a).size === a.length, { error: 'must not name a person twice' }),
    text: (v) => joinList((v as string[] | undefined) ?? []),
    parse: splitList,
    slot: null,
    slotValue: () => null,
    words: noWords,
    sample: () => ['PSN-0001'],
  },
  date: {
    schema: () =>
      z.string({ error: 'expected a day' }).refine(isDay, { error: 'expected a day such as 2027-03-31' }),
    text: asText,
    parse: (t) => t,
    slot: 'd',
    slotValue: (v) => (v ? `${String(v)}T00:00:00Z` : null),
    words: noWords,
    sample: (_f, n) => `2027-0${1 + (n % 9)}-1${n % 10}`,
  },
  moment: {
    schema: () =>
      z.string({ error: 'expected a point in time' }).transform((s, ctx) => {
        const at = toMoment(s);
        if (at === undefined) {
          ctx.addIssue({ code: 'custom', message: 'expected a point in time such as 2027-03-31T08:00:00Z' });
          return z.NEVER;
        }
        return at;
      }),
    text: asText,
    parse: (t) => t,
    slot: 'd',
    slotValue: same,
    words: noWords,
    sample: (_f, n) => `2027-03-1${n % 10}T08:00:00.000Z`,
  },
  duration: {
    schema: () =>
      z
        .string({ error: 'expected a duration' })
        .max(60)
        .regex(DURATION, { error: 'expected a duration such as PT15M or P30D' }),
    text: asText,
    parse: (t) => t,
    slot: 'n',
    slotValue: (v) => (v ? durationSeconds(String(v)) : null),
    words: noWords,
    sample: (_f, n) => `PT${1 + (n % 59)}M`,
  },
  yesNo: {
    schema: () => z.boolean({ error: 'expected true or false' }),
    text: (v) => (v === undefined || v === null ? '' : v ? 'yes' : 'no'),
    parse: (t) => (/^(yes|true|1)$/i.test(t) ? true : /^(no|false|0)$/i.test(t) ? false : t),
    slot: 't',
    slotValue: (v) => (v === undefined || v === null ? '' : v ? 'yes' : 'no'),
    words: noWords,
    sample: (_f, n) => n % 2 === 0,
  },
  url: {
    schema: () =>
      z
        .string({ error: 'expected an address' })
        .max(2000)
        .refine((s) => /^https?:\/\/[^\s]+$/.test(s) && URL.canParse(s), {
          error: 'expected an address that begins with https:// or http://',
        }),
    text: asText,
    parse: (t) => t,
    slot: 't',
    slotValue: sortText,
    words: asText,
    sample: (_f, n) => `https://example.com/page/${n}`,
  },
  file: {
    schema: () =>
      z
        .string({ error: 'expected a digest' })
        .regex(/^sha256:[0-9a-f]{64}$/, { error: 'expected sha256: and 64 hex digits' }),
    text: asText,
    parse: (t) => t,
    slot: 't',
    slotValue: (v) => asText(v),
    words: asText,
    sample: (_f, n) => `sha256:${String(n).padStart(64, '0')}`,
  },
  digest: {
    schema: () =>
      z
        .string({ error: 'expected a digest' })
        .transform((s) => s.trim().toLowerCase())
        .refine((s) => DIGEST.test(s), {
          error: 'expected sha256:, sha384: or sha512: and the hex digits of that length',
        }),
    text: asText,
    parse: (t) => t,
    slot: 't',
    slotValue: (v) => asText(v),
    words: asText,
    sample: (_f, n) => `sha256:${n.toString(16).padStart(64, 'a')}`,
  },
  table: {
    schema: (f) =>
      z
        .array(
          z.strictObject(
            Object.fromEntries(Object.entries(f.columns ?? {}).map(([k, c]) => [k, cell(c)])) as Record<
              string,
              z.ZodType
            >,
            { error: 'expected a row with the named cells' },
          ),
          { error: 'expected a list of rows' },
        )
        .max(500, { error: 'must have at most 500 rows' }),
    text: (v) => (v === undefined ? '' : JSON.stringify(v)),
    parse: jsonOr,
    slot: null,
    slotValue: () => null,
    words: noWords,
    sample: (f, n) => [
      Object.fromEntries(
        Object.entries(f.columns ?? {}).map(([k, c]) => [
          k,
          c.kind === 'number'
            ? sampleNumber(c, n)
            : c.kind === 'yesNo'
              ? true
              : c.kind === 'choice'
                ? c.options![n % c.options!.length]
                : `${c.label} ${n}`,
        ]),
      ),
    ],
  },
} as const satisfies Record<FieldKind, Kind>;

export const kindOf = (f: Field): Kind => KINDS[f.kind];
