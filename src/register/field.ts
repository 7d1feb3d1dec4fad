/**
 * The kinds of field a register can have. A field is one line in a declaration; everything that depends on the
 * kind (text form, stored form, schema, slot) asks `kinds.ts`, everything shown asks `web/kinds/`.
 */
import type { Claim } from './claim.ts';

export const FIELD_KINDS = [
  'text',
  'longText',
  'score',
  'number',
  'choice',
  'choices',
  'person',
  'people',
  'date',
  'moment',
  'duration',
  'yesNo',
  'url',
  'file',
  'digest',
  'table',
] as const;

export type FieldKind = (typeof FIELD_KINDS)[number];

/** A column of a `table` field: a small typed cell. */
export interface TableColumn {
  label: string;
  kind: 'text' | 'number' | 'choice' | 'yesNo';
  options?: readonly string[];
  required?: boolean;
  /** text: holds a name of the program; pages say it in words. */
  code?: boolean;
  /** number: smallest and largest value, and whether only whole ones. */
  min?: number;
  max?: number;
  whole?: boolean;
}

/** What the cell of a column holds. */
type Cell<C extends TableColumn> = C['kind'] extends 'number'
  ? number
  : C['kind'] extends 'yesNo'
    ? boolean
    : C['kind'] extends 'choice'
      ? C extends { readonly options: readonly (infer O)[] }
        ? O
        : string
      : string;

/** A row of a `table` field: the cells of required columns are there, others may be absent or null. */
export type TableRow<C extends Readonly<Record<string, TableColumn>>> = {
  [K in keyof C as C[K]['required'] extends true ? K : never]: Cell<C[K]>;
} & { [K in keyof C as C[K]['required'] extends true ? never : K]?: Cell<C[K]> | null };

/**
 * What a field is, without its value. `Value` exists for the compiler only; `Required` tells it whether every record has one.
 */
export interface Field<Value = unknown, Required extends boolean = boolean> {
  readonly kind: FieldKind;
  readonly label: string;
  /** What it was labelled before: a spreadsheet that was exported then is still understood. */
  readonly formerly?: readonly string[];
  readonly help?: string;
  /** Must be given to create a record. `later` makes it false; then some transition must require it. */
  readonly required: Required;
  /** True for `later` fields: start-up refuses one that no transition ever requires. */
  readonly later: boolean;
  /** May stay empty for ever; nothing has to require it. */
  readonly optional: boolean;
  /** text: longest length in characters; number, score: largest value. */
  readonly max?: number;
  readonly min?: number;
  /** number: unit shown beside it. duration: always ISO 8601. */
  readonly unit?: string;
  readonly options?: readonly string[];
  readonly columns?: Readonly<Record<string, TableColumn>>;
  /** Holds personal data or may: committed and erased apart from the rest. */
  readonly personal: boolean;
  /** A change of it makes approvals stale. Review dates and notes are immaterial. */
  readonly material: boolean;
  /** Written by the engine only; input that carries it is refused. */
  readonly engine: boolean;
  /** A day by which the owner has something to do: review, renew, deliver. It stands in their list of work until then. */
  readonly due: boolean;
  /** Says what was so on a day, such as who was present, or whom a record is for: nobody takes it over from somebody who leaves. */
  readonly fact: boolean;
  /** date, moment: what it says of the world. */
  readonly claim?: Claim;
  /** text: holds a name of the program, such as `system.approver`; pages say it in words. */
  readonly code?: boolean;
  /** longText: how a text begins that the program proposes. Left so it supports nothing, and no step that requires it takes it. */
  readonly proposed?: string;
  readonly defaultTo?: Value;
  readonly __value?: Value;
}

interface Common<V> {
  formerly?: readonly string[];
  help?: string;
  personal?: boolean;
  defaultTo?: NoInfer<V>;
}

function make<V>(
  kind: FieldKind,
  label: string,
  more: Partial<Omit<Field<V>, 'required'>> & Common<V> = {},
): Field<V, true> {
  return {
    required: true,
    later: false,
    optional: false,
    personal: kind === 'person' || kind === 'people',
    material: true,
    engine: false,
    due: false,
    fact: false,
    ...more,
    kind,
    label,
  };
}

/** One line, at most `max` characters (200 unless told). */
export const text = (label: string, o: Common<string> & { max?: number; code?: boolean } = {}) =>
  make<string>('text', label, { max: 200, ...o });
/** Several lines of Markdown, at most `max` characters (20,000 unless told). */
export const longText = (label: string, o: Common<string> & { max?: number; proposed?: string } = {}) =>
  make<string>('longText', label, { max: 20_000, ...o });
/** A whole number from 1 to `max`. */
export const score = (label: string, o: Common<number> & { max: number }) =>
  make<number>('score', label, { min: 1, ...o });
export const number = (
  label: string,
  o: Common<number> & { min?: number; max?: number; unit?: string } = {},
) => make<number>('number', label, o);
export const choice = <const O extends readonly string[]>(
  label: string,
  options: O,
  o: Common<O[number]> = {},
) => make<O[number]>('choice', label, { options, ...o });
export const choices = <const O extends readonly string[]>(
  label: string,
  options: O,
  o: Common<O[number][]> = {},
) => make<O[number][]>('choices', label, { options, ...o });
/** Somebody of the people directory, by number (`PSN-0003`). */
export const person = (label: string, o: Common<string> = {}) => make<string>('person', label, o);
/** Several of the people directory, each once. */
export const people = (label: string, o: Common<string[]> = {}) => make<string[]>('people', label, o);
/** A calendar day, `YYYY-MM-DD`. */
export const date = (label: string, o: Common<string> = {}) => make<string>('date', label, o);
/** A point in time, RFC 3339 in UTC. */
export const moment = (label: string, o: Common<string> = {}) => make<string>('moment', label, o);
/** ISO 8601 duration, such as `PT15M`. */
export const duration = (label: string, o: Common<string> = {}) => make<string>('duration', label, o);
export const yesNo = (label: string, o: Common<boolean> = {}) => make<boolean>('yesNo', label, o);
/** http or https only; never fetched. */
export const url = (label: string, o: Common<string> = {}) => make<string>('url', label, { max: 2000, ...o });
/** `sha256:<64 hex>` of a file that the organisation has stored. */
export const file = (label: string, o: Common<string> = {}) => make<string>('file', label, o);
/** `sha256:`, `sha384:` or `sha512:` and the hex of that length. */
export const digest = (label: string, o: Common<string> = {}) => make<string>('digest', label, o);
/** Rows of small typed cells; at most 500 rows. */
export const table = <const C extends Readonly<Record<string, TableColumn>>>(
  label: string,
  columns: C,
  o: Common<TableRow<C>[]> = {},
) => make<TableRow<C>[]>('table', label, { columns, ...o });

/** May stay empty until a transition requires it. */
export const later = <V>(f: Field<V>): Field<V, false> => ({ ...f, required: false, later: true });
/** May stay empty for ever. */
export const optional = <V>(f: Field<V>): Field<V, false> => ({ ...f, required: false, optional: true });
/** A change of it leaves approvals valid. */
export const immaterial = <V, R extends boolean>(f: Field<V, R>): Field<V, R> => ({ ...f, material: false });
/** A day on which the owner has to act; the label says what for (`Review by`). */
export const due = <R extends boolean>(f: Field<string, R>): Field<string, R> => ({ ...f, due: true });
/** Something has happened then: not in the future, and not before what `since` names. */
export const happened = <R extends boolean>(
  f: Field<string, R>,
  o: { since?: readonly string[]; origin?: true } = {},
): Field<string, R> => ({ ...f, claim: { is: 'happened', ...o } });
/** From then on something holds, or is planned to. */
export const begins = <R extends boolean>(f: Field<string, R>): Field<string, R> => ({
  ...f,
  claim: { is: 'begins' },
});
/** Until then something holds, or is planned to: not before the day in `from`. */
export const ends = <R extends boolean>(f: Field<string, R>, from?: string): Field<string, R> => ({
  ...f,
  claim: { is: 'ends', ...(from ? { from } : {}) },
});
/**
 * By then something is looked at again: somebody's work from then on. No later than the interval that `cap` names allows, counted from the day in
 * `from`, or from today.
 */
export const review = <R extends boolean>(
  f: Field<string, R>,
  o: { cap: string; from?: string },
): Field<string, R> => ({ ...f, due: true, claim: { is: 'review', ...o } });
/** By then somebody has promised something: somebody's work until then. */
export const agreed = <R extends boolean>(f: Field<string, R>): Field<string, R> => ({
  ...f,
  due: true,
  claim: { is: 'agreed' },
});
/** What the program itself saw or read; nobody claims it. */
export const recorded = (f: Field<string>): Field<string, false> => ({
  ...engine(f),
  claim: { is: 'recorded' },
});
/** What was so on a day, or whom a record is for; nobody takes the place of whoever leaves later. */
export const fact = <V, R extends boolean>(f: Field<V, R>): Field<V, R> => ({ ...f, fact: true });
/** Only the engine writes it (an importer, the gate). Never required of people. */
export const engine = <V>(f: Field<V>): Field<V, false> => ({
  ...f,
  required: false,
  optional: true,
  engine: true,
});

/** A link to records of another register; the compiler keeps to which, and what the way back is called. */
export interface Link<To extends string = string, Inverse extends string = string> {
  readonly to: To;
  readonly label: string;
  /** Name of the way back, shown on the other record. */
  readonly inverse: Inverse;
  readonly inverseLabel?: string;
  readonly help?: string;
  /** How many there must be at creation; `later` links wait for a transition. */
  readonly min: number;
  readonly max: number;
  readonly later: boolean;
  readonly material: boolean;
  readonly engine: boolean;
  /** Of a register to itself, where it means an order: nothing comes before itself, however far around. Circles are refused. */
  readonly acyclic: boolean;
  /** Nothing is linked anew that is in one of these states; `next` says why, and what to do instead. What is linked stays. */
  readonly shut?: { readonly states: readonly string[]; readonly next: string };
}

export function link<const To extends string, const Inverse extends string>(
  to: To,
  o: {
    label: string;
    inverse: Inverse;
    inverseLabel?: string;
    help?: string;
    min?: number;
    max?: number;
    later?: boolean;
    material?: boolean;
    engine?: boolean;
    acyclic?: boolean;
    shut?: Link['shut'];
  },
): Link<To, Inverse> {
  return { min: 0, max: 200, later: false, material: true, engine: false, acyclic: false, ...o, to };
}
