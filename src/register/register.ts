import { enteredName } from './claim.ts';
import { date, type Field, immaterial, type Link, recorded } from './field.ts';
import type { Step } from './registry.ts';
import type { Role, Who } from './who.ts';

export { Registry, STEPS, type Step } from './registry.ts';

/** Kinds of decision a transition can record. Each is bound to the digest of what was decided on. */
export type DecisionKind = 'approve' | 'refuse' | 'accept' | 'waive' | 'acknowledge';

export type Fields = Readonly<Record<string, Field>>;
export type Links = Readonly<Record<string, Link>>;
export type Values<F extends Fields> = { [K in keyof F]?: F[K] extends Field<infer V> ? V : never };

export interface Transition<F extends Fields = Fields, L extends Links = Links, S extends string = string> {
  readonly label?: string;
  readonly from: S | readonly S[];
  readonly to: S;
  readonly by: Who | readonly Who[];
  /** Fields and links that must be filled in for it. */
  readonly requires?: readonly ((keyof F | keyof L) & string)[];
  /** More of them, for records whose field has one of these values. */
  readonly requiresOf?: readonly {
    readonly field: (keyof F | keyof L) & string;
    readonly is: readonly string[];
    readonly names: readonly ((keyof F | keyof L) & string)[];
  }[];
  /**
   * What it asks of the records that a link, or the way back of a link to here, leads to: that each of them is in one of these states, or so many are.
   * `next` says what to do where it is not so.
   */
  readonly linked?: readonly {
    readonly via: string;
    readonly states: readonly string[];
    readonly atLeast?: number;
    readonly where?: { readonly field: (keyof F | keyof L) & string; readonly is: readonly string[] };
    readonly next: string;
  }[];
  /** It says that something was done, which something has to show: see `Shown`. */
  readonly shown?: Shown;
  /**
   * Of those, what whoever decides found out, such as how many cases they looked at: given anew with the decision, and no edit of what is decided
   * on. Only immaterial fields.
   */
  readonly finds?: readonly ((keyof F | keyof L) & string)[];
  /** The person authenticates again; the entry says by which method. */
  readonly signed?: boolean;
  /** Not by whoever created the record or made its present version: nobody approves their own work. */
  readonly separate?: boolean;
  /** Writes a decision record in the same transaction, bound to the record's digest. */
  readonly decision?: DecisionKind;
  /** A reason must be given. */
  readonly reason?: boolean;
  /** Acceptances and waivers end: a date must be given, no later than the interval `cap` of the criteria in force allows. */
  readonly until?: { readonly cap: string };
  /**
   * So many different people must decide the same on the same content before the record moves; one unless told. It binds where the criteria in
   * force say that the organisation is a larger one; elsewhere one person decides.
   */
  readonly quorum?: number;
  /** Capacities in which somebody must have decided, in this order, before the next may. Each counts as one of the quorum. */
  readonly order?: readonly Who[];
  /**
   * The step is for records whose field has one of these values, or none of those; `from` narrows that to some of the states it is taken from. Of all
   * others is told `otherwise`, after the record's number.
   */
  readonly when?: {
    readonly field: (keyof F | keyof L) & string;
    readonly is?: readonly string[];
    readonly isNot?: readonly string[];
    readonly from?: readonly S[];
    readonly otherwise: string;
  };
  /** Where the field has one of these values, the step is for this role alone. */
  readonly onlyBy?: {
    readonly field: (keyof F | keyof L) & string;
    readonly is: readonly string[];
    readonly role: Role;
  };
  /** Not before so many days, which one field holds, after the day in another; `otherwise` may name fields in braces, and the day as `{from}`. */
  readonly after?: {
    readonly day: (keyof F | keyof L) & string;
    readonly days: (keyof F | keyof L) & string;
    readonly otherwise: string;
  };
  /** Several decide only where one of the records linked by `link` has one of these values; an empty value counts as one. */
  readonly severalWhere?: {
    readonly link: string;
    readonly field: string;
    readonly values: readonly string[];
  };
}

/** Records whose field has one of these values; true and false are those of a yes or no. */
export interface Where<Name extends string = string> {
  readonly field: Name;
  readonly is: readonly string[];
}

/**
 * What shows that something was done: evidence on the record, by whatever link it is there, or `by` what else, of which one has to count. Records count in these states, those
 * that take readings by their newest; `readings`: only the record's own do. Typed words alone never do. `next` says what to bring.
 */
export interface Shown {
  readonly by: 'readings' | readonly { readonly via: string; readonly states: readonly string[] }[];
  readonly next: string;
}

export type Linked = NonNullable<Transition['linked']>[number];

/** A day that lies between others: asked when it changes, and by these steps. */
export interface Within<Name extends string = string, T extends string = string> {
  readonly day: Name;
  /** The first day it may be, as a field says it or counted from today. */
  readonly from?: Name | { readonly days: number };
  /** The last. */
  readonly to?: { readonly days: number } | { readonly years: number };
  readonly where?: Where<Name>;
  readonly steps?: readonly T[];
  /** While a record is in its first state it may say any. */
  readonly drafts?: true;
}

/**
 * Records that an approval covers beside the record itself: a material change of one makes the approval stale. The targets of `link`; with
 * `inverse`, those that link to these targets by that way back (the components of the systems assessed). `where` and `states` narrow them.
 */
export interface Cover {
  readonly link: string;
  readonly inverse?: string;
  readonly where?: Readonly<Record<string, readonly string[]>>;
  readonly states?: readonly string[];
  /**
   * The version of the register's rule from which on decisions cover it, and the first that no longer does. A decision names the version it was
   * taken under and is weighed by that one: a cover is added with `since` and taken away with `until`, never by changing or deleting its line.
   */
  readonly since?: number;
  readonly until?: number;
  /** Covered by decisions, and no part of what the record consists of: test runs and gate decisions are about the record without it. */
  readonly beside?: boolean;
}

/** Something to start a record from: a title, what it serves, and the values it begins with. */
export interface Start {
  readonly id: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a value derived from a record's own values can be. */
type Computed = string | number | boolean | undefined;
export type Derived<F extends Fields> = Readonly<Record<string, (v: Values<F>) => Computed>>;

/** Clauses and controls by number, with what the register does for each, in our own words. */
export type Clauses = Readonly<Record<string, string>>;

export interface Declaration<
  N extends string,
  F extends Fields,
  L extends Links,
  S extends string,
  T extends string,
  D extends Derived<F>,
> {
  readonly name: N;
  readonly prefix: string;
  readonly step: Step;
  /** Where it stands among the registers of its step, smaller ones first; last unless told. */
  readonly place?: number;
  readonly label: { readonly one: string; readonly many: string };
  readonly purpose: string;
  readonly clauses: Clauses;
  readonly fields: F;
  readonly links: L;
  /** Computed from the record's own values, never edited. */
  readonly derived?: D;
  readonly derivedLabels?: { readonly [K in keyof D]?: string };
  readonly workflow: {
    /** The first is where a record begins. */
    readonly states: readonly S[];
    readonly transitions: Readonly<Record<T, Transition<F, L, NoInfer<S>>>>;
    /** In these states the record is not edited: reopen it, or make a new one. */
    readonly locked?: readonly NoInfer<S>[];
    /** In these states it is over and done: nothing is due any more, and whoever owned it is history. */
    readonly ended?: readonly NoInfer<S>[];
    /** Links that are only added to from a state on: what is there stays. */
    readonly growsFrom?: { readonly [K in keyof L & string]?: NoInfer<S> | readonly NoInfer<S>[] };
    /** Days that lie between others. */
    readonly within?: readonly Within<keyof F & string, NoInfer<T>>[];
    /** In these states another record may have the value that `unique` says occurs once. */
    readonly frees?: readonly NoInfer<S>[];
    /**
     * Fields and links that are settled from a state on, which is to say in it and in those listed after it; or in just the states of a list. Nobody
     * edits them there, by whatever door: what a state says of the record rests on them.
     */
    readonly fixedFrom?: {
      readonly [K in (keyof F | keyof L) & string]?: NoInfer<S> | readonly NoInfer<S>[];
    };
  };
  readonly permissions: {
    readonly read: Who | readonly Who[];
    readonly create: Who | readonly Who[];
    readonly edit: Who | readonly Who[];
  };
  /** Columns of the table, in order. `number` always comes first. */
  readonly columns: readonly ((keyof F | keyof L | keyof D | 'state' | 'updatedAt' | 'createdAt') & string)[];
  /** What an approval covers too: a change there makes it stale. */
  readonly covers?: readonly ((keyof L & string) | (Cover & { readonly link: keyof L & string }))[];
  /** A field of people who never see the record: those whom a concern is about. */
  readonly hiddenFrom?: keyof F & string;
  /** Documented information (`DI-03`) that these records are, by its number in the list of 62. */
  readonly documents?: readonly string[];
  /** A field whose value occurs once in the organisation. */
  readonly unique?: keyof F & string;
  /** The field that names the record; the first field unless told. */
  readonly title?: keyof F & string;
  /** What a record of it can be started from. */
  readonly starts?: readonly Start[];
  /** Values with which a record breaks no rule: what tests fill in where not every sample of the kind will do. */
  readonly sample?: Values<F>;
  /** Shown for a relative role, e.g. `{'system.approver': 'the approver of the AI system'}`. */
  readonly whoLabels?: Readonly<Record<string, string>>;
}

/** A register as the rest of the code sees it: shared code never asks which one it has. */
export interface Register {
  readonly name: string;
  readonly prefix: string;
  readonly step: Step;
  /** Where it stands among the registers of its step, smaller ones first; last unless told. */
  readonly place?: number;
  readonly label: { readonly one: string; readonly many: string };
  readonly purpose: string;
  readonly clauses: Clauses;
  readonly fields: Fields;
  readonly links: Links;
  readonly derived: Readonly<Record<string, (v: Record<string, unknown>) => Computed>>;
  readonly derivedLabels: Readonly<Record<string, string>>;
  readonly states: readonly string[];
  readonly transitions: Readonly<Record<string, Transition>>;
  readonly locked: readonly string[];
  readonly ended: readonly string[];
  readonly frees: readonly string[];
  /** By field or link, the states in which it is settled; see `fixedFrom`. */
  readonly fixed: Readonly<Record<string, readonly string[]>>;
  /** By link, the states in which it is only added to; see `growsFrom`. */
  readonly grows: Readonly<Record<string, readonly string[]>>;
  readonly within: readonly Within[];
  readonly permissions: {
    readonly read: readonly Who[];
    readonly create: readonly Who[];
    readonly edit: readonly Who[];
  };
  readonly columns: readonly string[];
  readonly covers: readonly Cover[];
  readonly hiddenFrom?: string;
  readonly documents: readonly string[];
  readonly unique?: string;
  readonly title: string;
  readonly starts: readonly Start[];
  readonly sample: Readonly<Record<string, unknown>>;
  readonly whoLabels: Readonly<Record<string, string>>;
}

/**
 * One register as its declaration says it: names and types of fields, links, derived values, states and steps are kept. It is a
 * `Register` for shared code; `Rec` in rec.ts says what a record of it looks like.
 */
export interface Declared<
  N extends string,
  F extends Fields,
  L extends Links,
  S extends string,
  T extends string,
  D extends Derived<F>,
> extends Register {
  readonly name: N;
  readonly fields: F;
  readonly links: L;
  readonly derived: { readonly [K in keyof D]: (v: Record<string, unknown>) => ReturnType<D[K]> };
  readonly states: readonly S[];
  readonly transitions: Readonly<Record<T, Transition<F, L, S>>>;
}

export const asList = <T>(x: T | readonly T[]): readonly T[] =>
  Array.isArray(x) ? (x as readonly T[]) : [x as T];

/**
 * Declares a register. A misspelt state, field, link or column is a compile error; what the compiler cannot see
 * (a link to no register, a `later` field nothing requires, an unreachable state) `checkRegisters` refuses at start.
 */
export function defineRegister<
  const N extends string,
  const F extends Fields,
  const L extends Links,
  const S extends string,
  const T extends string,
  const D extends Derived<F> = Record<never, never>,
>(d: Declaration<N, F, L, S, T, D>): Declared<N, F, L, S, T, D> {
  const { workflow, permissions, ...rest } = d;
  return {
    ...rest,
    fields: withEntryDays(d.fields),
    // The declaration's functions take the register's own values; shared code passes plain records of the same shape.
    derived: (d.derived ?? {}) as Declared<N, F, L, S, T, D>['derived'],
    derivedLabels: (d.derivedLabels ?? {}) as Record<string, string>,
    states: workflow.states,
    transitions: workflow.transitions,
    locked: workflow.locked ?? [],
    ended: workflow.ended ?? [],
    frees: workflow.frees ?? [],
    fixed: fixedStates(workflow.states, workflow.fixedFrom ?? {}),
    grows: fixedStates(workflow.states, workflow.growsFrom ?? {}),
    within: workflow.within ?? [],
    permissions: {
      read: asList(permissions.read),
      create: asList(permissions.create),
      edit: asList(permissions.edit),
    },
    covers: (d.covers ?? []).map((c): Cover => (typeof c === 'string' ? { link: c } : c)),
    documents: d.documents ?? [],
    title: d.title ?? Object.keys(d.fields)[0]!,
    starts: d.starts ?? [],
    sample: d.sample ?? {},
    whoLabels: d.whoLabels ?? {},
  };
}

/** Beside each day that says what happened, the day on which that was said: the engine fills it in where it is later. */
function withEntryDays<F extends Fields>(fields: F): F {
  const days = Object.entries(fields)
    .filter(([, f]) => f.claim?.is === 'happened')
    .map(([name, f]) => [enteredName(name), immaterial(recorded(date(`${f.label}: entered on`)))] as const);
  return { ...fields, ...Object.fromEntries(days) };
}

/** A state stands for itself and all that are listed after it; a list stands for what it names. */
const fixedStates = (
  states: readonly string[],
  from: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(from).map(([name, s]) => [
      name,
      typeof s === 'string' ? states.slice(states.indexOf(s)) : (s ?? []),
    ]),
  );

/** `RSK` and 42 -> `RSK-0042`. */
export const refOf = (register: Register, n: number): string =>
  `${register.prefix}-${String(n).padStart(4, '0')}`;
