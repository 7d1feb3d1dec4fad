import type { Binding } from '../authority/binding.ts';
import type { Rec } from '../register/rec.ts';
import type { Registers } from '../registers/index.ts';
import type { Uses } from './uses.ts';

/** Somebody who is named by what was read. */
export interface PersonFacts {
  readonly name: string;
  /** From outside the organisation. */
  readonly guest?: boolean;
  readonly roles: readonly string[];
  readonly state: string;
}

/** When a step was taken last, and what the record said then. */
export interface Taken {
  /** RFC 3339. */
  readonly at: string;
  /** Contents by group; those that were erased since are absent. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** Groups that were erased since. */
  readonly erased: readonly string[];
}

/** The moment or state of the log that facts are of, where it is not the present. */
export interface FactsPoint {
  readonly log: number;
  readonly size: number;
  readonly at: string;
}

/** What the reader found. Maps hold exactly what was looked for: a record without decisions has an empty list, one that was not weighed has none. */
export interface Gathered {
  /** RFC 3339 in UTC: when, or of when. */
  readonly now: string;
  readonly point?: FactsPoint;
  /** The organisation's log as published before the reading. */
  readonly log: { readonly size: number; readonly root: string };
  /** References of the records at which the ways begin. */
  readonly subjects: readonly string[];
  readonly records: ReadonlyMap<string, Rec>;
  /** References by record and way (`Hop.key`), in the order of register and number; a way that was gone and led nowhere is an empty list. */
  readonly ways: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** Newest first. */
  readonly decisions: ReadonlyMap<string, readonly Rec<Registers['decision']>[]>;
  readonly authors: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Records of an earlier state of which contents were erased since. */
  readonly erased: ReadonlySet<string>;
  /** By `SYS-0001/step` and `SYS-0001/field`. */
  readonly taken: ReadonlyMap<string, Taken | undefined>;
  readonly since: ReadonlyMap<string, string | undefined>;
  readonly uses: Partial<Uses>;
  /** Values by `SYS-0001 2027-03-01T08:00:00.000Z`; undefined where the record was not there yet. */
  readonly versions: ReadonlyMap<string, Readonly<Record<string, unknown>> | undefined>;
  readonly people: Readonly<Record<string, PersonFacts>>;
  /** The newest criteria that were ever approved; whether they are in force their state says. */
  readonly criteria: Rec<Registers['criteria']> | undefined;
  /** The organisation is one person, guests left out. */
  readonly onePerson: boolean;
}
